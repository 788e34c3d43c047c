//! The cells of the table *What survives* that need no kill at a random moment; see `docs/kills.md`.
#![allow(missing_docs)]

mod database;
mod flusher;
mod notes;
mod redis;
