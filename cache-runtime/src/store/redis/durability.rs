//! How safely Redis keeps what it has acknowledged, as far as it tells.

use std::{collections::HashMap, fmt};

/// What is known of a Redis' durability. It is asked at every connection, and nothing is known without one; once a queue was refused for it, it is
/// asked again each second until it is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// Redis wasn't reached, or hasn't answered yet.
    #[default]
    Unverified,
    /// Redis doesn't let this user ask (`CONFIG GET`), as many managed servers don't.
    Forbidden,
    /// This is what it says.
    Known(DurabilityFacts),
}

/// What decides whether Redis loses what it has acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DurabilityFacts {
    /// Whether it keeps an append-only file.
    pub appendonly: bool,
    /// When it brings that file to disk: `always`, `everysec` or `no`.
    pub appendfsync: String,
    /// What it evicts when it is full, such as `noeviction`.
    pub maxmemory_policy: String,
    /// `no-appendfsync-on-rewrite`: while it rewrites the file it brings nothing to disk.
    pub pauses_for_rewrites: bool,
    /// The file was turned on, and is being written for the first time: until that has ended a restart finds nothing of it.
    pub first_rewrite: bool,
}

/// How safely a write-behind queue in Redis must keep what it has acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DurabilityLevel {
    /// It survives a restart of Redis, and may lose the last second or two.
    Redis,
    /// It is on disk before it is acknowledged.
    RedisFsync,
}

impl DurabilityFacts {
    /// These facts, of a Redis that doesn't pause for rewrites.
    pub fn new(
        appendonly: bool,
        appendfsync: impl Into<String>,
        maxmemory_policy: impl Into<String>,
    ) -> Self {
        Self {
            appendonly,
            appendfsync: appendfsync.into(),
            maxmemory_policy: maxmemory_policy.into(),
            pauses_for_rewrites: false,
            first_rewrite: false,
        }
    }

    /// The same while the append-only file is written for the first time.
    #[must_use]
    pub fn before_the_first_rewrite(mut self) -> Self {
        self.first_rewrite = true;
        self
    }

    /// The same under `no-appendfsync-on-rewrite yes`.
    #[must_use]
    pub fn pausing_for_rewrites(mut self) -> Self {
        self.pauses_for_rewrites = true;
        self
    }

    /// The answer of `CONFIG GET`; none if it leaves something out.
    pub(super) fn read(config: &HashMap<String, String>) -> Option<Self> {
        let [appendonly, appendfsync, policy, no_fsync_on_rewrite] = SETTINGS.map(|name| config.get(name));
        let facts = Self::new(appendonly? == "yes", appendfsync?, policy?);
        Some(if no_fsync_on_rewrite? == "yes" { facts.pausing_for_rewrites() } else { facts })
    }

    /// Whether nothing is wrong but that the append-only file is written for the first time, as after a failover.
    pub(super) fn is_first_rewrite_alone(&self, level: DurabilityLevel) -> bool {
        let later = Durability::Known(Self { first_rewrite: false, ..self.clone() });
        self.first_rewrite && refusal(level, &later).is_none()
    }

    /// Whether Redis may evict what has no ttl.
    pub(super) fn evicts_anything(&self) -> bool {
        self.maxmemory_policy.starts_with("allkeys")
    }
}

/// What is asked for.
pub(super) const SETTINGS: [&str; 4] =
    ["appendonly", "appendfsync", "maxmemory-policy", "no-appendfsync-on-rewrite"];

/// Whether the append-only file is written for the first time, as `INFO persistence` tells, with whether it was off when Redis was asked before. A file that
/// was turned off and on again while nobody asked passes for one that is rewritten: Redis doesn't tell these apart.
pub(super) fn is_first_rewrite(persistence: &str, was_off: bool) -> bool {
    let says = |line: &str| persistence.lines().any(|said| said == line);
    let over = ["aof_rewrite_in_progress:0", "aof_rewrite_scheduled:0", "aof_last_bgrewrite_status:ok"];
    !over.into_iter().all(says) && (was_off || says("aof_base_size:0"))
}

/// Why a queue of this level can't be kept, and what to change; `None` if it can.
///
/// ```
/// use cache_runtime::store::{Durability, DurabilityFacts, DurabilityLevel, refusal};
///
/// let found = Durability::Known(DurabilityFacts::new(true, "everysec", "noeviction"));
/// assert_eq!(refusal(DurabilityLevel::Redis, &found), None);
/// assert_eq!(
///     refusal(DurabilityLevel::RedisFsync, &found).unwrap(),
///     "`appendfsync` is `everysec`; use `Queue::redis()`, which may lose the last second, or set `appendfsync always` \
///      (in redis.conf, or by `CONFIG SET` and `CONFIG REWRITE`)"
/// );
/// ```
pub fn refusal(level: DurabilityLevel, found: &Durability) -> Option<String> {
    let facts = match found {
        Durability::Unverified => {
            return Some("redis was not reached, so its durability is not verified yet".to_owned());
        }
        Durability::Forbidden => {
            return Some(format!(
                "redis does not allow `CONFIG GET`, so its durability can't be verified; if it keeps {level}, say `assume_durable()`"
            ));
        }
        Durability::Known(facts) => facts,
    };
    let mut wrong = Vec::new();
    if !facts.appendonly {
        let also = match level {
            DurabilityLevel::RedisFsync if facts.appendfsync != "always" => " and `appendfsync always`",
            DurabilityLevel::Redis if facts.appendfsync == "no" => " and `appendfsync everysec`",
            DurabilityLevel::Redis | DurabilityLevel::RedisFsync => "",
        };
        wrong.push(format!("`appendonly` is `no`, so a restart loses the queue; set `appendonly yes`{also}"));
    }
    if facts.appendonly && level == DurabilityLevel::RedisFsync && facts.appendfsync != "always" {
        wrong.push(format!(
            "`appendfsync` is `{}`; use `Queue::redis()`, which may lose the last second, or set `appendfsync always`",
            facts.appendfsync
        ));
    } else if facts.appendonly && facts.appendfsync == "no" {
        wrong.push(
            "`appendfsync` is `no`, so a crash of the machine may lose half a minute; set `appendfsync everysec`".to_owned(),
        );
    }
    if facts.appendonly && facts.pauses_for_rewrites {
        wrong.push(
            "`no-appendfsync-on-rewrite` is `yes`, so nothing is brought to disk while the append-only file is rewritten; set `no-appendfsync-on-rewrite no`"
                .to_owned(),
        );
    }
    if facts.evicts_anything() {
        wrong.push(format!(
            "`maxmemory-policy` is `{}`, which evicts the queue; set `volatile-lru` or `noeviction`",
            facts.maxmemory_policy
        ));
    }
    if let Some(last) = wrong.last_mut() {
        last.push_str(" (in redis.conf, or by `CONFIG SET` and `CONFIG REWRITE`)");
    }
    if facts.appendonly && facts.first_rewrite {
        wrong.push(
            "the append-only file was turned on and is still written for the first time, so a restart loses the queue; wait until that is over"
                .to_owned(),
        );
    }
    (!wrong.is_empty()).then(|| wrong.join("; and "))
}

impl fmt::Display for DurabilityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "an append-only file and evicts nothing that has no ttl",
            Self::RedisFsync => {
                "an append-only file with `appendfsync always` and evicts nothing that has no ttl"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DurabilityLevel::{Redis, RedisFsync};

    fn refused(level: DurabilityLevel, appendonly: bool, fsync: &str, policy: &str) -> Option<String> {
        refused_for(level, DurabilityFacts::new(appendonly, fsync, policy))
    }

    /// Without where to change it, which is said of every setting.
    fn refused_for(level: DurabilityLevel, facts: DurabilityFacts) -> Option<String> {
        let text = refusal(level, &Durability::Known(facts))?;
        let what = text.strip_suffix(" (in redis.conf, or by `CONFIG SET` and `CONFIG REWRITE`)");
        Some(what.expect("it says where to change it").to_owned())
    }

    #[test]
    fn redis_that_keeps_its_level_is_accepted() {
        for policy in ["noeviction", "volatile-lru", "volatile-ttl", "volatile-random"] {
            assert_eq!(refused(RedisFsync, true, "always", policy), None);
            for fsync in ["always", "everysec"] {
                assert_eq!(refused(Redis, true, fsync, policy), None);
            }
        }
    }

    #[test]
    fn refusal_says_what_to_change() {
        for level in [Redis, RedisFsync] {
            let text = refused(level, false, "always", "noeviction").expect("it is refused");
            assert_eq!(text, "`appendonly` is `no`, so a restart loses the queue; set `appendonly yes`");
            let text = refused(level, true, "always", "allkeys-lfu").expect("it is refused");
            assert_eq!(
                text,
                "`maxmemory-policy` is `allkeys-lfu`, which evicts the queue; set `volatile-lru` or `noeviction`"
            );
        }
        let text = refused(RedisFsync, false, "everysec", "allkeys-lru").expect("it is refused");
        assert_eq!(
            text,
            "`appendonly` is `no`, so a restart loses the queue; set `appendonly yes` and `appendfsync always`; and \
             `maxmemory-policy` is `allkeys-lru`, which evicts the queue; set `volatile-lru` or `noeviction`"
        );
    }

    #[test]
    fn redis_that_does_not_bring_its_file_to_disk_is_refused() {
        let text = refused(Redis, true, "no", "noeviction").expect("it is refused");
        assert_eq!(
            text,
            "`appendfsync` is `no`, so a crash of the machine may lose half a minute; set `appendfsync everysec`"
        );
        let text = refused(Redis, false, "no", "noeviction").expect("it is refused");
        assert!(text.ends_with("set `appendonly yes` and `appendfsync everysec`"), "{text}");
        for (level, fsync) in [(RedisFsync, "always"), (Redis, "always"), (Redis, "everysec")] {
            let facts = DurabilityFacts::new(true, fsync, "noeviction").pausing_for_rewrites();
            let text = refused_for(level, facts).expect("it is refused");
            assert!(text.ends_with("set `no-appendfsync-on-rewrite no`"), "{text}");
        }
    }

    #[test]
    fn file_that_is_still_written_for_the_first_time_does_not_count() {
        let is_first = |progress, scheduled, status, base, was_off| {
            let says = format!(
                "# Persistence\r\naof_enabled:1\r\naof_rewrite_in_progress:{progress}\r\naof_rewrite_scheduled:{scheduled}\r\n\
                 aof_last_bgrewrite_status:{status}\r\naof_base_size:{base}\r\n"
            );
            is_first_rewrite(&says, was_off)
        };
        assert!(
            is_first(1, 0, "ok", 0, false)
                && is_first(0, 1, "ok", 0, false)
                && is_first(0, 0, "err", 0, false)
        );
        assert!(is_first(1, 0, "ok", 124, true), "it was off a moment ago");
        assert!(!is_first(0, 0, "ok", 0, true) && !is_first(1, 0, "ok", 124, false), "a rewrite like others");
        let facts = DurabilityFacts::new(true, "always", "noeviction").before_the_first_rewrite();
        let text = refusal(RedisFsync, &Durability::Known(facts)).expect("it is refused");
        assert!(text.contains("for the first time"), "{text}");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let text = refusal(Redis, &Durability::Unverified).expect("it is refused");
        assert!(text.contains("not verified yet"), "{text}");
        let text = refusal(RedisFsync, &Durability::Forbidden).expect("it is refused");
        assert!(text.contains("appendfsync always") && text.contains("`assume_durable()`"), "{text}");
    }
}
