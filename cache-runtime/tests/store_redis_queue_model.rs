//! Do the scripts of the write-behind queue answer like the reference, mixed with all that reads and writes the same keys?

mod store;

use bytes::Bytes;
use cache_runtime::store::{
    Claim, Clear, EntryKey, Fill, Fingerprint, Group, Kept, Lookup, MemoryStore, NewWrite, Partition,
    Pending, Put, Seen, Settled, Shows, Store, StoreError, Target, Token, Version, Written,
};
use proptest::prelude::*;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use store::{ask, held, outside};
use test_servers::Redis;

const HOUR: Duration = Duration::from_hours(1);
const KEYS: usize = 4;

#[derive(Clone, Debug)]
enum Step {
    Enqueue { key: usize, token: u8, function: u8, shows: u8, ttl: u8, coalesce: bool, drops: u8, most: u64 },
    Claim { holder: u8, expires: bool },
    Yield { holder: u8 },
    Take { claim: usize, which: u8 },
    Settle { claim: usize, batch: usize, numbered: bool, outcomes: Vec<u8> },
    Overtake { key: usize, version: usize },
    Replay { dead: usize },
    Discard { dead: usize },
    Acquire { key: usize, token: u8, over: Option<u8> },
    Fill { key: usize, token: u8 },
    Invalidate { key: usize, hold: bool },
    Begin { key: usize, writer: u8 },
    End { key: usize, writer: u8, version: u8, kept: bool },
    Lose { key: usize, writer: u8 },
    ClearPrefix,
    ClearNamespace,
}

/// Two keys of one partition, the first in two variants, and one of another.
fn key(n: usize) -> EntryKey {
    let text = ["session:1", "session:1", "session:2", "session:3"][n];
    EntryKey {
        text: text.into(),
        partition: Partition::of(if n == 3 { "b" } else { "a" }),
        template: "session:<id>".into(),
        fingerprint: Fingerprint(if n == 1 { 2 } else { 1 }),
        groups: Vec::new(),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let key = || prop_oneof![5 => Just(0_usize), 4 => 1..KEYS];
    let shows = prop_oneof![12 => 0..3_u8, 2 => Just(3_u8), 1 => Just(4_u8)];
    let most = prop_oneof![8 => Just(100_u64), 1 => 0..4_u64];
    let enqueue = (key(), 0..60_u8, 0..2_u8, shows, 0..3_u8, prop::bool::weighted(0.7), 0..3_u8, most);
    prop_oneof![
        16 => enqueue.prop_map(|(key, token, function, shows, ttl, coalesce, drops, most)| {
            Step::Enqueue { key, token, function, shows, ttl, coalesce, drops, most }
        }),
        6 => (0..2_u8, prop::bool::weighted(0.2)).prop_map(|(holder, expires)| Step::Claim { holder, expires }),
        1 => (0..2_u8).prop_map(|holder| Step::Yield { holder }),
        7 => (0..3_usize, any::<u8>()).prop_map(|(claim, which)| Step::Take { claim, which }),
        8 => (0..3_usize, 0..3_usize, prop::bool::weighted(0.8), prop::collection::vec(0..10_u8, 8))
            .prop_map(|(claim, batch, numbered, outcomes)| Step::Settle { claim, batch, numbered, outcomes }),
        1 => (key(), 0..6_usize).prop_map(|(key, version)| Step::Overtake { key, version }),
        4 => (0..3_usize).prop_map(|dead| Step::Replay { dead }),
        2 => (0..3_usize).prop_map(|dead| Step::Discard { dead }),
        3 => (key(), 0..2_u8, prop::option::of(0..5_u8))
            .prop_map(|(key, token, over)| Step::Acquire { key, token, over }),
        3 => (key(), 0..2_u8).prop_map(|(key, token)| Step::Fill { key, token }),
        1 => (key(), prop::bool::weighted(0.3)).prop_map(|(key, hold)| Step::Invalidate { key, hold }),
        3 => (key(), 1..3_u8).prop_map(|(key, writer)| Step::Begin { key, writer }),
        4 => (key(), 1..3_u8, 0..3_u8, prop::bool::weighted(0.8))
            .prop_map(|(key, writer, version, kept)| Step::End { key, writer, version, kept }),
        1 => (key(), 0..3_u8).prop_map(|(key, writer)| Step::Lose { key, writer }),
        1 => Just(Step::ClearPrefix),
        1 => Just(Step::ClearNamespace),
    ]
}

/// An entry that is pending, or not.
fn entry(content: u8, pending: bool) -> Bytes {
    let mut entry = format!("mf?s the header and the payload {content}").into_bytes();
    entry[3] = if pending { 3 } else { 1 };
    entry.into()
}

fn target(n: usize, version: u8) -> Target {
    let EntryKey { text, partition, template, .. } = key(n);
    Target::Key { text, partition, template, version: Version::new(version.into()) }
}

fn drops(n: u8) -> Vec<Target> {
    let group = Target::Group(Group { text: "browse: 1:2".into(), partition: Partition::of("c") });
    [vec![], vec![group.clone()], vec![target(2, 7), group]][usize::from(n)].clone()
}

/// A store, and what it has told. Its numbers are its own, so they are compared by the order in which they were seen first.
struct Side<'a> {
    store: &'a dyn Store,
    grants: HashMap<(Arc<str>, u8), u32>,
    claims: Vec<Claim>,
    /// Number and writes of each.
    batches: Vec<(u64, Vec<(u64, u64)>)>,
    dead: Vec<(Partition, u64)>,
    numbers: Vec<u64>,
    epochs: Vec<(Partition, u64)>,
}

impl<'a> Side<'a> {
    fn new(store: &'a dyn Store) -> Self {
        Self {
            store,
            grants: HashMap::new(),
            claims: Vec::new(),
            batches: Vec::new(),
            dead: Vec::new(),
            numbers: vec![0],
            epochs: Vec::new(),
        }
    }

    fn name(&mut self, number: u64) -> usize {
        nth(&mut self.numbers, number)
    }

    /// Those seen last come first.
    fn recent<T: Clone>(all: &[T], n: usize) -> Option<T> {
        all.iter().rev().nth(n).cloned()
    }

    async fn take(&mut self, step: &Step) -> Result<String, StoreError> {
        let store = self.store;
        let queue = store.queue().expect("it has a queue");
        let named = |token: u8| Token(u128::from(token) + 1);
        Ok(match step {
            Step::Enqueue { key: n, token, function, shows, ttl, coalesce, drops: dropped, most } => {
                let write = NewWrite {
                    token: named(*token),
                    key: key(*n),
                    function: ["save", "touch 2"][usize::from(*function)].into(),
                    payload: format!("\0{token} {shows}").into(),
                    shows: match shows {
                        3 => Shows::Absent,
                        4 => Shows::Delta,
                        content => Shows::Value(entry(*content, true)),
                    },
                    ttl: [None, Some(Duration::ZERO), Some(HOUR)][usize::from(*ttl)],
                    coalesce: *coalesce,
                    drops: drops(*dropped),
                    most: *most,
                };
                match queue.enqueue(&write).await? {
                    Put::Queued(version) => format!("queued {}", self.name(version)),
                    Put::Coalesced(version) => format!("coalesced {}", self.name(version)),
                    other => format!("{other:?}"),
                }
            }
            Step::Claim { holder, expires } => {
                let lease = if *expires { Duration::ZERO } else { HOUR };
                let claims = queue.claim(named(*holder), lease, &[]).await?;
                let mut answer = Vec::new();
                for claim in claims {
                    let epoch = nth(&mut self.epochs, (claim.partition, claim.epoch));
                    let batch = claim.unfinished.as_ref().map(|batch| {
                        let writes: Vec<_> =
                            batch.writes.iter().map(|(id, v)| (self.name(*id), self.name(*v))).collect();
                        let epoch = nth(&mut self.epochs, (claim.partition, batch.epoch));
                        (self.name(batch.number), epoch, batch.function.clone(), writes)
                    });
                    answer.push((claim.partition, epoch, batch));
                    if let Some(batch) = &claim.unfinished {
                        self.batches.push((batch.number, batch.writes.clone()));
                    }
                    self.claims.push(claim);
                }
                format!("{answer:?}")
            }
            Step::Yield { holder } => {
                queue.yield_claims(named(*holder)).await?;
                String::new()
            }
            Step::Take { claim, which } => {
                let Some(claim) = Self::recent(&self.claims, *claim) else { return Ok(String::new()) };
                let waiting = queue.peek(claim.partition, 0, 8).await?;
                let mut ids: Vec<_> = waiting.iter().map(|write| write.id).collect();
                let mut bit = 0;
                ids.retain(|_| {
                    bit += 1;
                    which >> (bit - 1) & 1 == 1
                });
                // One that isn't there.
                ids.push(1);
                let taken = queue.take(&claim, &ids).await?;
                let taken = taken.map(|taken| {
                    let batch = taken.writes.iter().map(|write| (write.id, write.version)).collect();
                    self.batches.push((taken.number, batch));
                    let writes: Vec<_> = taken.writes.into_iter().map(|write| self.known(write)).collect();
                    (self.name(taken.number), writes)
                });
                format!("{taken:?}")
            }
            Step::Settle { claim, batch, numbered, outcomes } => {
                let Some(claim) = Self::recent(&self.claims, *claim) else { return Ok(String::new()) };
                let (number, batch) = Self::recent(&self.batches, *batch).unwrap_or_default();
                let settled = batch.into_iter().zip(outcomes).filter_map(|((id, version), outcome)| {
                    Some(match outcome {
                        0 => return None,
                        1 => Settled::Failed { id, version },
                        2 | 3 => Settled::Dead { id, version, error: "no: 1 2".to_owned(), halt: false },
                        4 => Settled::Dead { id, version, error: String::new(), halt: true },
                        _ => Settled::Done { id, version },
                    })
                });
                let settled: Vec<_> = settled.collect();
                queue.settle(&claim, numbered.then_some(number), &settled).await?.to_string()
            }
            Step::Overtake { key: n, version } => {
                let version = self.numbers.iter().rev().nth(*version).copied().unwrap_or_default();
                queue.overtake(&key(*n), version).await.map(overtaken)?
            }
            Step::Replay { dead } => {
                let Some((partition, id)) = Self::recent(&self.dead, *dead) else { return Ok(String::new()) };
                format!("{:?}", queue.replay(partition, id).await?)
            }
            Step::Discard { dead } => {
                let Some((partition, id)) = Self::recent(&self.dead, *dead) else { return Ok(String::new()) };
                format!("{:?}", queue.discard(partition, id).await?)
            }
            other => self.of_the_store(other).await?,
        })
    }

    /// The steps that aren't the queue's.
    async fn of_the_store(&mut self, step: &Step) -> Result<String, StoreError> {
        let store = self.store;
        let named = |token: u8| Token(u128::from(token) + 1);
        Ok(match step {
            Step::Acquire { key: n, token, over } => {
                let seen = over.map(|content| Seen::new(&entry(content, content < 3)));
                let lookup = match &seen {
                    None => store.acquire(&key(*n), named(*token), HOUR).await?,
                    Some(seen) => store.acquire_over(&key(*n), seen, named(*token), HOUR).await?,
                };
                match lookup {
                    Lookup::Granted { epoch, .. } => {
                        self.grants.insert((key(*n).text, *token), epoch);
                        "granted".to_owned()
                    }
                    Lookup::Wait(_) => "wait".to_owned(),
                    other => format!("{other:?}"),
                }
            }
            Step::Fill { key: n, token } => {
                let epoch = self.grants.get(&(key(*n).text, *token)).copied().unwrap_or(u32::MAX);
                let (token, entry) = (named(*token), entry(4, false));
                let fill = Fill { token, entry, ttl: Some(HOUR), epoch, stamps: Vec::new(), version: None };
                format!("{:?}", store.fill(&key(*n), fill).await?)
            }
            Step::Invalidate { key: n, hold } => {
                store.invalidate(&[target(*n, 0)], hold.then_some(HOUR)).await?;
                String::new()
            }
            Step::Begin { key: n, writer } => {
                store.begin(&[target(*n, 0)], named(*writer), HOUR).await?;
                String::new()
            }
            Step::End { key: n, writer, version, kept } => {
                let epoch = store.pulse().await?.epochs[key(*n).partition.index()];
                let fingerprint = key(*n).fingerprint;
                let kept = kept.then(|| Kept { fingerprint, entry: entry(5, false), ttl: None, epoch });
                let written = [Written { target: target(*n, *version), kept }];
                format!("{:?}", store.end(&written, named(*writer)).await?.0)
            }
            Step::ClearPrefix => {
                let matches: fn(&str, &str) -> bool = |_, text| text != "session:2";
                let scope =
                    Clear::Prefix { prefix: "session:".into(), matches, template: "session:<id>".into() };
                store.clear(&scope).await?.0.to_string()
            }
            Step::ClearNamespace => store.clear(&Clear::Namespace).await?.0.to_string(),
            // Done from outside.
            _ => String::new(),
        })
    }

    fn known(&mut self, write: cache_runtime::store::QueuedWrite) -> String {
        let (id, version) = (self.name(write.id), self.name(write.version));
        let write = cache_runtime::store::QueuedWrite { id: 0, version: 0, ..write };
        format!("{id} {version} {write:?}")
    }

    /// All that the queue tells without being changed.
    async fn looks(&mut self) -> Result<Vec<String>, StoreError> {
        let queue = self.store.queue().expect("it has a queue");
        let mut all = Vec::new();
        for n in 0..KEYS {
            let pending = queue.look(&key(n)).await?.map(|pending| {
                let (version, flushed) = (self.name(pending.version), self.name(pending.flushed));
                let oldest = self.name(pending.oldest);
                let Pending { moving, halted, shows, .. } = pending;
                format!("{n}: {version} {flushed} {oldest} {moving} {halted} {shows:?}")
            });
            all.extend(pending);
        }
        for depth in queue.depths().await? {
            if depth.writes + depth.dead > 0 {
                let oldest = depth.oldest.map(|oldest| self.name(oldest));
                let newest = self.name(depth.newest);
                all.push(format!(
                    "{:?}: {} {oldest:?} {newest} {}",
                    depth.partition, depth.writes, depth.dead
                ));
            }
        }
        for dead in queue.dead().await? {
            let named = (dead.partition, dead.write.id);
            if !self.dead.contains(&named) {
                self.dead.push(named);
            }
            let (died, begun) = (dead.times.1, dead.times.0);
            assert!(died + Duration::from_secs(60) > begun && begun + Duration::from_secs(60) > died);
            all.push(format!(
                "{:?} {} {} {} {}",
                dead.partition,
                self.known(dead.write),
                dead.error,
                dead.halted,
                dead.superseded
            ));
        }
        for partition in [key(0).partition, key(3).partition] {
            let claim = Claim { partition, epoch: 0, unfinished: None };
            let mut after = 0;
            for most in [1, 2, 100] {
                for waiting in queue.peek(claim.partition, after, most).await? {
                    after = waiting.id;
                    all.push(format!("{} {} {}", self.name(waiting.id), waiting.function, waiting.key));
                }
            }
        }
        Ok(all)
    }
}

/// What was overtaken, without its numbers, which differ from store to store.
fn overtaken(writes: Vec<cache_runtime::store::QueuedWrite>) -> String {
    let known = writes.into_iter().map(|w| (w.function, w.key, w.payload, w.drops, w.attempts));
    format!("{:?}", known.collect::<Vec<_>>())
}

fn nth<T: PartialEq>(all: &mut Vec<T>, one: T) -> usize {
    all.iter().position(|seen| *seen == one).unwrap_or_else(|| {
        all.push(one);
        all.len() - 1
    })
}

#[test]
fn scripts_of_the_queue_answer_like_the_reference() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let redis = runtime.block_on(Redis::start());
    let case = AtomicU64::new(0);
    let cases = std::env::var("QUEUE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(50);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in prop::collection::vec(step(), 1..100))| {
        let namespace = format!("model:{}", case.fetch_add(1, Ordering::Relaxed));
        runtime.block_on(async {
            let (reference, real) = (MemoryStore::new(), store::store(&redis.url(), &namespace).await);
            let mut outside = outside(&redis.url()).await;
            let (mut expected, mut got) = (Side::new(&reference), Side::new(&real));
            let keys: Vec<_> = (0..KEYS).map(key).collect();
            for (n, step) in steps.iter().enumerate() {
                let answers = (got.take(step).await, expected.take(step).await);
                let answers = (answers.0.expect("it answers"), answers.1.expect("it answers"));
                prop_assert_eq!(answers.0, answers.1, "step {}: {:?}", n, step);
                if let Step::Lose { key: n, writer } = step {
                    let token = if *writer == 0 { Token(0) } else { Token(u128::from(*writer) + 1) };
                    reference.with(|state, _| state.lose_write(&key(*n), token));
                    held::lose_write(&mut outside, &real, &key(*n), token).await;
                }
                let looks = (got.looks().await, expected.looks().await);
                let looks = (looks.0.expect("it answers"), looks.1.expect("it answers"));
                prop_assert_eq!(looks.0, looks.1, "after step {}: {:?}", n, step);
                let holds = held::by_redis(&mut outside, &real, &keys, &[]).await;
                prop_assert_eq!(holds, held::by_the_reference(&reference, &keys, &[]), "after step {}: {:?}", n, step);
            }
            // Once everything is settled nothing is left but what is kept on purpose.
            drain(&reference).await;
            drain(&real).await;
            let looks = (got.looks().await, expected.looks().await);
            prop_assert_eq!(looks.0.expect("it answers"), looks.1.expect("it answers"));
            let holds = held::by_redis(&mut outside, &real, &keys, &[]).await;
            prop_assert_eq!(holds, held::by_the_reference(&reference, &keys, &[]));
            let left: Vec<String> = ask(&mut outside, &["KEYS", &format!("{namespace}:q:*")]).await;
            let left: Vec<_> = left.iter().filter_map(|name| name.rsplit(':').next()).collect();
            prop_assert!(left.iter().all(|part| ["b", "s", "l", "t"].contains(part)), "{left:?}");
            for pending in ["p", "o"] {
                let left: Vec<String> = ask(&mut outside, &["KEYS", &format!("{namespace}:c:*:{pending}:*")]).await;
                prop_assert!(left.is_empty(), "{left:?}");
            }
            Ok(())
        })?;
    });
}

/// Discards the dead letters, and settles all that waits.
async fn drain(store: &dyn Store) {
    let queue = store.queue().expect("it has a queue");
    for dead in queue.dead().await.expect("it answers") {
        assert!(queue.discard(dead.partition, dead.write.id).await.expect("it answers"));
    }
    for holder in 1..=2 {
        queue.yield_claims(Token(holder)).await.expect("it answers");
    }
    for claim in queue.claim(Token(9), HOUR, &[]).await.expect("it answers") {
        let number = claim.unfinished.as_ref().map(|batch| batch.number);
        assert!(queue.settle(&claim, number, &[]).await.expect("it answers"));
        loop {
            let waiting = queue.peek(claim.partition, 0, 100).await.expect("it answers");
            let ids: Vec<_> = waiting.iter().map(|write| write.id).collect();
            if ids.is_empty() {
                break;
            }
            let taken = queue.take(&claim, &ids).await.expect("it answers").expect("it is held");
            let done =
                taken.writes.iter().map(|write| Settled::Done { id: write.id, version: write.version });
            let done: Vec<_> = done.collect();
            assert!(queue.settle(&claim, Some(taken.number), &done).await.expect("it answers"));
        }
    }
}
