//! A store's queue, asked as the store is: with deadlines, and through the same circuit breaker.

use super::Guarded;
use crate::store::{
    Claim, Dead, Depth, EntryKey, Fitness, NewWrite, Partition, Pending, Promise, Put, QueuedWrite, Replayed,
    Settled, StoreError, StoreErrorKind, StoreFuture, Taken, Token, Waiting, WriteQueue,
};
use std::time::Duration;

impl Guarded {
    fn asking<'a, T: 'a>(
        &'a self,
        operation: &'static str,
        ask: impl FnOnce(&'a dyn WriteQueue) -> StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        match self.inner.queue() {
            Some(queue) => Box::pin(self.call(operation, Some(&self.pulse), ask(queue))),
            None => Box::pin(async move { Err(StoreError::new(StoreErrorKind::Refused, operation)) }),
        }
    }
}

impl WriteQueue for Guarded {
    fn enqueue<'a>(&'a self, write: &'a NewWrite) -> StoreFuture<'a, Put> {
        self.asking("enqueue", |queue| queue.enqueue(write))
    }

    fn look<'a>(&'a self, key: &'a EntryKey) -> StoreFuture<'a, Option<Pending>> {
        self.asking("look", |queue| queue.look(key))
    }

    fn claim<'a>(
        &'a self,
        holder: Token,
        lease: Duration,
        except: &'a [Partition],
    ) -> StoreFuture<'a, Vec<Claim>> {
        self.asking("claim", move |queue| queue.claim(holder, lease, except))
    }

    fn yield_claims(&self, holder: Token) -> StoreFuture<'_, ()> {
        self.asking("yield", move |queue| queue.yield_claims(holder))
    }

    fn peek(&self, partition: Partition, after: u64, most: usize) -> StoreFuture<'_, Vec<Waiting>> {
        self.asking("peek", move |queue| queue.peek(partition, after, most))
    }

    fn fetch<'a>(&'a self, partition: Partition, ids: &'a [u64]) -> StoreFuture<'a, Vec<QueuedWrite>> {
        self.asking("fetch", move |queue| queue.fetch(partition, ids))
    }

    fn take<'a>(&'a self, claim: &'a Claim, ids: &'a [u64]) -> StoreFuture<'a, Option<Taken>> {
        self.asking("take", |queue| queue.take(claim, ids))
    }

    fn settle<'a>(
        &'a self,
        claim: &'a Claim,
        number: Option<u64>,
        settled: &'a [Settled],
    ) -> StoreFuture<'a, bool> {
        self.asking("settle", move |queue| queue.settle(claim, number, settled))
    }

    fn overtake<'a>(&'a self, key: &'a EntryKey, version: u64) -> StoreFuture<'a, Vec<QueuedWrite>> {
        self.asking("overtake", move |queue| queue.overtake(key, version))
    }

    fn depths(&self) -> StoreFuture<'_, Vec<Depth>> {
        self.asking("depths", |queue| queue.depths())
    }

    fn dead(&self) -> StoreFuture<'_, Vec<Dead>> {
        self.asking("dead", |queue| queue.dead())
    }

    fn replay(&self, partition: Partition, id: u64) -> StoreFuture<'_, Replayed> {
        self.asking("replay", move |queue| queue.replay(partition, id))
    }

    fn discard(&self, partition: Partition, id: u64) -> StoreFuture<'_, bool> {
        self.asking("discard", move |queue| queue.discard(partition, id))
    }

    fn fitness(&self, promise: Promise, assumed: bool) -> Fitness {
        self.inner.queue().map_or(Fitness::Fit, |queue| queue.fitness(promise, assumed))
    }
}
