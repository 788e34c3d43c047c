//! Which of the writes that came together are accepted: as if each were asked after the one before it.

use super::{
    rows::{DELTA, NOTHING, shown},
    work::{Line, kind_of},
};
use crate::store::{NewWrite, Put, Shows, StoreErrorKind, Target, Token};
use std::collections::{BTreeMap, HashMap};

/// What is known of the tokens and the keys of the writes.
#[derive(Default)]
pub(super) struct Known<'w> {
    /// What tokens were answered already.
    pub(super) told: HashMap<Token, Put>,
    pub(super) keys: HashMap<&'w str, Key>,
}

/// A key as it is before a write.
#[derive(Default)]
pub(super) struct Key {
    pub(super) halted: bool,
    /// What is pending, as a number.
    pub(super) shows: i64,
    pub(super) latest: Option<Latest>,
}

/// The latest write of a key that waits.
pub(super) struct Latest {
    pub(super) id: u64,
    pub(super) function: String,
    pub(super) whole: bool,
    pub(super) drops: Vec<Target>,
}

/// What is to be written down.
#[derive(Default)]
pub(super) struct Accepted<'w> {
    /// The answers, in the order of the writes.
    pub(super) puts: Vec<Put>,
    /// The writes that wait, by their places.
    pub(super) rows: BTreeMap<u64, Row<'w>>,
    /// What the tokens are answered from now on.
    pub(super) tokens: Vec<(Token, Put)>,
}

/// A write in its place; another may have been there before.
pub(super) struct Row<'w> {
    pub(super) write: &'w NewWrite,
    pub(super) version: u64,
    pub(super) drops: Vec<Target>,
    /// It is what its key shows.
    pub(super) shown: bool,
}

/// Decides on each in turn, and counts in the line.
pub(super) fn accept<'w>(line: &mut Line, known: &mut Known<'w>, writes: &[&'w NewWrite]) -> Accepted<'w> {
    let mut accepted = Accepted::default();
    for write in writes {
        let put = known.told.get(&write.token).copied();
        let put = put.unwrap_or_else(|| one(line, known, write, &mut accepted));
        accepted.puts.push(put);
    }
    accepted
}

fn one<'w>(line: &mut Line, known: &mut Known<'w>, write: &'w NewWrite, accepted: &mut Accepted<'w>) -> Put {
    let key = known.keys.entry(&write.key.text).or_default();
    if key.halted {
        return Put::Halted;
    }
    let delta = write.shows == Shows::Delta;
    if key.shows != NOTHING && (key.shows == DELTA) != delta {
        return Put::Mixed;
    }
    let same = |latest: &Latest| write.is_whole() && latest.whole && latest.function == *write.function;
    let coalesces = key.latest.as_ref().is_some_and(same);
    if !coalesces && line.waiting >= write.most {
        return Put::Full;
    }
    let version = line.next();
    let earlier = key.latest.as_ref().and_then(|earlier| accepted.rows.get_mut(&earlier.id));
    if let Some(earlier) = earlier {
        earlier.shown = false;
    }
    let put = if coalesces { Put::Coalesced(version) } else { Put::Queued(version) };
    let mut latest = key.latest.take().filter(|_| coalesces).unwrap_or_else(|| {
        line.waiting += 1;
        let function = write.function.as_ref().to_owned();
        Latest { id: version, function, whole: write.is_whole(), drops: Vec::new() }
    });
    add(&mut latest.drops, &write.drops);
    accepted.rows.insert(latest.id, Row { write, version, drops: latest.drops.clone(), shown: true });
    accepted.tokens.push((write.token, put));
    known.told.insert(write.token, put);
    (key.shows, key.latest) = (shown(&write.shows).0, Some(latest));
    put
}

/// Adds what isn't there yet.
fn add(drops: &mut Vec<Target>, more: &[Target]) {
    for target in more {
        if !drops.contains(target) {
            drops.push(target.clone());
        }
    }
}

/// Whether one of the writes may be at fault, so that the others would be accepted without it.
pub(super) fn is_of_one(error: &sqlx::Error) -> bool {
    matches!(kind_of(error), StoreErrorKind::Refused | StoreErrorKind::Protocol)
}
