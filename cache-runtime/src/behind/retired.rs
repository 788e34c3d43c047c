//! What becomes of writes of a function that no release has any more: they are given up when somebody says so.

use super::{
    batch,
    failures::Buried,
    state::{DRAIN, LOOK, State},
    status::WriteBehind,
    waiting::short,
};
use crate::{
    Error, Result,
    error::ErrorKind,
    store::{Batch, Claim, QueuedWrite, Settled, StoreError, Token},
};
use std::sync::Arc;
use tokio::time::Instant;

/// How many writes are given up together.
const TOGETHER: usize = 500;
/// How it is called in the log.
const CLASS: &str = "retired";

/// A function that nobody serves any more, by its name with its type.
struct Retired<'f> {
    state: &'f Arc<State>,
    function: &'f str,
    holder: Token,
}

impl WriteBehind<'_> {
    /// Makes dead letters of all writes that wait for a function which no release has any more, such as `Notes::add`; answers how many these were.
    /// [`WriteBehind::waiting`] has the names. Once a release has the function again they can be replayed; until then they stand in nobody's way, and
    /// can be discarded. What comes after them in their keys is flushed, and readers get what the database has, also with
    /// [`Queue::halt_on_dead_letters`](crate::Queue::halt_on_dead_letters).
    ///
    /// Whether somebody elsewhere serves the function isn't known here: what he has not flushed yet is given up, too. Of a batch that a killed process has left nobody can ask
    /// whether the database has it; the error of its dead letters says so.
    ///
    /// Dropped half-way, some are given up.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when this process serves the function. [`ErrorKind::Unserved`](crate::ErrorKind::Unserved) when other processes hold the partitions
    /// of some writes for more than five seconds; the others are given up, and it may be called again. The queue's.
    pub async fn give_up(&self, function: &str) -> Result<u64> {
        let Some(state) = self.cache.0.behind.state() else { return Ok(0) };
        if state.flusher().handlers.keys().any(|name| short(name) == function) {
            let why = format!(
                "`{function}` is served in this process, so its writes are flushed, and none is given up"
            );
            return Err(Error::new(ErrorKind::Config, why));
        }
        // In the name of the flusher of this process, if it runs: what it holds is held for this.
        let flusher = state.holding();
        let retired = Retired { state, function, holder: flusher.unwrap_or_else(Token::random) };
        let buried = retired.bury().await;
        if flusher.is_none() {
            // They end by themselves.
            let _ = state.queue().yield_claims(retired.holder).await;
        }
        buried
    }
}

impl Retired<'_> {
    fn is(&self, name: &str) -> bool {
        short(name) == self.function
    }

    async fn bury(&self) -> Result<u64> {
        let deadline = Instant::now() + DRAIN;
        let mut buried = 0;
        loop {
            let lease = self.state.options.claim_lease;
            for claim in self.state.queue().claim(self.holder, lease, &[]).await? {
                buried += self.bury_in(claim).await?;
            }
            let left: u64 = self
                .state
                .unserved()
                .await?
                .iter()
                .filter(|(name, _)| self.is(name))
                .map(|(_, (n, _))| n)
                .sum();
            if left == 0 {
                return Ok(buried);
            }
            if Instant::now() >= deadline {
                let why = format!(
                    "{left} writes of `{}` are not given up, because other processes hold their partitions; try again",
                    self.function
                );
                return Err(Error::new(ErrorKind::Unserved, why));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Gives up what waits in one partition.
    async fn bury_in(&self, mut claim: Claim) -> Result<u64> {
        let taken = claim.unfinished.take();
        if let Some(batch) = &taken {
            // Of another function's batch somebody can ask the database.
            let ends = batch.writes.is_empty() || self.is(&batch.function);
            if !ends || !self.state.queue().settle(&claim, Some(batch.number), &[]).await? {
                return Ok(0);
            }
        }
        let (mut buried, mut after) = (0, 0);
        loop {
            let page = self.state.queue().peek(claim.partition, after, TOGETHER).await?;
            let Some(last) = page.last().map(|last| last.id) else { return Ok(buried) };
            let ids: Vec<u64> =
                page.iter().filter(|waiting| self.is(&waiting.function)).map(|waiting| waiting.id).collect();
            let writes = self.state.queue().fetch(claim.partition, &ids).await?;
            if !self.settle(&claim, taken.as_ref(), &writes).await? {
                return Ok(buried);
            }
            buried += writes.len() as u64;
            after = last;
        }
    }

    /// `false` if the claim was lost.
    async fn settle(
        &self,
        claim: &Claim,
        taken: Option<&Batch>,
        writes: &[QueuedWrite],
    ) -> Result<bool, StoreError> {
        let error = |write: &QueuedWrite| {
            let maybe = taken.is_some_and(|batch| batch.writes.iter().any(|(id, _)| *id == write.id));
            if maybe {
                "its function was given up while a batch with it was not settled, so the database may have it"
            } else {
                "its function was given up"
            }
        };
        let dead = |write: &QueuedWrite| {
            let error = error(write).to_owned();
            Settled::Dead { id: write.id, version: write.version, error, halt: false }
        };
        let settled: Vec<Settled> = writes.iter().map(dead).collect();
        if settled.is_empty() {
            return Ok(true);
        }
        if !self.state.queue().settle(claim, None, &settled).await? {
            return Ok(false);
        }
        for write in writes {
            self.state.buried(&Buried {
                partition: claim.partition,
                write,
                class: CLASS,
                error: error(write),
            });
            batch::drop_given_up(self.state, claim.partition, write.clone()).await;
        }
        self.state.progress.notify_waiters();
        Ok(true)
    }
}
