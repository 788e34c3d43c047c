//! Does the shop keep its promises over real HTTP?

mod api;
mod fixture;
#[cfg(unix)]
mod fleet;
mod inventory;
mod killed;
mod letters;
mod pages;
mod program;
mod refusals;
mod stopping;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;
