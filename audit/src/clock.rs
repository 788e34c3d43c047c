//! What time is it, for all processes of this machine?

use crate::words::Nanos;
use rustix::time::{ClockId, clock_gettime};

/// The time since the machine started, as every process on it reads it: no two of them can disagree, and it goes on while one stands
/// still or the machine sleeps.
pub(crate) fn now() -> Nanos {
    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default()
}
