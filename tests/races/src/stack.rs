//! Which loads one of shuttle's tasks is in the middle of; stands in for the runtime's own, which hangs on tokio's tasks.

use super::Flight;
use crate::sync::Arc;
use std::{cell::RefCell, future::Future};

shuttle::thread_local! {
    static FRAMES: RefCell<Vec<Arc<Flight>>> = RefCell::new(Vec::new());
}

/// How deep the stack was.
struct Depth(usize);

impl Drop for Depth {
    fn drop(&mut self) {
        let left = FRAMES.try_with(|frames| frames.borrow_mut().split_off(self.0));
        // Outside of the borrow.
        drop(left);
    }
}

pub(super) async fn within<F: Future>(flights: impl IntoIterator<Item = Arc<Flight>>, body: F) -> F::Output {
    let _depth = FRAMES.with(|frames| {
        let mut frames = frames.borrow_mut();
        let depth = Depth(frames.len());
        frames.extend(flights);
        depth
    });
    body.await
}

/// The flights of the current task, innermost first.
pub(super) fn current() -> Vec<Arc<Flight>> {
    FRAMES.with(|frames| frames.borrow().iter().rev().cloned().collect())
}

pub(crate) fn is_nested() -> bool {
    FRAMES.with(|frames| !frames.borrow().is_empty())
}
