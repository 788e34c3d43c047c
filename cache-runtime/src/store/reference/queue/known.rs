//! What a line holds, for those who explore it, and how its claim ends before its time.

use super::Reference;
use crate::store::{Batch, Partition, Token};

/// What is known of the line of a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownLine {
    /// Who held its claim last, unless it was given back.
    pub holder: Option<Token>,
    /// The epoch of that claim.
    pub epoch: u64,
    /// What was taken and not settled.
    pub batch: Option<Batch>,
    /// The ids of the writes that wait.
    pub waiting: Vec<u64>,
}

impl Reference {
    /// What is known of the line of a partition.
    pub fn known_line(&self, partition: Partition) -> KnownLine {
        self.lines.get(&partition).map_or_else(KnownLine::default, |line| KnownLine {
            holder: line.holder.as_ref().map(|holder| holder.token),
            epoch: line.epoch,
            batch: line.batch.clone(),
            waiting: line.waiting.keys().copied().collect(),
        })
    }

    /// The claim of a partition ends before its time: from now on another may take it. Tells whether it was held.
    pub fn lose_claim(&mut self, partition: Partition) -> bool {
        let holder = self.lines.get_mut(&partition).and_then(|line| line.holder.as_mut());
        holder.is_some_and(|holder| !std::mem::take(&mut holder.ends).is_zero())
    }
}
