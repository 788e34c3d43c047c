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
    Clear, Cursor, Ear, Ended, EntryKey, Fill, FillOutcome, Lookup, Pulse, Read, RedisStore, Scanned, Seen,
    Store, StoreError, StoreFuture, Target, Token, Told, Written,
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

    /// Says that Redis has been told of these.
    fn delivered<'t>(&self, targets: impl Iterator<Item = &'t Target>, begin: u64) {
        for target in targets {
            if let Target::Key { text, .. } = target
                && let Some((level, key)) = register_of(text)
            {
                self.log.say(What::Delivered { level, key, begin });
            }
        }
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

    fn invalidate<'a>(&'a self, targets: &'a [Target], hold: Option<Duration>) -> StoreFuture<'a, Told> {
        Box::pin(async move {
            let begin = now();
            let lost = self.spoilt(Bug::DropInvalidation).is_some_and(Spoiler::loses);
            let later = self.spoilt(Bug::EarlyAck);
            let told = match later {
                Some(spoiler) => {
                    spoiler.invalidate_later(self.redis.clone(), targets.to_vec(), hold);
                    Told(Duration::ZERO)
                }
                None if lost => Told(Duration::ZERO),
                None => self.watch(self.redis.invalidate(targets, hold)).await?,
            };
            self.delivered(targets.iter(), begin);
            Ok(told)
        })
    }

    fn begin<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, ()> {
        if self.spoilt(Bug::SkipIntent).is_some() {
            return Box::pin(std::future::ready(Ok(())));
        }
        Box::pin(self.watch(self.redis.begin(targets, token, intent)))
    }

    fn extend<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, bool> {
        if self.spoilt(Bug::SkipIntent).is_some() {
            return Box::pin(std::future::ready(Ok(true)));
        }
        Box::pin(self.watch(self.redis.extend(targets, token, intent)))
    }

    fn end<'a>(&'a self, written: &'a [Written], token: Token) -> StoreFuture<'a, (Vec<Ended>, Told)> {
        Box::pin(async move {
            let begin = now();
            let targets = || written.iter().map(|written| &written.target);
            let nothing = || {
                let ended = written.iter().map(|_| Ended { intact: true, stored: false });
                (ended.collect(), Told(Duration::ZERO))
            };
            let lost = self.spoilt(Bug::DropInvalidation).is_some_and(Spoiler::loses);
            let ended = match self.spoilt(Bug::EarlyAck) {
                Some(spoiler) => {
                    spoiler.invalidate_later(self.redis.clone(), targets().cloned().collect(), None);
                    nothing()
                }
                None if lost => nothing(),
                None => self.watch(self.redis.end(written, token)).await?,
            };
            self.delivered(targets(), begin);
            Ok(ended)
        })
    }

    fn clear<'a>(&'a self, scope: &'a Clear) -> StoreFuture<'a, (u64, Told)> {
        self.redis.clear(scope)
    }

    fn follow(&self, ear: Arc<dyn Ear>) -> StoreFuture<'_, ()> {
        self.redis.follow(ear)
    }

    fn scan<'a>(&'a self, prefix: &'a str, from: Option<&'a Cursor>) -> StoreFuture<'a, Scanned> {
        Box::pin(self.watch(self.redis.scan(prefix, from)))
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
