//! How expiries are kept from coming all at once.

use std::time::Duration;

/// A span of time moved by up to `part` of itself in either direction.
pub(crate) fn jittered(span: Duration, part: f64) -> Duration {
    span.mul_f64(1.0 + part * (2.0 * fastrand::f64() - 1.0))
}

/// A span of time shortened by up to `part` of itself: for spans that are an upper bound.
pub(crate) fn shortened(span: Duration, part: f64) -> Duration {
    span.mul_f64(1.0 - part * fastrand::f64())
}
