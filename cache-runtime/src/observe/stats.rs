//! The counters as users read them.

use super::{Counter, Counters};
use crate::spec::Spec;
use std::time::Duration;

/// What a cache has done since it was built.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Per function, in the order of their first calls.
    pub functions: Vec<FunctionStats>,
    /// Entries in this process.
    pub entries: u64,
    /// Estimated bytes of them, of the budget.
    pub bytes: u64,
    /// The budget in bytes.
    pub budget: u64,
    /// Keys being loaded, written or held right now.
    pub keys_in_motion: u64,
    /// Invalidations that the shared store has not taken yet.
    pub unsent_invalidations: u64,
    /// Writes acknowledged and not yet in the database.
    pub pending_writes: u64,
}

/// What one function has done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionStats {
    /// The function's name, with its type.
    pub function: &'static str,
    /// Its key template; empty for `#[invalidates]`.
    pub template: &'static str,
    /// Its strategy.
    pub strategy: &'static str,
    /// Calls answered from this process, absent values not counted.
    pub hits: u64,
    /// Calls answered from the shared store.
    pub shared_hits: u64,
    /// Calls answered "absent" from either.
    pub negative_hits: u64,
    /// Calls answered past the soft expiry that started the reload, or from the last value while a failed body is left alone.
    pub stale_hits: u64,
    /// Calls that found nothing.
    pub misses: u64,
    /// Calls that ran their body without the cache: disabled, recursive or conflicting, or nested in a load that has a place.
    pub bypasses: u64,
    /// Misses that got the value of another caller's body.
    pub follows: u64,
    /// Bodies run.
    pub loads: u64,
    /// Bodies that failed.
    pub failed_loads: u64,
    /// Values that were not stored because something was invalidated while they were loaded.
    pub refused_fills: u64,
    /// Values that the shared store did not take in time.
    pub failed_fills: u64,
    /// Calls in which the shared store failed.
    pub store_errors: u64,
    /// Entries of another release, or damaged ones, read as misses.
    pub unreadable: u64,
    /// Values too large to be stored.
    pub too_large: u64,
    /// Reloads in the background.
    pub refreshes: u64,
    /// Writes.
    pub writes: u64,
    /// Writes whose body failed.
    pub failed_writes: u64,
    /// Values that a strict write has left in the shared store.
    pub kept_writes: u64,
    /// Strict writes that could not be announced: made as at level lease, or refused.
    pub failed_fences: u64,
    /// Announced writes that the store did not know any more: their process was paused or cut off for longer than an announcement lasts, or the store lost its data.
    pub lost_intents: u64,
    /// Keys and groups invalidated.
    pub invalidations: u64,
    /// Writes acknowledged before the database had them.
    pub enqueued: u64,
    /// Of those, writes that replaced an earlier one still waiting.
    pub coalesced: u64,
    /// Writes that reached the database later.
    pub flushed: u64,
    /// Writes given up.
    pub dead_letters: u64,
    /// Hits that were compared with the source (`verify`).
    pub verified_hits: u64,
    /// Hits that were chosen and could not be compared: the body failed, or the value is not to be written down as JSON.
    pub failed_verifications: u64,
    /// Hits that were chosen and not compared, and differences that were not looked at again, because enough of them were under way.
    pub skipped_verifications: u64,
    /// Compared hits that said something else than the source did just after them.
    pub inconsistent_hits: u64,
    /// Of those, differences that were still there 1 s later.
    pub inconsistent_after_1s: u64,
    /// Of those, differences that were still there 10 s after the hit.
    pub inconsistent_after_10s: u64,
    /// Of those, differences that were still there 60 s after the hit.
    pub inconsistent_after_60s: u64,
}

impl FunctionStats {
    pub(crate) fn new(spec: &'static Spec, counters: &Counters) -> Self {
        counters.publish();
        let get = |counter| counters.get(counter);
        Self {
            function: spec.function,
            template: spec.template,
            strategy: spec.strategy.as_str(),
            hits: counters.hits(),
            shared_hits: get(Counter::SharedHit),
            negative_hits: get(Counter::NegativeHit),
            stale_hits: get(Counter::StaleHit),
            misses: get(Counter::Miss),
            bypasses: get(Counter::Bypass),
            follows: get(Counter::Follow),
            loads: get(Counter::Load),
            failed_loads: get(Counter::LoadFailed),
            refused_fills: get(Counter::FillRefused),
            failed_fills: get(Counter::FillFailed),
            store_errors: get(Counter::StoreError),
            unreadable: get(Counter::Unreadable),
            too_large: get(Counter::TooLarge),
            refreshes: get(Counter::Refresh),
            writes: get(Counter::Write),
            failed_writes: get(Counter::WriteFailed),
            kept_writes: get(Counter::WriteKept),
            failed_fences: get(Counter::FenceFailed),
            lost_intents: get(Counter::IntentLost),
            invalidations: get(Counter::Invalidation),
            enqueued: get(Counter::Enqueued),
            coalesced: get(Counter::Coalesced),
            flushed: get(Counter::Flushed),
            dead_letters: get(Counter::DeadLetter),
            verified_hits: get(Counter::Verified),
            failed_verifications: get(Counter::VerifyFailed),
            skipped_verifications: get(Counter::VerifySkipped),
            inconsistent_hits: get(Counter::Inconsistent),
            inconsistent_after_1s: get(Counter::Inconsistent1s),
            inconsistent_after_10s: get(Counter::Inconsistent10s),
            inconsistent_after_60s: get(Counter::Inconsistent60s),
        }
    }

    /// The part of reads that needed no body, between 0 and 1; `None` before the first read.
    pub fn hit_ratio(&self) -> Option<f64> {
        let hits = self.hits + self.shared_hits + self.negative_hits + self.stale_hits;
        let reads = hits + self.misses + self.bypasses;
        #[allow(clippy::cast_precision_loss)]
        (reads > 0).then(|| hits as f64 / reads as f64)
    }

    /// How many of a million hits were wrong, and still wrong this long after they were answered; `None` before the first was compared.
    ///
    /// The figure that Meta's Polaris reports of a cache at several times. Differences are looked at right away and after 1, 10 and 60 s; the
    /// latest of these that is not after `this_long` counts. Right away counts every write that committed between the hit and the
    /// comparison; from 10 s on it should be zero.
    pub fn inconsistent_per_million(&self, this_long: Duration) -> Option<f64> {
        let wrong = match this_long.as_secs() {
            0 => self.inconsistent_hits,
            1..10 => self.inconsistent_after_1s,
            10..60 => self.inconsistent_after_10s,
            60.. => self.inconsistent_after_60s,
        };
        #[allow(clippy::cast_precision_loss)]
        (self.verified_hits > 0).then(|| wrong as f64 / self.verified_hits as f64 * 1e6)
    }
}
