//! What waits for the database, function by function, and who is waited for.

use super::{
    state::{DRAIN, State},
    status::WriteBehind,
};
use crate::{
    Error, Result,
    error::ErrorKind,
    store::{Depth, Partition, StoreError},
};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// How many writes of a partition are looked at together.
const PAGE: usize = 2_000;

/// The writes of one function that wait; see [`WriteBehind::waiting`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitingFunction {
    /// The function, with its type.
    pub function: String,
    /// Its template, with empty placeholders.
    pub template: String,
    /// How many of its writes wait.
    pub writes: u64,
    /// How old the oldest of them is.
    pub oldest: Duration,
    /// This process flushes for it. If none does, its writes wait until one does, or they are [given up](WriteBehind::give_up): they are kept.
    pub served_here: bool,
}

/// Of functions, how many writes wait and where the oldest stands.
pub(super) type Functions = BTreeMap<Arc<str>, (u64, u64)>;

/// Whether somebody here flushes any of what was looked at; of what nobody does, the functions.
#[derive(Default)]
pub(super) struct Open {
    served: bool,
    pub(super) unserved: Functions,
}

impl WriteBehind<'_> {
    /// What waits, function by function, also of functions that this release doesn't have. Looks at every waiting write.
    ///
    /// # Errors
    ///
    /// The queue's.
    pub async fn waiting(&self) -> Result<Vec<WaitingFunction>> {
        let Some(state) = self.cache.0.behind.state() else { return Ok(Vec::new()) };
        let mut functions = Functions::new();
        for depth in state.queue().depths().await?.iter().filter(|depth| depth.writes > 0) {
            for waiting in state.queue().peek(depth.partition, 0, usize::MAX).await? {
                add(&mut functions, waiting.function, (1, waiting.id));
            }
        }
        Ok(functions.into_iter().map(|one| state.described(one)).collect())
    }
}

fn add(functions: &mut Functions, function: Arc<str>, (writes, oldest): (u64, u64)) {
    let so_far = functions.entry(function).or_insert((0, u64::MAX));
    *so_far = (so_far.0 + writes, so_far.1.min(oldest));
}

impl State {
    pub(super) fn serves(&self, function: &str) -> bool {
        self.flusher().handlers.contains_key(function)
    }

    pub(super) fn described(&self, (name, (writes, oldest)): (Arc<str>, (u64, u64))) -> WaitingFunction {
        let (function, template) = name.split_once(' ').unwrap_or((&name, ""));
        WaitingFunction {
            function: function.to_owned(),
            template: template.to_owned(),
            writes,
            oldest: self.age_of(oldest),
            served_here: self.serves(&name),
        }
    }

    /// What is open in a partition up to a place, without halted keys. With `all` every write is looked at, else none after the first that is flushed here.
    async fn open(&self, partition: Partition, newest: u64, all: bool) -> Result<Open, StoreError> {
        let mut open = Open::default();
        // Behind a write that nobody here flushes its key waits, too.
        let mut blocked: HashSet<Arc<str>> = HashSet::new();
        let (mut after, mut most) = (0, if all { PAGE } else { 1 });
        loop {
            let page = self.queue().peek(partition, after, most).await?;
            let full = page.len() == most;
            for waiting in page {
                if waiting.id > newest {
                    return Ok(open);
                }
                (after, most) = (waiting.id, PAGE);
                if !self.serves(&waiting.function) {
                    blocked.insert(waiting.key);
                    add(&mut open.unserved, waiting.function, (1, waiting.id));
                } else if !blocked.contains(&waiting.key) {
                    open.served = true;
                    if !all {
                        return Ok(open);
                    }
                }
            }
            if !full {
                return Ok(open);
            }
        }
    }

    /// All that waits of functions that nobody here serves.
    pub(super) async fn unserved(&self) -> Result<Functions, StoreError> {
        let mut unserved = Functions::new();
        for depth in self.queue().depths().await?.iter().filter(|depth| depth.writes > 0) {
            for (function, waiting) in self.open(depth.partition, u64::MAX, true).await?.unserved {
                add(&mut unserved, function, waiting);
            }
        }
        Ok(unserved)
    }

    /// Waits until everything that has a place up to the newest of these is flushed, or given up. For what nobody here flushes it waits while that gets less, and at most for
    /// `patience` while it doesn't; returns what is left of it.
    pub(super) async fn flush_up_to(self: &Arc<Self>, marks: &[Depth], patience: Duration) -> Functions {
        let mark_of = |depth: &Depth| {
            let mark = marks.iter().find(|mark| mark.partition == depth.partition)?;
            depth.oldest.filter(|oldest| *oldest <= mark.newest).map(|_| mark.newest)
        };
        let (mut fewest, mut until) = (u64::MAX, Instant::now() + patience);
        loop {
            let (before, mut left) = (self.tally.flushed(), 1);
            if let Ok(depths) = self.queue().depths().await {
                let open = || depths.iter().filter_map(|depth| Some((depth, mark_of(depth)?)));
                let (mut mine, mut others) = (false, Functions::new());
                for (depth, newest) in open() {
                    match self.open(depth.partition, newest, false).await {
                        Ok(open) => {
                            mine |= open.served;
                            open.unserved.into_iter().for_each(|(name, one)| add(&mut others, name, one));
                        }
                        // Nobody knows.
                        Err(_) => mine = true,
                    }
                    if mine {
                        break;
                    }
                }
                let count = others.values().map(|(writes, _)| writes).sum();
                if mine || count < fewest {
                    (fewest, until) = (if mine { u64::MAX } else { count }, Instant::now() + patience);
                }
                if !mine && (others.is_empty() || Instant::now() >= until) {
                    return others;
                }
                left = open().map(|(depth, _)| depth.writes).sum();
            }
            self.hurry_until_flushed(before + left).await;
        }
    }

    /// Writes out everything acknowledged so far; returns what is left because nobody here flushes it, and how many writes were given up meanwhile.
    pub(super) async fn flush_all(self: &Arc<Self>, patience: Duration) -> Result<(Functions, u64)> {
        let dead = |depths: &[Depth]| depths.iter().map(|depth| depth.dead).sum::<u64>();
        let before = self.queue().depths().await?;
        let now = self.queue().depths().await?;
        let first = self.flush_up_to(&now, patience).await;
        // A write that replaced one under way is put behind what waited then: the second time it is among what waits.
        let now = self.queue().depths().await?;
        let patience = if first.is_empty() { patience } else { Duration::ZERO };
        let left = self.flush_up_to(&now, patience).await;
        Ok((left, dead(&self.queue().depths().await?).saturating_sub(dead(&before))))
    }
}

/// What is said where writes wait for nobody.
pub(super) fn nobody_serves(left: &Functions) -> Error {
    let names: Vec<_> =
        left.iter().map(|(name, (writes, _))| format!("`{}` ({writes})", short(name))).collect();
    let why = format!(
        "writes wait for functions that this process doesn't serve, and no other has flushed them within {DRAIN:?}: {}; serve them in some process with \
         `Cache::flusher`, or make dead letters of them with `cache.write_behind().give_up(..)`",
        names.join(", ")
    );
    Error::new(ErrorKind::Unserved, why)
}

/// The function of a name under which writes are queued.
pub(super) fn short(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}
