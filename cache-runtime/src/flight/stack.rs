//! Which loads a task is in the middle of, so that a load inside a load never waits for itself.

use super::Flight;
use crate::sync::Arc;
use std::future::Future;

tokio::task_local! {
    static FRAMES: Arc<Frame>;
}

/// One load that the current task leads, and the loads around it.
struct Frame {
    flight: Arc<Flight>,
    around: Option<Arc<Frame>>,
}

/// Runs a body as part of these flights: cached calls inside it know that they are nested.
pub(super) async fn within<F: Future>(flights: impl IntoIterator<Item = Arc<Flight>>, body: F) -> F::Output {
    let around = FRAMES.try_with(Arc::clone).ok();
    let frame = flights.into_iter().fold(around, |around, flight| Some(Arc::new(Frame { flight, around })));
    match frame {
        Some(frame) => FRAMES.scope(frame, body).await,
        None => body.await,
    }
}

/// The flights of the current task, innermost first.
pub(super) fn current() -> Vec<Arc<Flight>> {
    let mut flights = Vec::new();
    let mut frame = FRAMES.try_with(Arc::clone).ok();
    while let Some(here) = frame {
        flights.push(here.flight.clone());
        frame = here.around.clone();
    }
    flights
}

/// Whether the current task is inside a load.
pub(crate) fn is_nested() -> bool {
    FRAMES.try_with(|_| ()).is_ok()
}
