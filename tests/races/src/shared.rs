//! What the copies know of the shared store: how long an unknown write is waited for.

use std::time::Duration;

pub(crate) const HOLD: Duration = Duration::from_secs(10);
