//! Do the scripts answer like the reference, whatever comes in whatever order?

mod store;

use bytes::Bytes;
use cache_runtime::store::{
    Clear, EntryKey, Fill, FillOutcome, Fingerprint, Group, Kept, Lookup, MemoryStore, Partition, RedisStore,
    Seen, Stamp, Store, StoreError, Target, Token, Version, Written,
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
use store::{
    MINUTE, ask,
    held::{self, Held},
    outside,
};
use test_servers::Redis;

const HOUR: Duration = Duration::from_hours(1);

#[derive(Clone, Debug)]
enum Step {
    Read {
        keys: Vec<usize>,
    },
    Acquire {
        key: usize,
        token: u8,
    },
    AcquireOver {
        key: usize,
        token: u8,
        seen: u8,
    },
    Renew {
        key: usize,
        token: u8,
    },
    /// With what the token was granted; `forged` changes the stamps.
    Fill {
        key: usize,
        token: u8,
        entry: u8,
        ttl: bool,
        forged: bool,
        version: u8,
    },
    Release {
        key: usize,
        token: u8,
    },
    Invalidate {
        keys: Vec<usize>,
        groups: Vec<usize>,
        hold: bool,
        version: u8,
    },
    Begin {
        keys: Vec<usize>,
        groups: Vec<usize>,
        writer: u8,
    },
    Extend {
        keys: Vec<usize>,
        groups: Vec<usize>,
        writer: u8,
    },
    /// Keeps what it writes where that may be asked for: keys without groups.
    End {
        keys: Vec<usize>,
        groups: Vec<usize>,
        writer: u8,
        entry: u8,
        version: u8,
        kept: bool,
        forged: bool,
    },
    /// A write that was announced, or may still commit, is lost.
    Lose {
        key: usize,
        writer: u8,
    },
    /// The floor is lost.
    LoseFloor {
        key: usize,
    },
    ClearPrefix {
        odd: bool,
    },
    ClearNamespace,
}

const KEYS: usize = 6;

/// Two plain keys, one of them in two variants, and three grouped ones, the last in both groups.
fn key(n: usize) -> EntryKey {
    let text = ["product:1", "product:2", "product:1", "browse:a:1", "browse:a:2", "browse:b:1"][n];
    let groups = [&[][..], &[], &[], &[0], &[0], &[0, 1]][n].iter().map(|n| group(*n)).collect::<Vec<_>>();
    EntryKey {
        text: text.into(),
        partition: groups.first().map_or(Partition::of(text), |group| group.partition),
        template: if n < 3 { "product:<id>".into() } else { "browse:<c>:<p>".into() },
        fingerprint: Fingerprint(if n == 2 { 2 } else { 1 }),
        groups,
    }
}

fn group(n: usize) -> Group {
    Group { text: ["browse:", "browse:b"][n].into(), partition: Partition::of("browse:") }
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..KEYS;
    let token = || 0..3_u8;
    let writer = || 1..4_u8;
    let version = || 0..4_u8;
    // One partition: what is in several is decided in each.
    let written = || {
        prop_oneof![
            4 => prop::collection::vec(0..1_usize, 1..2).prop_map(|keys| (keys, Vec::new())),
            1 => prop::collection::vec(1..3_usize, 1..2).prop_map(|keys| (keys, Vec::new())),
            2 => (prop::sample::subsequence(vec![3, 4, 5], 0..3), prop::sample::subsequence(vec![0, 1], 0..2)),
        ]
    };
    prop_oneof![
        3 => prop::collection::vec(key(), 1..4).prop_map(|keys| Step::Read { keys }),
        6 => (key(), token()).prop_map(|(key, token)| Step::Acquire { key, token }),
        3 => (key(), token(), 0..3_u8).prop_map(|(key, token, seen)| Step::AcquireOver { key, token, seen }),
        2 => (key(), token()).prop_map(|(key, token)| Step::Renew { key, token }),
        8 => (key(), token(), 0..3_u8, any::<bool>(), prop::bool::weighted(0.1), version())
            .prop_map(|(key, token, entry, ttl, forged, version)| Step::Fill { key, token, entry, ttl, forged, version }),
        2 => (key(), token()).prop_map(|(key, token)| Step::Release { key, token }),
        3 => (written(), prop::bool::weighted(0.15), version())
            .prop_map(|((keys, groups), hold, version)| Step::Invalidate { keys, groups, hold, version }),
        5 => (written(), writer()).prop_map(|((keys, groups), writer)| Step::Begin { keys, groups, writer }),
        1 => (written(), writer()).prop_map(|((keys, groups), writer)| Step::Extend { keys, groups, writer }),
        6 => (written(), writer(), 0..3_u8, version(), any::<bool>(), prop::bool::weighted(0.1)).prop_map(
            |((keys, groups), writer, entry, version, kept, forged)| {
                Step::End { keys, groups, writer, entry, version, kept, forged }
            },
        ),
        1 => (key(), 0..4_u8).prop_map(|(key, writer)| Step::Lose { key, writer }),
        1 => key().prop_map(|key| Step::LoseFloor { key }),
        1 => any::<bool>().prop_map(|odd| Step::ClearPrefix { odd }),
        1 => Just(Step::ClearNamespace),
    ]
}

fn targets(keys: &[usize], groups: &[usize], version: u8) -> Vec<Target> {
    let of_key = |n: &usize| {
        let key = key(*n);
        Target::Key {
            text: key.text,
            partition: key.partition,
            template: key.template,
            version: numbered(version),
        }
    };
    keys.iter().map(of_key).chain(groups.iter().map(|n| Target::Group(group(*n)))).collect()
}

fn is(target: &Target, key: &EntryKey) -> bool {
    target.partition() == key.partition && matches!(target, Target::Key { text, .. } if *text == key.text)
}

/// The last two are more than 53 bits long, and differ in the last of them.
fn numbered(version: u8) -> Option<Version> {
    Version::new([0, 1, (1 << 60) + 1, (1 << 60) + 2][usize::from(version)])
}

/// How a store's state is damaged from outside.
enum Faults {
    Reference(MemoryStore),
    Redis(Box<redis::aio::MultiplexedConnection>, Arc<RedisStore>),
}

impl Faults {
    /// Everything that is held under the keys and groups.
    async fn held(&mut self) -> Vec<Held> {
        let (keys, groups) = ((0..KEYS).map(key).collect::<Vec<_>>(), [group(0), group(1)]);
        match self {
            Self::Reference(store) => held::by_the_reference(store, &keys, &groups),
            Self::Redis(outside, store) => held::by_redis(outside, store, &keys, &groups).await,
        }
    }

    async fn lose_write(&mut self, key: &EntryKey, token: Token) {
        match self {
            Self::Reference(store) => {
                store.with(|state, _| state.lose_write(key, token));
            }
            Self::Redis(outside, store) => held::lose_write(outside, store, key, token).await,
        }
    }

    async fn lose_floor(&mut self, key: &EntryKey) {
        match self {
            Self::Reference(store) => {
                store.with(|state, _| state.lose_floor(key));
            }
            Self::Redis(outside, store) => {
                let guard = held::guard(store, key);
                if ask::<bool>(outside, &["HEXISTS", &guard, "f"]).await {
                    ask::<i64>(outside, &["HSET", &guard, "u", "1"]).await;
                }
            }
        }
    }
}

/// A store and what it granted. Stamps and epochs are its own, so answers are compared by what they mean.
struct Side<'a> {
    store: &'a dyn Store,
    /// By key and token: variants share their lease.
    grants: HashMap<(Arc<str>, u8), (u32, Vec<Stamp>)>,
    faults: Faults,
    /// Which stamps were seen, in order: the n-th new one of one store is the n-th of the other.
    stamps: Vec<Stamp>,
}

impl<'a> Side<'a> {
    fn new(store: &'a dyn Store, faults: Faults) -> Self {
        Self { store, grants: HashMap::new(), stamps: vec![Stamp(0)], faults }
    }

    async fn epoch(&self, partition: Partition) -> Result<u32, StoreError> {
        Ok(self.store.pulse().await?.epochs[partition.index()])
    }

    fn name(&mut self, stamps: &[Stamp]) -> Vec<usize> {
        let mut name = |stamp: &Stamp| {
            self.stamps.iter().position(|seen| seen == stamp).unwrap_or_else(|| {
                self.stamps.push(*stamp);
                self.stamps.len() - 1
            })
        };
        stamps.iter().map(&mut name).collect()
    }

    fn lookup(&mut self, n: usize, token: u8, lookup: Lookup) -> String {
        match lookup {
            Lookup::Present(read) => format!("present {:?} {:?}", read.entry, self.name(&read.stamps)),
            Lookup::Granted { epoch, stamps } => {
                let named = self.name(&stamps);
                self.grants.insert((key(n).text, token), (epoch, stamps));
                format!("granted {named:?}")
            }
            Lookup::Wait(time) => format!("wait {}", time > HOUR / 2 && time <= HOUR),
            other => format!("{other:?}"),
        }
    }

    async fn take(&mut self, step: &Step) -> String {
        let store = self.store;
        let named = |token: u8| Token(u128::from(token) + 1);
        let answer = async {
            Ok::<_, StoreError>(match step {
                Step::Read { keys } => {
                    let keys: Vec<_> = keys.iter().map(|n| key(*n)).collect();
                    let mut answers = Vec::new();
                    for read in store.read(&keys).await? {
                        answers.push((read.entry, self.name(&read.stamps)));
                    }
                    format!("{answers:?}")
                }
                Step::Acquire { key: n, token } => {
                    let lookup = store.acquire(&key(*n), named(*token), HOUR).await?;
                    self.lookup(*n, *token, lookup)
                }
                Step::AcquireOver { key: n, token, seen } => {
                    let seen = Seen::new(&entry(*seen));
                    let lookup = store.acquire_over(&key(*n), &seen, named(*token), HOUR).await?;
                    self.lookup(*n, *token, lookup)
                }
                Step::Renew { key: n, token } => {
                    store.renew(&key(*n), named(*token), HOUR).await?.to_string()
                }
                Step::Fill { key: n, token, entry: content, ttl, forged, version } => {
                    let (epoch, mut stamps) = self
                        .grants
                        .get(&(key(*n).text, *token))
                        .cloned()
                        .unwrap_or_else(|| (u32::MAX, vec![Stamp(0); key(*n).groups.len()]));
                    if *forged {
                        for stamp in &mut stamps {
                            stamp.0 ^= 1;
                        }
                    }
                    let ttl = ttl.then_some(HOUR);
                    let fill = Fill {
                        token: named(*token),
                        entry: entry(*content),
                        ttl,
                        epoch,
                        stamps,
                        version: numbered(*version),
                    };
                    let outcome = store.fill(&key(*n), fill).await?;
                    if outcome == FillOutcome::Stored { "stored".into() } else { "refused".into() }
                }
                Step::Release { key: n, token } => {
                    store.release(&key(*n), named(*token)).await?;
                    String::new()
                }
                Step::Invalidate { keys, groups, hold, version } => {
                    store.invalidate(&targets(keys, groups, *version), hold.then_some(MINUTE)).await?;
                    String::new()
                }
                Step::Begin { keys, groups, writer } => {
                    store.begin(&targets(keys, groups, 0), named(*writer), HOUR).await?;
                    String::new()
                }
                Step::Extend { keys, groups, writer } => {
                    store.extend(&targets(keys, groups, 0), named(*writer), HOUR).await?.to_string()
                }
                Step::End { keys, groups, writer, entry: content, version, kept, forged } => {
                    let mut written = Vec::new();
                    for target in targets(keys, groups, *version) {
                        let key = keys.iter().map(|n| key(*n)).find(|key| is(&target, key));
                        let key = key.filter(|key| *kept && key.groups.is_empty());
                        let epoch = self.epoch(target.partition()).await? + u32::from(*forged);
                        let kept = key.map(|key| Kept {
                            fingerprint: key.fingerprint,
                            entry: entry(*content),
                            ttl: (*content == 0).then_some(HOUR),
                            epoch,
                        });
                        written.push(Written { target, kept });
                    }
                    format!("{:?}", store.end(&written, named(*writer)).await?.0)
                }
                Step::Lose { key: n, writer } => {
                    let token = if *writer == 0 { Token(0) } else { named(*writer) };
                    self.faults.lose_write(&key(*n), token).await;
                    String::new()
                }
                Step::LoseFloor { key: n } => {
                    self.faults.lose_floor(&key(*n)).await;
                    String::new()
                }
                Step::ClearPrefix { odd } => {
                    let matches: fn(&str, &str) -> bool =
                        if *odd { |_, text| text.ends_with('1') } else { |_, text| text.ends_with('2') };
                    let scope =
                        Clear::Prefix { prefix: "product:".into(), matches, template: "product:<id>".into() };
                    store.clear(&scope).await?.0.to_string()
                }
                Step::ClearNamespace => store.clear(&Clear::Namespace).await?.0.to_string(),
            })
        };
        answer.await.expect("the store answers")
    }
}

fn entry(content: u8) -> Bytes {
    // The second differs from the first beyond what a `Seen` looks at, but for its length.
    match content {
        0 => Bytes::from(vec![b'a'; 100]),
        1 => Bytes::from(vec![b'a'; 101]),
        _ => Bytes::from_static(b"short"),
    }
}

#[test]
fn scripts_answer_like_the_reference() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let redis = runtime.block_on(Redis::start());
    let case = AtomicU64::new(0);
    let config = ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in prop::collection::vec(step(), 1..60))| {
        let namespace = format!("model:{}", case.fetch_add(1, Ordering::Relaxed));
        runtime.block_on(async {
            let (reference, real) = (MemoryStore::new(), Arc::new(store::store(&redis.url(), &namespace).await));
            let outside = Box::new(outside(&redis.url()).await);
            let mut expected = Side::new(&reference, Faults::Reference(reference.clone()));
            let mut got = Side::new(&*real, Faults::Redis(outside, real.clone()));
            for (n, step) in steps.iter().enumerate() {
                prop_assert_eq!(got.take(step).await, expected.take(step).await, "step {}: {:?}", n, step);
                prop_assert_eq!(got.faults.held().await, expected.faults.held().await, "after step {}: {:?}", n, step);
            }
            // At the end the same entries are there, under the same stamps.
            let all = Step::Read { keys: (0..KEYS).collect() };
            prop_assert_eq!(got.take(&all).await, expected.take(&all).await);
            Ok(())
        })?;
    });
}
