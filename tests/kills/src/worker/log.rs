//! How a worker tells what it does: in lines that are out of its hands when it goes on.

use std::{
    fmt,
    io::{self, Write as _},
};

/// The standard output.
#[derive(Debug)]
pub(crate) struct Log;

impl Log {
    /// Says a line. It is in the pipe when this returns, whatever becomes of the process.
    pub(crate) fn say(&self, line: fmt::Arguments<'_>) {
        let mut line = line.to_string();
        line.push('\n');
        let mut out = io::stdout().lock();
        // A harness that is gone needs no answer.
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}
