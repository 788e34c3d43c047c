//! What time is it, for all processes of this machine?

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds since the machine started: all processes read the same.
pub(crate) fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default()
}
