//! How a worker says what it does, so that nothing it said is lost when it is killed.
//!
//! Each event is one `write` to a pipe, made under a lock that also reads the clock: the events of a process come in the order of their
//! times, and what was written stays in the pipe when the process dies. A write to the database is announced before it begins, so one
//! whose end is missing is known to be of unknown outcome.

use crate::{
    clock::now,
    event::What,
    record::encode,
    words::{Nanos, nanos},
};
use std::{
    fs::File,
    io::{self, Write as _},
    os::fd::AsFd as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Missed calls are said this often at most.
const EVERY: Duration = Duration::from_millis(50);

/// The pipe to the auditor.
#[derive(Debug)]
pub(crate) struct Log {
    pipe: Mutex<File>,
    missed: AtomicU64,
}

impl Log {
    /// A log on the standard output, past its buffer.
    pub(crate) fn on_stdout() -> io::Result<Self> {
        let pipe = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { pipe: Mutex::new(pipe), missed: AtomicU64::new(0) })
    }

    /// Says what has just happened, and returns when that was.
    pub(crate) fn say(&self, what: What) -> Nanos {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        let at = now();
        let said = encode(at, what).is_none_or(|bytes| pipe.write_all(&bytes).is_ok());
        if !said {
            // The auditor is gone.
            std::process::exit(1);
        }
        at
    }

    /// Says that a call to the store was missed, unless that was said a moment ago.
    pub(crate) fn missed(&self) {
        let (at, last) = (now(), self.missed.load(Ordering::Relaxed));
        if at >= last + nanos(EVERY) {
            self.missed.store(at, Ordering::Relaxed);
            self.say(What::Missed);
        }
    }
}
