//! Do the mistakes of the UI suite compile once they are mended? Compiling this file is the test.

#[path = "ui/fixed/mod.rs"]
mod fixed;
