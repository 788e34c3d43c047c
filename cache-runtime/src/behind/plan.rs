//! Which of the writes that wait are flushed together?
//!
//! A batch has writes of one function. Of each key they are in order: a write is not taken before an earlier one to its key that is of another
//! function, or can't be flushed now.

use crate::store::Waiting;
use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

/// The writes of several partitions that are still to be flushed, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Plan {
    lines: Vec<VecDeque<Waiting>>,
    most: usize,
    most_bytes: usize,
}

/// What is flushed together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) function: Arc<str>,
    /// Of each partition, by its place in the plan, the ids.
    pub(super) lines: Vec<(usize, Vec<u64>)>,
}

impl Plan {
    /// What waits, partition by partition; at most `most` writes and `most_bytes` bytes go together.
    pub(super) fn new(lines: Vec<Vec<Waiting>>, most: usize, most_bytes: usize) -> Self {
        Self { lines: lines.into_iter().map(VecDeque::from).collect(), most, most_bytes }
    }

    /// The next batch, and takes it out of the plan; `usable` tells which writes can be flushed now.
    ///
    /// It goes partition by partition, so that a batch of a long queue touches few of them.
    pub(super) fn next(&mut self, usable: impl Fn(usize, &Waiting) -> bool) -> Option<Chosen> {
        let heads = self.lines.iter().enumerate().filter_map(|(place, line)| {
            let head = first_free(line, |waiting| usable(place, waiting))?;
            Some((head.id, head.function.clone(), place))
        });
        let mut heads: Vec<_> = heads.collect();
        heads.sort_unstable_by_key(|(id, _, _)| *id);
        let function = heads.first()?.1.clone();
        let (mut left, mut left_bytes) = (self.most, self.most_bytes);
        let mut lines = Vec::new();
        for (_, _, place) in heads {
            let Some(line) = self.lines.get_mut(place) else { continue };
            let mut blocked: HashSet<Arc<str>> = HashSet::new();
            let mut ids = Vec::new();
            line.retain(|waiting| {
                let bytes = waiting.bytes as usize;
                let fits = left > 0 && (bytes <= left_bytes || left == self.most);
                let free = !blocked.contains(&waiting.key);
                if free && fits && waiting.function == function && usable(place, waiting) {
                    (left, left_bytes) = (left - 1, left_bytes.saturating_sub(bytes));
                    ids.push(waiting.id);
                    return false;
                }
                blocked.insert(waiting.key.clone());
                true
            });
            if !ids.is_empty() {
                lines.push((place, ids));
            }
            if left == 0 {
                break;
            }
        }
        (!lines.is_empty()).then_some(Chosen { function, lines })
    }

    /// What is left of the partition at this place.
    pub(super) fn left(&self, place: usize) -> impl Iterator<Item = &Waiting> {
        self.lines.get(place).into_iter().flatten()
    }

    /// Whether nothing is left of the partition at this place.
    pub(super) fn is_done(&self, place: usize) -> bool {
        self.lines.get(place).is_none_or(VecDeque::is_empty)
    }
}

/// The first write that can be flushed before everything else to its key.
fn first_free(line: &VecDeque<Waiting>, usable: impl Fn(&Waiting) -> bool) -> Option<&Waiting> {
    let mut blocked: HashSet<&str> = HashSet::new();
    line.iter().find(|waiting| {
        let free = !blocked.contains(&*waiting.key) && usable(waiting);
        blocked.insert(&waiting.key);
        free
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(id: u64, function: &str, key: &str) -> Waiting {
        Waiting { id, function: function.into(), key: key.into(), bytes: 10 }
    }

    fn all(plan: &mut Plan, usable: impl Fn(usize, &Waiting) -> bool + Copy) -> Vec<(String, Vec<u64>)> {
        let batches = std::iter::from_fn(|| plan.next(usable));
        batches
            .map(|chosen| {
                let ids = chosen.lines.into_iter().flat_map(|(_, ids)| ids).collect();
                (chosen.function.to_string(), ids)
            })
            .collect()
    }

    fn batch(function: &str, ids: &[u64]) -> (String, Vec<u64>) {
        (function.to_owned(), ids.to_vec())
    }

    #[test]
    fn writes_of_one_function_go_together_whatever_stands_between() {
        let line = vec![waiting(1, "f", "a"), waiting(2, "g", "b"), waiting(3, "f", "c")];
        let mut plan = Plan::new(vec![line], 10, 1_000);
        assert_eq!(all(&mut plan, |_, _| true), [batch("f", &[1, 3]), batch("g", &[2])]);
        assert!(plan.is_done(0));
    }

    #[test]
    fn a_key_is_written_in_the_order_of_its_writes() {
        let line =
            vec![waiting(1, "f", "a"), waiting(2, "g", "a"), waiting(3, "f", "a"), waiting(4, "f", "b")];
        let mut plan = Plan::new(vec![line], 10, 1_000);
        let expected = [batch("f", &[1, 4]), batch("g", &[2]), batch("f", &[3])];
        assert_eq!(all(&mut plan, |_, _| true), expected);
    }

    #[test]
    fn what_cannot_be_flushed_holds_back_its_key_and_nothing_else() {
        let line = vec![waiting(1, "f", "a"), waiting(2, "g", "a"), waiting(3, "g", "b")];
        let mut plan = Plan::new(vec![line], 10, 1_000);
        assert_eq!(all(&mut plan, |_, waiting| &*waiting.function != "f"), [batch("g", &[3])]);
        assert!(!plan.is_done(0));
    }

    #[test]
    fn batches_keep_their_limits_and_touch_few_partitions() {
        let line = |from: u64| (from..from + 4).map(|id| waiting(id, "f", &format!("k{id}"))).collect();
        let mut plan = Plan::new(vec![line(10), line(1)], 3, 1_000);
        let batches = all(&mut plan, |_, _| true);
        assert_eq!(batches[0], batch("f", &[1, 2, 3]), "the oldest first, from one partition");
        assert_eq!(batches.iter().map(|(_, ids)| ids.len()).sum::<usize>(), 8);
        let mut plan = Plan::new(vec![line(1)], 10, 25);
        assert_eq!(all(&mut plan, |_, _| true), [batch("f", &[1, 2]), batch("f", &[3, 4])]);
        let mut plan = Plan::new(vec![line(1)], 10, 5);
        assert_eq!(all(&mut plan, |_, _| true).len(), 4, "one that is too large goes alone");
    }
}
