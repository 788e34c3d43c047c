//! Where the cache gets the time from.

use std::{
    fmt,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// The clock that decides when entries expire.
///
/// Deadlines of the shared store never use it: they run on real time, so that paused or manual time can't fire them.
///
/// ```
/// use cache_runtime::{Cache, Clock};
/// use std::time::Duration;
///
/// let (clock, hands) = Clock::manual();
/// let cache = Cache::builder().clock(clock).build_memory();
/// hands.advance(Duration::from_secs(60)); // everything with a shorter ttl has expired now
/// # drop(cache);
/// ```
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Tokio(tokio::time::Instant),
    Manual(Arc<Hands>),
}

/// Where a manual clock stands.
#[derive(Debug, Default)]
struct Hands {
    millis: AtomicU64,
    moved: Notify,
}

/// Moves a manual [`Clock`].
#[derive(Clone, Debug)]
pub struct ClockHands(Arc<Hands>);

/// Milliseconds since an arbitrary moment in the past of this process; `NEVER` lies beyond all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Moment(u64);

impl Clock {
    /// The machine's monotonic clock, read at its coarse resolution (1 to 10 ms): the default.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// Tokio's clock, which `tokio::time::pause` and `advance` move; for caches in a single process. Must be called inside a runtime.
    pub fn tokio() -> Self {
        Self(Source::Tokio(tokio::time::Instant::now()))
    }

    /// A clock that moves only when its [`ClockHands`] are moved.
    pub fn manual() -> (Self, ClockHands) {
        let hands = Arc::<Hands>::default();
        (Self(Source::Manual(hands.clone())), ClockHands(hands))
    }

    /// Whether only the runtime that made it can read it rightly.
    pub(crate) fn is_of_a_runtime(&self) -> bool {
        matches!(self.0, Source::Tokio(_))
    }

    #[inline]
    pub(crate) fn now(&self) -> Moment {
        match &self.0 {
            Source::System => Moment(START + coarse_millis()),
            Source::Tokio(start) => Moment(START + millis(start.elapsed())),
            Source::Manual(hands) => Moment(START + hands.millis.load(Ordering::Relaxed)),
        }
    }

    /// Waits for a moment on this clock. Only a manual one does without the timer of the runtime that it is polled on.
    pub(crate) async fn sleep_until(&self, end: Moment) {
        match &self.0 {
            Source::System | Source::Tokio(_) => tokio::time::sleep(end.since(self.now())).await,
            Source::Manual(hands) => loop {
                // Before looking: what moves it from here on is heard.
                let moved = hands.moved.notified();
                if self.now() >= end {
                    return;
                }
                moved.await;
            },
        }
    }
}

/// Moments begin well above zero, so that subtracting a duration never wraps.
const START: u64 = 1 << 36;

impl Moment {
    pub(crate) const NEVER: Self = Self(u64::MAX);

    /// The moment in so many bits; what doesn't fit is never.
    #[inline]
    pub(crate) fn to_bits(self, bits: u32) -> u64 {
        self.0.min((1 << bits) - 1)
    }

    /// The moment that [`Moment::to_bits`] made this of.
    #[inline]
    pub(crate) fn from_bits(value: u64, bits: u32) -> Self {
        if value == (1 << bits) - 1 { Self::NEVER } else { Self(value) }
    }

    #[inline]
    pub(crate) fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// How much time lies between `earlier` and this moment; zero when it is the later one.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl ClockHands {
    /// Moves the clock forward, in whole milliseconds.
    pub fn advance(&self, by: Duration) {
        self.0.millis.fetch_add(millis(by), Ordering::Relaxed);
        self.0.moved.notify_waiters();
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Clock::system",
            Source::Tokio(_) => "Clock::tokio",
            Source::Manual(_) => "Clock::manual",
        })
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The kernel's tick counter: a few nanoseconds against some thirty for the exact clock.
#[cfg(target_os = "linux")]
#[inline]
fn coarse_millis() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::MonotonicCoarse);
    now.tv_sec.cast_unsigned() * 1_000 + now.tv_nsec.cast_unsigned() / 1_000_000
}

#[cfg(not(target_os = "linux"))]
fn coarse_millis() -> u64 {
    millis(exact())
}

static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The second of a monotonic clock, never 0.
#[cfg(feature = "metrics")]
#[inline]
pub(crate) fn coarse_second() -> u64 {
    coarse_millis() / 1_000 + 1
}

/// Real time since then.
pub(crate) fn since(begun: Duration) -> Duration {
    exact().saturating_sub(begun)
}

/// Real time since the first call, for deadlines and latencies.
pub(crate) fn exact() -> Duration {
    ORIGIN.elapsed()
}

/// Real time since the machine was started, counting the time in which it was suspended, where the system tells that.
#[cfg(unix)]
#[inline]
pub(crate) fn awake() -> Duration {
    #[cfg(target_os = "linux")]
    let id = rustix::time::ClockId::Boottime;
    // Elsewhere this one goes on during suspension.
    #[cfg(not(target_os = "linux"))]
    let id = rustix::time::ClockId::Monotonic;
    let now = rustix::time::clock_gettime(id);
    Duration::new(now.tv_sec.cast_unsigned(), u32::try_from(now.tv_nsec).unwrap_or_default())
}

#[cfg(not(unix))]
pub(crate) fn awake() -> Duration {
    exact()
}
