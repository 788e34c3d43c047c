//! The write-behind queue in Redis: a line per partition, and what is pending shown by the entries themselves.

use super::{
    Durability, DurabilityLevel, RedisStore, SCRIPTS,
    answers::number,
    arguments::{millis, token_text, variant},
    error::nonsense,
    record::{self, Showing},
    refusal,
    scripts::StoredScript,
};
use crate::store::{
    Batch, Claim, Dead, Depth, EntryKey, Fingerprint, Fitness, NewWrite, Partition, Pending, Promise, Put,
    QueuedWrite, Replayed, Settled, Shown, Shows, StoreError, StoreFuture, Taken, Token, Waiting, WriteQueue,
};
use bytes::Bytes;
use futures_util::future::try_join_all;
use redis::{Cmd, Value};
use std::{sync::Arc, time::Duration};

/// How many writes one call of a script settles at most, so that it doesn't keep Redis from others for long.
const SETTLED_PER_CALL: usize = 500;
/// More than any partition holds, and a number that Redis understands.
const MOST_PEEKED: usize = 1 << 40;

impl RedisStore {
    async fn accept(&self, write: &NewWrite) -> Result<Put, StoreError> {
        const OPERATION: &str = "enqueue";
        let NewWrite { token, key, function, payload, shows, most, .. } = write;
        let partition = key.partition;
        let showing = Showing::of(write);
        let entry = match shows {
            Shows::Value(entry) => &entry[..],
            Shows::Absent | Shows::Delta => &[],
        };
        let mut call = SCRIPTS.enqueue.call(&[self.keys.queued_writes(partition)]);
        call.arg(&*self.origin).arg(&token.0.to_be_bytes());
        call.arg(self.keys.control_prefix(partition)).arg(self.keys.data_prefix(partition));
        call.arg(&*key.text).arg(&*key.template).arg(self.variants.of(&key.template));
        call.arg(showing.with_template(&key.template)).arg(entry);
        call.arg(&**function).arg(u8::from(write.is_whole())).arg(*most).arg(record::drops(&write.drops));
        call.arg(payload.len()).arg(record::constant(write, &showing));
        let mut answer = array(OPERATION, self.run(OPERATION, &SCRIPTS.enqueue, &call).await?)?;
        self.variants.told(answer.split_off(2.min(answer.len())));
        let mut answer = answer.into_iter();
        let mut next = || answer.next().ok_or_else(|| nonsense(OPERATION));
        Ok(match next()? {
            Value::Int(0) => Put::Queued(number(OPERATION, next()?)?),
            Value::Int(1) => Put::Coalesced(number(OPERATION, next()?)?),
            Value::Int(2) => Put::Full,
            Value::Int(3) => Put::Halted,
            Value::Int(4) => Put::Mixed,
            _ => return Err(nonsense(OPERATION)),
        })
    }

    async fn look_at(&self, key: &EntryKey) -> Result<Option<Pending>, StoreError> {
        const OPERATION: &str = "look";
        let mut call = SCRIPTS.look.call(&self.line(key.partition));
        call.arg(self.keys.control_prefix(key.partition)).arg(self.keys.data_prefix(key.partition));
        call.arg(&*key.text).arg(variant(key.fingerprint));
        let answer = array(OPERATION, self.run(OPERATION, &SCRIPTS.look, &call).await?)?;
        let mut answer = answer.into_iter();
        let Some(version) = answer.next() else { return Ok(None) };
        let mut next = || answer.next().ok_or_else(|| nonsense(OPERATION));
        let (version, flushed) = (number(OPERATION, version)?, number(OPERATION, next()?)?);
        let (moving, halted) = (next()? == Value::Int(1), next()? == Value::Int(1));
        let (kind, shown) = (text(OPERATION, next()?)?, text(OPERATION, next()?)?);
        let oldest = number(OPERATION, next()?)?;
        let shows = match &*kind {
            "v" => match answer.next() {
                Some(Value::BulkString(entry)) => Shown::Value(Bytes::from(entry)),
                // Of another variant, or somebody has deleted it.
                _ => {
                    let shown = u64::from_str_radix(&shown, 16).map_err(|_| nonsense(OPERATION))?;
                    Shown::Other(Fingerprint(shown))
                }
            },
            "a" => Shown::Absent,
            _ => {
                let writes = answer.map(|body| Ok(record::write(OPERATION, 0, body)?.payload));
                Shown::Deltas(writes.collect::<Result<_, StoreError>>()?)
            }
        };
        Ok(Some(Pending { version, flushed, oldest, moving, shows, halted }))
    }

    async fn claims(
        &self,
        operation: &'static str,
        holder: Token,
        lease: Option<Duration>,
        except: &[Partition],
    ) -> Result<Vec<Claim>, StoreError> {
        let calls = Partition::all().map(|partition| {
            let mut call = SCRIPTS.claim.call(&self.line(partition));
            call.arg(token_text(holder));
            match lease.filter(|_| !except.contains(&partition)) {
                Some(lease) => call.arg(millis(lease)),
                None => call.arg(-1),
            };
            call
        });
        let answers = self.run_all(operation, &SCRIPTS.claim, calls.collect()).await?;
        let claims = Partition::all().zip(answers).filter_map(|(partition, answer)| {
            let claim = array(operation, answer).and_then(|answer| claim(operation, partition, answer));
            claim.transpose()
        });
        claims.collect()
    }

    async fn peek_after(
        &self,
        partition: Partition,
        after: u64,
        most: usize,
    ) -> Result<Vec<Waiting>, StoreError> {
        const OPERATION: &str = "peek";
        let most = most.min(MOST_PEEKED);
        // Who flushes the partition halts its keys, so for it none is between the two commands; others who look may see a write that was given up just now.
        let mut pipe = redis::Pipeline::with_capacity(2);
        pipe.cmd("EXISTS").arg(self.keys.halted(partition));
        let order = pipe.cmd("XRANGE").arg(self.keys.order(partition));
        order.arg(format!("({after}-0")).arg("+").arg("COUNT").arg(most);
        let mut answers = self.link.send_all(OPERATION, &pipe).await?.into_iter();
        let (Some(halted), Some(order), None) = (answers.next(), answers.next(), answers.next()) else {
            return Err(nonsense(OPERATION));
        };
        if halted == Value::Int(0) {
            let order = array(OPERATION, order)?;
            return order.into_iter().map(|entry| record::entry(OPERATION, entry)).collect();
        }
        let mut call = SCRIPTS.peek.call(&self.line(partition));
        call.arg(after).arg(most);
        let answer = array(OPERATION, self.run(OPERATION, &SCRIPTS.peek, &call).await?)?;
        let mut answer = answer.into_iter();
        let mut waiting = Vec::with_capacity(answer.len() / 2);
        while let (Some(id), Some(pointer)) = (answer.next(), answer.next()) {
            waiting.push(record::pointer(OPERATION, number(OPERATION, id)?, pointer)?);
        }
        Ok(waiting)
    }

    async fn fetch_writes(&self, partition: Partition, ids: &[u64]) -> Result<Vec<QueuedWrite>, StoreError> {
        const OPERATION: &str = "fetch";
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut cmd = redis::cmd("HMGET");
        cmd.arg(self.keys.queued_writes(partition)).arg(ids);
        let bodies = array(OPERATION, self.link.send(OPERATION, &cmd).await?)?;
        let there = ids.iter().zip(bodies).filter(|(_, body)| *body != Value::Nil);
        there.map(|(id, body)| record::write(OPERATION, *id, body)).collect()
    }

    async fn take_batch(&self, claim: &Claim, ids: &[u64]) -> Result<Option<Taken>, StoreError> {
        const OPERATION: &str = "take";
        let mut call = SCRIPTS.take.call(&self.line(claim.partition));
        call.arg(claim.epoch);
        for id in ids {
            call.arg(*id);
        }
        let answer = array(OPERATION, self.run(OPERATION, &SCRIPTS.take, &call).await?)?;
        let mut answer = answer.into_iter();
        let Some(batch) = answer.next() else { return Ok(None) };
        let there = ids.iter().zip(answer).filter(|(_, body)| *body != Value::Nil);
        let writes = there.map(|(id, body)| record::write(OPERATION, *id, body)).collect::<Result<_, _>>()?;
        Ok(Some(Taken { number: number(OPERATION, batch)?, writes }))
    }

    /// In several calls if they are many. The batch is over with the last of them: should the claim be lost before it, the next
    /// holder finds the batch, and what is settled already is gone.
    async fn settle_all(
        &self,
        claim: &Claim,
        number: Option<u64>,
        settled: &[Settled],
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "settle";
        let mut rest = settled;
        loop {
            let some;
            (some, rest) = rest.split_at(record::alike(rest).min(SETTLED_PER_CALL));
            let mut call = SCRIPTS.settle.call(&self.line(claim.partition));
            call.arg(claim.epoch).arg(u8::from(rest.is_empty()));
            match number {
                Some(number) => call.arg(number),
                None => call.arg(""),
            };
            call.arg(self.keys.control_prefix(claim.partition)).arg(self.keys.data_prefix(claim.partition));
            record::settled(&mut call, some);
            if self.run(OPERATION, &SCRIPTS.settle, &call).await? != Value::Int(1) {
                return Ok(false);
            }
            if rest.is_empty() {
                return Ok(true);
            }
        }
    }

    async fn overtake_up_to(&self, key: &EntryKey, version: u64) -> Result<Vec<QueuedWrite>, StoreError> {
        const OPERATION: &str = "overtake";
        let mut call = SCRIPTS.overtake.call(&self.line(key.partition));
        call.arg(self.keys.control_prefix(key.partition)).arg(self.keys.data_prefix(key.partition));
        call.arg(&*key.text).arg(version);
        let mut answer = array(OPERATION, self.run(OPERATION, &SCRIPTS.overtake, &call).await?)?.into_iter();
        let mut overtaken = Vec::with_capacity(answer.len() / 2);
        while let (Some(id), Some(body)) = (answer.next(), answer.next()) {
            overtaken.push(record::write(OPERATION, number(OPERATION, id)?, body)?);
        }
        Ok(overtaken)
    }

    async fn all_depths(&self) -> Result<Vec<Depth>, StoreError> {
        const OPERATION: &str = "depths";
        let calls = Partition::all().map(|partition| SCRIPTS.depth.call(&self.line(partition)));
        let answers = self.run_all(OPERATION, &SCRIPTS.depth, calls.collect()).await?;
        let mut depths = Vec::new();
        for (partition, answer) in Partition::all().zip(answers) {
            let answer = array(OPERATION, answer)?;
            if answer.is_empty() {
                continue;
            }
            let [writes, oldest, newest, dead]: [Value; 4] =
                answer.try_into().map_err(|_| nonsense(OPERATION))?;
            let oldest = match oldest {
                Value::BulkString(none) if none.is_empty() => None,
                oldest => Some(number(OPERATION, oldest)?),
            };
            let (writes, dead) = (number(OPERATION, writes)?, number(OPERATION, dead)?);
            depths.push(Depth { partition, writes, oldest, newest: number(OPERATION, newest)?, dead });
        }
        Ok(depths)
    }

    async fn all_dead(&self) -> Result<Vec<Dead>, StoreError> {
        const OPERATION: &str = "dead";
        let mut pipe = redis::Pipeline::with_capacity(usize::from(Partition::COUNT));
        for partition in Partition::all() {
            pipe.cmd("HGETALL").arg(self.keys.dead_letters(partition));
        }
        let mut all = Vec::new();
        for (partition, answer) in Partition::all().zip(self.link.send_all(OPERATION, &pipe).await?) {
            let mut letters = Vec::new();
            for (id, body) in pairs(OPERATION, answer)? {
                letters.push(record::dead(OPERATION, partition, number(OPERATION, id)?, body)?);
            }
            letters.sort_by_key(|dead| dead.write.id);
            all.append(&mut letters);
        }
        Ok(all)
    }

    async fn replay_dead(&self, partition: Partition, id: u64) -> Result<Replayed, StoreError> {
        const OPERATION: &str = "replay";
        let [holds, writes] = self.line(partition);
        let mut call = SCRIPTS.replay.call(&[holds, writes, self.keys.variants(partition)]);
        call.arg(self.keys.control_prefix(partition)).arg(self.keys.data_prefix(partition)).arg(id);
        Ok(match self.run(OPERATION, &SCRIPTS.replay, &call).await? {
            Value::Int(0) => Replayed::Queued,
            Value::Int(1) => Replayed::Superseded,
            Value::Int(2) => Replayed::Gone,
            _ => return Err(nonsense(OPERATION)),
        })
    }

    async fn discard_dead(&self, partition: Partition, id: u64) -> Result<bool, StoreError> {
        let mut call = SCRIPTS.discard.call(&self.line(partition));
        call.arg(self.keys.control_prefix(partition)).arg(self.keys.data_prefix(partition)).arg(id);
        Ok(self.run("discard", &SCRIPTS.discard, &call).await? == Value::Int(1))
    }

    /// Holds and writes of a partition, as the queue's scripts expect them.
    fn line(&self, partition: Partition) -> [String; 2] {
        [self.keys.holds(partition), self.keys.queued_writes(partition)]
    }

    async fn run_all(
        &self,
        operation: &'static str,
        script: &StoredScript,
        calls: Vec<Cmd>,
    ) -> Result<Vec<Value>, StoreError> {
        try_join_all(calls.iter().map(|call| self.run(operation, script, call))).await
    }
}

fn claim(
    operation: &'static str,
    partition: Partition,
    answer: Vec<Value>,
) -> Result<Option<Claim>, StoreError> {
    let mut answer = answer.into_iter();
    let Some(epoch) = answer.next() else { return Ok(None) };
    let epoch = number(operation, epoch)?;
    let mut next = || answer.next().ok_or_else(|| nonsense(operation));
    let unfinished = match next().ok() {
        None => None,
        Some(batch) => Some(Batch {
            number: number(operation, batch)?,
            epoch: number(operation, next()?)?,
            function: text(operation, next()?)?,
            writes: ids_and_versions(&text(operation, next()?)?).ok_or_else(|| nonsense(operation))?,
        }),
    };
    Ok(Some(Claim { partition, epoch, unfinished }))
}

fn ids_and_versions(text: &str) -> Option<Vec<(u64, u64)>> {
    let mut words = text.split_ascii_whitespace();
    let mut writes = Vec::new();
    while let Some(id) = words.next() {
        writes.push((id.parse().ok()?, words.next()?.parse().ok()?));
    }
    Some(writes)
}

fn array(operation: &'static str, answer: Value) -> Result<Vec<Value>, StoreError> {
    let Value::Array(answer) = answer else { return Err(nonsense(operation)) };
    Ok(answer)
}

/// The fields of a hash, in either protocol.
fn pairs(operation: &'static str, answer: Value) -> Result<Vec<(Value, Value)>, StoreError> {
    match answer {
        Value::Map(pairs) => Ok(pairs),
        Value::Array(values) => {
            let mut values = values.into_iter();
            let mut pairs = Vec::with_capacity(values.len() / 2);
            while let (Some(field), Some(value)) = (values.next(), values.next()) {
                pairs.push((field, value));
            }
            Ok(pairs)
        }
        _ => Err(nonsense(operation)),
    }
}

fn text(operation: &'static str, value: Value) -> Result<Arc<str>, StoreError> {
    let Value::BulkString(text) = value else { return Err(nonsense(operation)) };
    String::from_utf8(text).map(Into::into).map_err(|_| nonsense(operation))
}

impl WriteQueue for RedisStore {
    fn enqueue<'a>(&'a self, write: &'a NewWrite) -> StoreFuture<'a, Put> {
        Box::pin(self.accept(write))
    }

    fn look<'a>(&'a self, key: &'a EntryKey) -> StoreFuture<'a, Option<Pending>> {
        Box::pin(self.look_at(key))
    }

    fn claim<'a>(
        &'a self,
        holder: Token,
        lease: Duration,
        except: &'a [Partition],
    ) -> StoreFuture<'a, Vec<Claim>> {
        Box::pin(self.claims("claim", holder, Some(lease), except))
    }

    fn yield_claims(&self, holder: Token) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.claims("yield_claims", holder, None, &[]).await.map(drop) })
    }

    fn peek(&self, partition: Partition, after: u64, most: usize) -> StoreFuture<'_, Vec<Waiting>> {
        Box::pin(self.peek_after(partition, after, most))
    }

    fn fetch<'a>(&'a self, partition: Partition, ids: &'a [u64]) -> StoreFuture<'a, Vec<QueuedWrite>> {
        Box::pin(self.fetch_writes(partition, ids))
    }

    fn take<'a>(&'a self, claim: &'a Claim, ids: &'a [u64]) -> StoreFuture<'a, Option<Taken>> {
        Box::pin(self.take_batch(claim, ids))
    }

    fn settle<'a>(
        &'a self,
        claim: &'a Claim,
        number: Option<u64>,
        settled: &'a [Settled],
    ) -> StoreFuture<'a, bool> {
        Box::pin(self.settle_all(claim, number, settled))
    }

    fn overtake<'a>(&'a self, key: &'a EntryKey, version: u64) -> StoreFuture<'a, Vec<QueuedWrite>> {
        Box::pin(self.overtake_up_to(key, version))
    }

    fn depths(&self) -> StoreFuture<'_, Vec<Depth>> {
        Box::pin(self.all_depths())
    }

    fn dead(&self) -> StoreFuture<'_, Vec<Dead>> {
        Box::pin(self.all_dead())
    }

    fn replay(&self, partition: Partition, id: u64) -> StoreFuture<'_, Replayed> {
        Box::pin(self.replay_dead(partition, id))
    }

    fn discard(&self, partition: Partition, id: u64) -> StoreFuture<'_, bool> {
        Box::pin(self.discard_dead(partition, id))
    }

    fn fitness(&self, promise: Promise, assumed: bool) -> Fitness {
        let level = match promise {
            Promise::Received => DurabilityLevel::Redis,
            Promise::OnDisk => DurabilityLevel::RedisFsync,
        };
        let found = self.durability();
        match (refusal(level, &found), found) {
            (None, _) => Fitness::Fit,
            (Some(_), Durability::Forbidden) if assumed => Fitness::Fit,
            (Some(why), Durability::Unverified) => {
                self.refusal().map_or(Fitness::Unverified(why), Fitness::Unfit)
            }
            (Some(why), Durability::Known(facts)) if facts.is_first_rewrite_alone(level) => {
                // It will be over.
                self.link.want_durability(level);
                Fitness::Unverified(why)
            }
            (Some(why), Durability::Forbidden | Durability::Known(_)) => {
                self.link.want_durability(level);
                Fitness::Unfit(why)
            }
        }
    }
}
