//! How the auditor is started.

mod admitted;
mod checker;
mod event;
mod merge;
mod record;
mod tally;
mod words;

fn main() {}
