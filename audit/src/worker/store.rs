//! What a worker's cache and Redis say to each other: watched, and spoilt on purpose when a bug was asked for.

use super::{
    bugs::{Bug, Spoiler},
    log::Log,
};
use crate::{
    clock::now,
    event::What,
    words::{Level, named},
};
use cache_runtime::store::{
    Clear, EntryKey, Fill, FillOutcome, Lookup, Pulse, Read, RedisStore, Seen, Store, StoreError,
    StoreFuture, Target, Token,
};
use std::{future::Future, sync::Arc, time::Duration};

/// A [`RedisStore`] that reports which invalidations got through, and which calls didn't.
#[derive(Debug)]
pub(crate) struct Watched {
    redis: Arc<RedisStore>,
    log: Arc<Log>,
    spoiler: Option<Spoiler>,
}

impl Watched {
    pub(crate) fn new(redis: Arc<RedisStore>, log: Arc<Log>, spoiler: Option<Spoiler>) -> Self {
        Self { redis, log, spoiler }
    }

    /// Runs a call; says so when it fails, or is given up before it was answered.
    async fn watch<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let unanswered = Unanswered(&self.log);
        let answer = call.await;
        if answer.is_ok() {
            std::mem::forget(unanswered);
        }
        answer
    }

    fn spoilt(&self, bug: Bug) -> Option<&Spoiler> {
        self.spoiler.as_ref().filter(|spoiler| spoiler.bug() == bug)
    }
}

/// Dropped unless the call was answered.
struct Unanswered<'l>(&'l Log);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.0.missed();
    }
}

impl Store for Watched {
    fn read<'a>(&'a self, keys: &'a [EntryKey]) -> StoreFuture<'a, Vec<Read>> {
        Box::pin(self.watch(self.redis.read(keys)))
    }

    fn acquire<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, Lookup> {
        Box::pin(self.watch(self.redis.acquire(key, token, lease)))
    }

    fn acquire_over<'a>(
        &'a self,
        key: &'a EntryKey,
        seen: &'a Seen,
        token: Token,
        lease: Duration,
    ) -> StoreFuture<'a, Lookup> {
        Box::pin(self.watch(self.redis.acquire_over(key, seen, token, lease)))
    }

    fn renew<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, bool> {
        Box::pin(self.watch(self.redis.renew(key, token, lease)))
    }

    fn fill<'a>(&'a self, key: &'a EntryKey, fill: Fill) -> StoreFuture<'a, FillOutcome> {
        Box::pin(async move {
            let copy = fill.clone();
            let outcome = self.watch(self.redis.fill(key, fill)).await?;
            if let Some(spoiler) = self.spoilt(Bug::LateFill) {
                spoiler.set_later(key, &copy);
            } else if let Some(spoiler) =
                self.spoilt(Bug::SkipLease).filter(|_| outcome == FillOutcome::Refused)
            {
                spoiler.set(key, &copy).await;
                return Ok(FillOutcome::Stored);
            }
            Ok(outcome)
        })
    }

    fn release<'a>(&'a self, key: &'a EntryKey, token: Token) -> StoreFuture<'a, ()> {
        Box::pin(self.watch(self.redis.release(key, token)))
    }

    fn invalidate<'a>(&'a self, targets: &'a [Target], hold: Option<Duration>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let begin = now();
            let lost = self.spoilt(Bug::DropInvalidation).is_some_and(Spoiler::loses);
            let later = self.spoilt(Bug::EarlyAck);
            match later {
                Some(spoiler) => spoiler.invalidate_later(self.redis.clone(), targets.to_vec(), hold),
                None if lost => {}
                None => self.watch(self.redis.invalidate(targets, hold)).await?,
            }
            for target in targets {
                if let Target::Key { text, .. } = target
                    && let Some((level, key)) = register_of(text)
                {
                    self.log.say(What::Delivered { level, key, begin });
                }
            }
            Ok(())
        })
    }

    fn clear<'a>(&'a self, scope: &'a Clear) -> StoreFuture<'a, u64> {
        self.redis.clear(scope)
    }

    fn pulse(&self) -> StoreFuture<'_, Pulse> {
        Box::pin(self.watch(self.redis.pulse()))
    }
}

/// The row of a key such as `lease:7`.
fn register_of(text: &str) -> Option<(Level, u16)> {
    let (level, id) = text.split_once(':')?;
    Some((named(Level::ALL, level)?, id.parse().ok()?))
}
