//! Why a direct write may be undone by what is acknowledged for its key.

use crate::{Error, ErrorKind, store::StoreError};

/// What becomes of acknowledged writes to the same keys that the database didn't take in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overtaking {
    /// This one is made, and they are given up.
    Allowed,
    /// This one is not made.
    Refused,
}

/// Why what is pending for a key may be written over a direct write to it.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// The queue did not say what it is.
    Unasked(StoreError),
    /// The database is just being given it, and doesn't answer.
    Flushing,
    /// Its key is halted: whoever replays the dead letter writes it.
    Halted,
    /// The database did not take it in time.
    Left,
}

impl Obstacle {
    fn why(&self) -> &'static str {
        match self {
            Self::Unasked(_) => "the write-behind queue doesn't say what is pending for its key",
            Self::Flushing => {
                "what is pending for its key is just being written, and the database doesn't answer"
            }
            Self::Halted => "its key is halted; replay or discard the dead letter",
            Self::Left => "the database did not take what is pending for its key in time",
        }
    }

    /// The error of a write that is not made because of it.
    pub(super) fn refused(self, function: &'static str) -> Error {
        let message = format!("`{function}` was not run: {}", self.why());
        match self {
            Self::Unasked(error) => Error::with_source(ErrorKind::Undrained, message, error),
            Self::Flushing | Self::Left => Error::new(ErrorKind::Undrained, message),
            Self::Halted => Error::new(ErrorKind::Halted, message),
        }
    }

    /// Says that the write is made all the same.
    pub(super) fn ignored(self, function: &'static str) {
        let why = self.why();
        let error = match &self {
            Self::Unasked(error) => Some(error.to_string()),
            Self::Flushing | Self::Halted | Self::Left => None,
        };
        tracing::warn!(why, error, function, "a direct write is made though it may be undone");
    }
}
