//! Who of a queue writes to SQLite next, where only one can.

use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

/// How long a queue may write to SQLite without leaving room for others, who ask now and then and wait in no line.
const STINT: Duration = Duration::from_millis(10);
/// The room that it leaves them.
const ROOM: Duration = Duration::from_millis(2);

/// Who of a queue writes to SQLite next: only one can, and those that SQLite makes wait get no turns.
#[derive(Default)]
pub(super) struct Turns(Mutex<Stint>);

/// How long the queue has been writing.
#[derive(Default)]
struct Stint {
    since: Option<Instant>,
    ended: Option<Instant>,
}

/// The right to write to SQLite; given back when it is dropped.
pub(super) struct Turn<'q>(MutexGuard<'q, Stint>);

impl Turns {
    /// Waits until those that have come before have written.
    pub(super) async fn next(&self) -> Turn<'_> {
        let mut stint = self.0.lock().await;
        let now = Instant::now();
        let rested = stint.ended.is_none_or(|ended| now.duration_since(ended) >= ROOM);
        if stint.since.is_some_and(|since| !rested && now.duration_since(since) >= STINT) {
            tokio::time::sleep(ROOM).await;
            stint.since = Some(Instant::now());
        } else if rested {
            stint.since = Some(now);
        }
        Turn(stint)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.ended = Some(Instant::now());
    }
}
