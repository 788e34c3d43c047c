//! What a store holds, whatever kind it is, so that two can be compared.

use super::ask;
use bytes::Bytes;
use cache_runtime::store::{
    EntryKey, Group, Known, KnownWrites, MemoryStore, Overlap, Partition, RedisStore, Stamp, Token, Version,
};
use redis::aio::MultiplexedConnection;
use std::collections::HashMap;

/// What is held under a key or group, but for times.
#[derive(Debug, PartialEq)]
pub(crate) struct Held {
    entry: Option<Bytes>,
    lease: Option<(Token, bool)>,
    generation: bool,
    writes: Writes,
}

/// What is known of the writes to it.
#[derive(Debug, PartialEq)]
struct Writes {
    open: Vec<Token>,
    overlap: Overlap,
    floor: Option<u64>,
}

impl Held {
    fn of_key(known: Known) -> Self {
        Self { entry: known.entry, lease: known.lease, generation: false, writes: known.writes.into() }
    }
}

impl From<KnownWrites> for Writes {
    fn from(known: KnownWrites) -> Self {
        let overlap = if known.open.is_empty() { Overlap::None } else { known.overlap };
        Self { open: known.open, overlap, floor: known.floor.map(Version::get) }
    }
}

impl Writes {
    /// As the scripts read their hash.
    fn read(guard: &HashMap<String, String>, now: u64) -> Self {
        let intents =
            || guard.iter().filter_map(|(field, ends)| Some((field.strip_prefix('i')?, number(ends))));
        let mut open: Vec<_> =
            intents().filter(|(_, ends)| *ends > now).map(|(name, _)| token(name)).collect();
        open.sort_unstable();
        let unfinished = open.len() < intents().count();
        let overlap = match guard.get("c").map(String::as_str) {
            _ if open.is_empty() => Overlap::None,
            _ if unfinished => Overlap::Unknown,
            None => Overlap::None,
            Some("1") => Overlap::Versioned,
            Some(_) => Overlap::Unknown,
        };
        let lasts = !open.is_empty() || guard.get("u").is_some_and(|ends| number(ends) > now);
        let floor = guard.get("f").filter(|_| lasts).map(|floor| number(floor));
        Self { open, overlap, floor }
    }
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number")
}

fn token(text: &str) -> Token {
    Token(u128::from_str_radix(text, 16).expect("32 hex digits"))
}

/// What the reference holds.
pub(crate) fn by_the_reference(store: &MemoryStore, keys: &[EntryKey], groups: &[Group]) -> Vec<Held> {
    store.with(|state, now| {
        // What is over by now is forgotten.
        state.entries(now);
        let keys = keys.iter().map(|key| Held::of_key(state.known(key)));
        let groups = groups.iter().map(|group| {
            let (stamp, writes) = state.known_group(group);
            Held { entry: None, lease: None, generation: stamp != Stamp(0), writes: writes.into() }
        });
        keys.chain(groups).collect()
    })
}

/// What Redis holds, as the scripts read it.
pub(crate) async fn by_redis(
    outside: &mut MultiplexedConnection,
    store: &RedisStore,
    keys: &[EntryKey],
    groups: &[Group],
) -> Vec<Held> {
    let seconds_and_micros: Vec<u64> = ask(outside, &["TIME"]).await;
    let now = seconds_and_micros[0] * 1000 + seconds_and_micros[1] / 1000;
    let mut all = Vec::new();
    for key in keys {
        let data = store.keys().data(&key.text, key.partition, key.fingerprint);
        let lease = store.keys().lease(&key.text, key.partition);
        let lease: HashMap<String, String> = ask(outside, &["HGETALL", &lease]).await;
        let open = lease.get("d").is_some_and(|ends| number(ends) > now);
        all.push(Held {
            entry: ask::<Option<Vec<u8>>>(outside, &["GET", &data]).await.map(Bytes::from),
            lease: open.then(|| (token(&lease["l"]), lease.contains_key("s"))),
            generation: false,
            writes: Writes::read(&ask(outside, &["HGETALL", &guard(store, key)]).await, now),
        });
    }
    for group in groups {
        let generation = store.keys().generation(group);
        let guard = format!("{}w:g{}", control(store, group.partition), group.text);
        all.push(Held {
            entry: None,
            lease: None,
            generation: ask::<bool>(outside, &["EXISTS", &generation]).await,
            writes: Writes::read(&ask(outside, &["HGETALL", &guard]).await, now),
        });
    }
    all
}

/// The hash in which Redis keeps what is known of the writes to a key.
pub(crate) fn guard(store: &RedisStore, key: &EntryKey) -> String {
    format!("{}w:k{}", control(store, key.partition), key.text)
}

/// What the control keys of a partition begin with.
fn control(store: &RedisStore, partition: Partition) -> String {
    let lease = store.keys().lease("", partition);
    lease.strip_suffix("k:").expect("leases end so").to_owned()
}

/// A write that is announced, or may still commit, is lost: as if its end were in the past.
pub(crate) async fn lose_write(
    outside: &mut MultiplexedConnection,
    store: &RedisStore,
    key: &EntryKey,
    token: Token,
) {
    let guard = guard(store, key);
    let field = format!("i{:032x}", token.0);
    if ask::<bool>(outside, &["HEXISTS", &guard, &field]).await {
        ask::<i64>(outside, &["HSET", &guard, &field, "1"]).await;
    }
}
