//! Do the mistakes of the UI suite compile once they are mended? Compiling this file is the test.

// The programs are those of the mistakes, not examples of style: some write what nobody reads.
#![allow(deprecated, unreachable_pub, clippy::all, clippy::pedantic)]

#[path = "ui/fixed/mod.rs"]
mod fixed;
