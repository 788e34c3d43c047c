//! What became of a batch that nobody saw the end of?
//!
//! The database knows, where its transactions say which batch they write: an earlier holder of a claim may have gone before it settled its batch, and the
//! answer to a commit, or to a settlement, may be lost.

use super::{
    batch::{self, Line},
    deferred::Lane,
    flusher::Flushing,
};
use crate::store::{Batch, Claim, Settled};
use std::sync::Arc;

/// A batch whose outcome only the database knows.
pub(super) struct Doubt {
    pub(super) function: Arc<str>,
    pub(super) lines: Vec<Line>,
}

impl Flushing {
    /// Settles the batches that earlier holders have taken and not settled; returns the claims under which writes may be taken.
    pub(super) async fn settle_what_was_left(&mut self, claims: Vec<Claim>) -> Vec<Claim> {
        let mut free = Vec::with_capacity(claims.len());
        for mut claim in claims {
            let Some(batch) = claim.unfinished.take() else {
                free.push(claim);
                continue;
            };
            // What this flusher itself is in doubt about comes back only if it had lost the claim.
            for doubt in &mut self.doubts {
                doubt.lines.retain(|line| line.claim.partition != claim.partition);
            }
            self.doubts.retain(|doubt| !doubt.lines.is_empty());
            if self.settle_unfinished(&claim, &batch).await {
                free.push(claim);
            } else {
                self.leave(claim.partition);
            }
        }
        free
    }

    /// Asks the database whether it has a batch, and settles it accordingly.
    async fn settle_unfinished(&self, claim: &Claim, batch: &Batch) -> bool {
        let handler = self.state.flusher().handlers.get(&batch.function).cloned();
        let Some(handler) = handler.filter(|_| !batch.writes.is_empty()) else {
            // Nobody here can ask. An empty batch has nothing to ask about.
            return batch.writes.is_empty()
                && matches!(self.state.queue().settle(claim, Some(batch.number), &[]).await, Ok(true));
        };
        let lane = Lane { partition: claim.partition, epoch: claim.epoch, number: batch.number };
        let written = match handler.progress(lane, self.state.options.flush_timeout) {
            // It is written again: at least once is what such a function promises.
            None => false,
            Some(progress) => match progress.await {
                Ok(last) => last == Some(batch.number),
                Err(failure) => {
                    tracing::warn!(error = %failure.message, "the database could not be asked what was written last");
                    return false;
                }
            },
        };
        if written {
            self.state.failures.passed(&batch.function);
        }
        let ids: Vec<u64> = batch.writes.iter().map(|(id, _)| *id).collect();
        let Ok(writes) = self.state.queue().fetch(claim.partition, &ids).await else { return false };
        let done = batch.writes.iter().filter(|_| written);
        let settled: Vec<_> =
            done.map(|(id, version)| Settled::Done { id: *id, version: *version }).collect();
        if written {
            batch::drop_edges(&self.state, &[(claim.partition, writes.clone())]).await;
        }
        if !matches!(self.state.queue().settle(claim, Some(batch.number), &settled).await, Ok(true)) {
            return false;
        }
        if written {
            tracing::info!(
                writes = writes.len(),
                "a batch of an earlier flusher was in the database already"
            );
            batch::written(&self.state, &[(claim.partition, writes)]);
        }
        true
    }

    /// Finds out what became of batches whose transaction may have committed.
    pub(super) async fn settle_doubts(&mut self, claims: &[Claim]) {
        for doubt in std::mem::take(&mut self.doubts) {
            if self.resting_until(&doubt.function).is_some() {
                self.doubts.push(doubt);
                continue;
            }
            let Doubt { function, lines } = doubt;
            let mut open = Vec::new();
            // Where the claim was lost, the next holder asks.
            for line in lines.into_iter().filter(|line| claims.contains(&line.claim)) {
                let batch = Batch {
                    number: line.number,
                    epoch: line.claim.epoch,
                    function: function.clone(),
                    writes: line.writes.iter().map(|write| (write.id, write.version)).collect(),
                };
                if !self.settle_unfinished(&line.claim, &batch).await {
                    open.push(line);
                }
            }
            if !open.is_empty() {
                self.back_off(function.clone());
                self.doubts.push(Doubt { function, lines: open });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Queue, behind::Behind, store::Partition};

    #[tokio::test]
    async fn batch_in_doubt_stays_so_where_the_claim_was_kept() {
        let behind = Behind::new(Some(Queue::memory()), "doubts", None);
        let state = behind.state().expect("it has a queue").clone();
        let mut flushing = Flushing::new(state);
        let function: Arc<str> = "save".into();
        let claim = |n: usize, unfinished| {
            let partition = Partition::all().nth(n).expect("there are more");
            Claim { partition, epoch: 7, unfinished }
        };
        let line = |n| Line { claim: claim(n, None), number: 1, writes: Vec::new() };
        flushing.doubts.push(Doubt { function: function.clone(), lines: vec![line(0), line(1)] });
        // The claim of the first was lost, and taken anew.
        let batch = Batch { number: 1, epoch: 6, function, writes: Vec::new() };
        flushing.settle_what_was_left(vec![claim(0, Some(batch)), claim(1, None)]).await;
        let doubtful: Vec<_> = flushing.doubts.iter().flat_map(|doubt| &doubt.lines).collect();
        assert_eq!(doubtful.len(), 1);
        assert_eq!(doubtful[0].claim, claim(1, None));
    }
}
