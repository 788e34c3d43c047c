//! What can keep a server from starting, and what the reader should do about it.

use std::{fmt, io, process::ExitStatus, time::Duration};

/// Why a server did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The program is not on this machine.
    Missing {
        /// The program that was looked for.
        program: &'static str,
        /// How to get it.
        install: &'static str,
    },
    /// The operating system refused something.
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program ended before it was ready, or a helper program failed.
    Exited {
        /// The program that ended.
        program: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote.
        log: String,
    },
    /// The program runs, but did not answer in time.
    NotReady {
        /// The program that keeps silent.
        program: &'static str,
        /// How long it was given.
        after: Duration,
        /// The end of what it wrote.
        log: String,
    },
}

impl StartError {
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { program, install } => write!(f, "`{program}` is not installed\nhelp: {install}"),
            Self::Io { doing, source } => write!(f, "could not {doing}: {source}"),
            Self::Exited { program, status, log } => write!(f, "`{program}` ended early ({status})\n{log}"),
            Self::NotReady { program, after, log } => {
                write!(f, "`{program}` was not ready after {after:?}\n{log}")
            }
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Missing { .. } | Self::Exited { .. } | Self::NotReady { .. } => None,
        }
    }
}
