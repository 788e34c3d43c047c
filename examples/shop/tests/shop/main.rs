//! Does the shop keep its promises over real HTTP?

mod api;
mod fixture;
#[cfg(unix)]
mod fleet;
mod pages;
mod program;
mod refusals;
mod stopping;

type TestResult = Result<(), Box<dyn std::error::Error>>;
