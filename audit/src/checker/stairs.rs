//! From when on was it known that a newer version than this one had to be seen?

use crate::words::Nanos;

/// A version that had to be seen from a moment on, and the write that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) version: u64,
    pub(super) since: Nanos,
    pub(super) token: u64,
}

/// The highest version over time: each step is later and higher than the one before it.
#[derive(Clone, Debug, Default)]
pub(super) struct Stairs(Vec<Step>);

impl Stairs {
    /// From `step.since` on, nothing older than `step.version` may be seen. Steps mostly arrive in order.
    pub(super) fn add(&mut self, step: Step) {
        // Most reads see what was seen before.
        if self.0.last().is_some_and(|last| last.since <= step.since && last.version >= step.version) {
            return;
        }
        let before = self.0.partition_point(|other| other.since <= step.since);
        if before > 0 && self.0[before - 1].version >= step.version {
            return;
        }
        // Later steps that are not higher say nothing any more, nor do those of the same moment.
        let begin = self.0[..before].partition_point(|other| other.since < step.since);
        let end = before + self.0[before..].partition_point(|other| other.version <= step.version);
        self.0.splice(begin..end, [step]);
    }

    /// The first moment at which `version` was outdated, if that was not after `at`.
    pub(super) fn outdated(&self, version: u64, at: Nanos) -> Option<Step> {
        // Nearly all reads return the latest version or the one before.
        let step = match self.0.as_slice() {
            [] => return None,
            [.., last] if last.version <= version => return None,
            [.., before, last] if before.version <= version => last,
            steps => steps.get(steps.partition_point(|step| step.version <= version))?,
        };
        (step.since <= at).then_some(*step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stairs_answer_as_a_search_through_all_steps_does(
            steps in prop::collection::vec((0_u64..12, 0_u64..12), 0..12),
            version in 0_u64..13,
            at in 0_u64..13,
        ) {
            let mut stairs = Stairs::default();
            for (version, since) in &steps {
                stairs.add(Step { version: *version, since: *since, token: 0 });
            }
            let first = steps.iter().filter(|(newer, _)| *newer > version).map(|(_, since)| *since).min();
            let expected = first.filter(|since| *since <= at);
            prop_assert_eq!(stairs.outdated(version, at).map(|step| step.since), expected);
        }
    }
}
