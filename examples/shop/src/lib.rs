//! A web shop over memoized repositories: how an application uses the cache from its first page to its load test.
//!
//! Read [`repository`] first: there the strategies stand beside the statements they spare. The rest is a plain axum
//! application that doesn't know about the cache, but for [`app`], which builds it and drains it.

pub mod app;
pub mod cli;
pub mod config;
pub mod db;
pub mod keys;
pub mod letters;
pub mod load;
pub mod model;
pub mod repository;
mod web;

pub use app::{App, Shop};
pub use config::Config;
