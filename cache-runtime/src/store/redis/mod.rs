//! Entries in Redis, shared by all processes of a fleet.

mod answers;
mod arguments;
mod clear;
mod durability;
mod error;
mod follow;
mod keeper;
mod link;
mod names;
mod options;
mod queue;
mod record;
mod scan;
mod scripts;
mod tags;
mod variants;

pub use durability::{Durability, DurabilityFacts, DurabilityLevel, refusal};
pub use names::{NamespaceError, PhysicalKeys};
pub use options::{RedisConfigError, RedisOptions};

use super::{
    Clear, Cursor, Ear, Ended, EntryKey, Fill, FillOutcome, Lookup, Partition, Pulse, Read, Scanned, Seen,
    Store, StoreError, StoreFuture, Target, Token, Told, WriteQueue, Written,
};
use answers::{entry, last, lookup, number, stamp, time_of};
use arguments::{by_partition, digits, member, millis, partition_keys, token_text, variant};
use error::{is_missing_script, nonsense, store_error};
use futures_util::future::try_join_all;
use link::{Link, State};
use redis::{Cmd, Value};
use scripts::{SCRIPTS, StoredScript};
use std::{fmt, sync::Arc, time::Duration};
use tokio::runtime::Handle;
use variants::Variants;

/// A namespace in Redis 7.0 or later, standalone.
///
/// It connects by itself, in the background, and again after every loss; while there is no connection operations end with
/// [`StoreErrorKind::Connection`](super::StoreErrorKind::Connection). If the namespace in Redis was made with another format they
/// end with [`StoreErrorKind::Refused`](super::StoreErrorKind::Refused). It has no deadlines: wrap it in [`Guarded`](super::Guarded).
///
/// An operation whose future is dropped may still be carried out.
pub struct RedisStore {
    link: Link,
    keys: Arc<PhysicalKeys>,
    options: RedisOptions,
    /// Tells what this store has changed from what others have.
    origin: Arc<str>,
    variants: Variants,
}

impl RedisStore {
    /// A store whose connection lives on `runtime`; doesn't wait for it, so Redis need not be there.
    #[expect(clippy::needless_pass_by_value, reason = "a handle is handed over, like the options")]
    pub fn new(options: RedisOptions, runtime: Handle) -> Self {
        let keys = options.keys.clone();
        let origin = format!("{:016x}", fastrand::u64(..)).into();
        Self {
            link: Link::new(options.clone(), &runtime),
            keys,
            options,
            origin,
            variants: Variants::default(),
        }
    }

    /// Waits until Redis is connected and its namespace verified, at most for `time`; tells whether it is.
    pub fn connected(&self, time: Duration) -> impl Future<Output = bool> + Send + 'static {
        link::settle(self.link.watch(), time)
    }

    /// Why the namespace was refused, if it was.
    pub fn refusal(&self) -> Option<String> {
        match &*self.link.watch().borrow() {
            State::Refused(reason) => Some(reason.to_string()),
            State::Connecting | State::Up(_) | State::Down(_) => None,
        }
    }

    /// What is known of how safely Redis keeps what it has acknowledged; asked at every connection, and again while a queue is refused for it.
    pub fn durability(&self) -> Durability {
        self.link.durability()
    }

    /// What the keys of this namespace are called.
    pub fn keys(&self) -> &PhysicalKeys {
        &self.keys
    }

    /// Calls a script, loading it first if Redis has forgotten it.
    async fn run(
        &self,
        operation: &'static str,
        script: &StoredScript,
        call: &Cmd,
    ) -> Result<Value, StoreError> {
        match self.link.try_send(operation, call).await? {
            Err(error) if is_missing_script(&error) => {
                self.link.send(operation, &script.load()).await?;
                self.link.send(operation, call).await
            }
            answer => answer.and_then(Value::extract_error).map_err(|error| store_error(operation, error)),
        }
    }

    async fn read_one(&self, key: &EntryKey) -> Result<Vec<Read>, StoreError> {
        let mut cmd = Cmd::with_capacity(2, 3 + self.keys.data_len(key));
        cmd.arg("GET");
        self.keys.write_data(&mut cmd, key);
        let entry = entry("read", self.link.send("read", &cmd).await?)?;
        Ok(vec![Read { entry, stamps: Vec::new() }])
    }

    async fn read_many(&self, keys: &[EntryKey]) -> Result<Vec<Read>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let bytes: usize = keys.iter().map(|key| self.keys.data_len(key)).sum();
        let mut cmd = Cmd::with_capacity(1 + keys.len(), 4 + bytes);
        cmd.arg("MGET");
        for key in keys {
            self.keys.write_data(&mut cmd, key);
            for group in &key.groups {
                cmd.arg(self.keys.generation(group));
            }
        }
        let Value::Array(values) = self.link.send("read", &cmd).await? else { return Err(nonsense("read")) };
        let mut values = values.into_iter();
        let mut next = || values.next().ok_or_else(|| nonsense("read"));
        let mut reads = Vec::with_capacity(keys.len());
        for key in keys {
            let entry = entry("read", next()?)?;
            let stamps = key.groups.iter().map(|_| stamp("read", next()?)).collect::<Result<_, _>>()?;
            reads.push(Read { entry, stamps });
        }
        Ok(reads)
    }

    async fn acquire_unless(
        &self,
        key: &EntryKey,
        seen: Option<&Seen>,
        token: Token,
        lease: Duration,
    ) -> Result<Lookup, StoreError> {
        const OPERATION: &str = "acquire";
        let mut call = SCRIPTS.acquire.call(&self.keys_of(key));
        call.arg(token_text(token)).arg(millis(lease));
        match seen.map(Seen::parts) {
            Some((length, head)) => call.arg(length).arg(head),
            None => call.arg(-1).arg(""),
        };
        call.arg(&*key.text);
        for group in &key.groups {
            call.arg(fastrand::u64(1..)).arg(&*group.text);
        }
        lookup(OPERATION, self.run(OPERATION, &SCRIPTS.acquire, &call).await?)
    }

    async fn fill_leased(&self, key: &EntryKey, fill: Fill) -> Result<FillOutcome, StoreError> {
        if fill.stamps.len() != key.groups.len() {
            return Ok(FillOutcome::Refused);
        }
        let mut call = SCRIPTS.fill.call(&self.keys_of(key));
        // A ttl below a millisecond would mean none at all.
        let ttl = fill.ttl.map_or(0, |ttl| millis(ttl).max(1));
        call.arg(token_text(fill.token)).arg(fill.epoch).arg(ttl).arg(&*fill.entry);
        call.arg(&*key.template).arg(variant(key.fingerprint)).arg(digits(fill.version)).arg(&*key.text);
        for (group, stamp) in key.groups.iter().zip(&fill.stamps) {
            call.arg(stamp.0).arg(&*group.text);
        }
        Ok(match self.run("fill", &SCRIPTS.fill, &call).await? {
            Value::Int(1) => {
                self.variants.stored(&key.template, &variant(key.fingerprint));
                FillOutcome::Stored
            }
            _ => FillOutcome::Refused,
        })
    }

    /// Data, control, holds, epoch, variants and generations, as the scripts expect them.
    fn keys_of(&self, key: &EntryKey) -> Vec<String> {
        let partition = key.partition;
        let mut keys = vec![
            self.keys.data_of(key),
            self.keys.lease(&key.text, partition),
            self.keys.holds(partition),
            self.keys.epoch(partition),
            self.keys.variants(partition),
        ];
        keys.extend(key.groups.iter().map(|group| self.keys.generation(group)));
        keys
    }

    /// Drops, and with a time announces.
    async fn drop_all(
        &self,
        operation: &'static str,
        targets: &[Target],
        announced: Option<(Token, Duration)>,
    ) -> Result<Told, StoreError> {
        let chunks = by_partition(targets, Target::partition);
        let calls = chunks.iter().map(|(partition, targets)| {
            let (token, time) = announced.unwrap_or((Token(0), Duration::ZERO));
            let time = announced.map_or(0, |_| millis(time).max(1));
            let mut call = SCRIPTS.drop.call(&partition_keys(&self.keys, *partition));
            call.arg(&*self.origin).arg(token_text(token)).arg(time);
            call.arg(self.keys.data_prefix(*partition)).arg(self.keys.control_prefix(*partition));
            for target in targets {
                self.write_target(&mut call, target);
            }
            call
        });
        let calls: Vec<Cmd> = calls.collect();
        let answers = try_join_all(calls.iter().map(|call| self.run(operation, &SCRIPTS.drop, call))).await?;
        let mut times = Vec::with_capacity(answers.len());
        for answer in answers {
            let Value::Array(mut answer) = answer else { return Err(nonsense(operation)) };
            self.variants.told(answer.split_off(1.min(answer.len())));
            times.append(&mut answer);
        }
        last(operation, times)
    }

    async fn extend_all(
        &self,
        targets: &[Target],
        token: Token,
        intent: Duration,
    ) -> Result<bool, StoreError> {
        let chunks = by_partition(targets, Target::partition);
        let calls = chunks.iter().map(|(partition, targets)| {
            let mut call = SCRIPTS.extend.call(&[self.keys.holds(*partition)]);
            call.arg(token_text(token)).arg(millis(intent).max(1));
            for target in targets {
                call.arg(member(target));
            }
            call
        });
        let calls: Vec<Cmd> = calls.collect();
        let answers =
            try_join_all(calls.iter().map(|call| self.run("extend", &SCRIPTS.extend, call))).await?;
        Ok(answers.iter().all(|answer| *answer == Value::Int(1)))
    }

    /// Kind, text, template, known variants and version, as the scripts expect them.
    fn write_target(&self, call: &mut Cmd, target: &Target) {
        match target {
            Target::Key { text, template, version, .. } => {
                call.arg("k").arg(&**text).arg(&**template);
                call.arg(self.variants.of(template)).arg(digits(*version))
            }
            Target::Group(group) => call.arg("g").arg(&*group.text).arg("").arg("").arg(""),
        };
    }

    async fn end_all(&self, written: &[Written], token: Token) -> Result<(Vec<Ended>, Told), StoreError> {
        const OPERATION: &str = "end";
        let numbered: Vec<_> = written.iter().enumerate().collect();
        let chunks = by_partition(&numbered, |(_, written)| written.target.partition());
        let calls = chunks.iter().map(|(partition, written)| {
            let mut call = SCRIPTS.end.call(&partition_keys(&self.keys, *partition));
            call.arg(&*self.origin).arg(token_text(token));
            call.arg(self.keys.data_prefix(*partition)).arg(self.keys.control_prefix(*partition));
            for (_, written) in written {
                self.write_target(&mut call, &written.target);
                match &written.kept {
                    None => call.arg("").arg(0).arg(0).arg(""),
                    Some(kept) => call
                        .arg(variant(kept.fingerprint))
                        .arg(kept.epoch)
                        .arg(kept.ttl.map_or(0, |ttl| millis(ttl).max(1)))
                        .arg(&*kept.entry),
                };
            }
            call
        });
        let calls: Vec<Cmd> = calls.collect();
        let answers = try_join_all(calls.iter().map(|call| self.run(OPERATION, &SCRIPTS.end, call))).await?;
        let mut ended = vec![Ended { intact: false, stored: false }; written.len()];
        let mut told = Vec::with_capacity(answers.len());
        for ((_, chunk), answer) in chunks.iter().zip(answers) {
            let Value::Array(mut answer) = answer else { return Err(nonsense(OPERATION)) };
            self.variants.told(answer.split_off((1 + chunk.len()).min(answer.len())));
            let mut answer = answer.into_iter();
            told.extend(answer.next());
            for ((at, _), bits) in chunk.iter().zip(answer) {
                let bits: u8 = number(OPERATION, bits)?;
                if let Some(ended) = ended.get_mut(*at) {
                    *ended = Ended { intact: bits & 1 != 0, stored: bits & 2 != 0 };
                }
            }
        }
        Ok((ended, last(OPERATION, told)?))
    }
}

impl Store for RedisStore {
    fn read<'a>(&'a self, keys: &'a [EntryKey]) -> StoreFuture<'a, Vec<Read>> {
        match keys {
            [key] if key.groups.is_empty() => Box::pin(self.read_one(key)),
            keys => Box::pin(self.read_many(keys)),
        }
    }

    fn acquire<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, Lookup> {
        Box::pin(self.acquire_unless(key, None, token, lease))
    }

    fn acquire_over<'a>(
        &'a self,
        key: &'a EntryKey,
        seen: &'a Seen,
        token: Token,
        lease: Duration,
    ) -> StoreFuture<'a, Lookup> {
        Box::pin(self.acquire_unless(key, Some(seen), token, lease))
    }

    fn renew<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let [holds, epoch, _] = partition_keys(&self.keys, key.partition);
            let mut call = SCRIPTS.renew.call(&[self.keys.lease(&key.text, key.partition), holds, epoch]);
            call.arg(token_text(token)).arg(millis(lease));
            Ok(self.run("renew", &SCRIPTS.renew, &call).await? == Value::Int(1))
        })
    }

    fn fill<'a>(&'a self, key: &'a EntryKey, fill: Fill) -> StoreFuture<'a, FillOutcome> {
        Box::pin(self.fill_leased(key, fill))
    }

    fn release<'a>(&'a self, key: &'a EntryKey, token: Token) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let keys = [self.keys.lease(&key.text, key.partition), self.keys.holds(key.partition)];
            let mut call = SCRIPTS.release.call(&keys);
            call.arg(token_text(token));
            self.run("release", &SCRIPTS.release, &call).await.map(drop)
        })
    }

    fn invalidate<'a>(&'a self, targets: &'a [Target], hold: Option<Duration>) -> StoreFuture<'a, Told> {
        Box::pin(self.drop_all("invalidate", targets, hold.map(|hold| (Token(0), hold))))
    }

    fn begin<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.drop_all("begin", targets, Some((token, intent))).await.map(|_| ()) })
    }

    fn extend<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, bool> {
        Box::pin(self.extend_all(targets, token, intent))
    }

    fn end<'a>(&'a self, written: &'a [Written], token: Token) -> StoreFuture<'a, (Vec<Ended>, Told)> {
        Box::pin(self.end_all(written, token))
    }

    fn clear<'a>(&'a self, scope: &'a Clear) -> StoreFuture<'a, (u64, Told)> {
        Box::pin(self.clear_scope(scope))
    }

    fn scan<'a>(&'a self, prefix: &'a str, from: Option<&'a Cursor>) -> StoreFuture<'a, Scanned> {
        Box::pin(self.scan_keys(prefix, from))
    }

    fn queue(&self) -> Option<&dyn WriteQueue> {
        Some(self)
    }

    fn pulse(&self) -> StoreFuture<'_, Pulse> {
        Box::pin(async move {
            const OPERATION: &str = "pulse";
            let mut epochs = redis::cmd("MGET");
            for partition in Partition::all() {
                epochs.arg(self.keys.epoch(partition));
            }
            let mut both = redis::Pipeline::new();
            both.add_command(redis::cmd("TIME")).add_command(epochs);
            let answers: [Value; 2] =
                self.link.send_all(OPERATION, &both).await?.try_into().map_err(|_| nonsense(OPERATION))?;
            let [time, Value::Array(epochs)] = answers else { return Err(nonsense(OPERATION)) };
            let time = time_of(OPERATION, time)?;
            let epochs = epochs
                .into_iter()
                .map(|epoch| if epoch == Value::Nil { Ok(0) } else { number(OPERATION, epoch) })
                .collect::<Result<_, _>>()?;
            Ok(Pulse::new(time, epochs))
        })
    }

    fn follow(&self, ear: Arc<dyn Ear>) -> StoreFuture<'_, ()> {
        Box::pin(follow::follow(&self.options, self.origin.clone(), ear))
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("keys", &self.keys)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}
