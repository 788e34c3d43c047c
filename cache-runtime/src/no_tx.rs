//! What is said of the option `db` without the feature `sqlx`.

use crate::{Cache, Result};
use std::future::Ready;

/// What a transaction begins on.
#[diagnostic::on_unimplemented(
    message = "`db` needs the feature `sqlx` of `cache-runtime`",
    label = "no transactions without it",
    note = "add it in `Cargo.toml`: `cache-runtime = {{ .., features = [\"sqlx\"] }}`, or leave `db` out"
)]
pub trait Pool {}

/// Begins the transaction of a batch.
pub fn begin<P: Pool, T>(_: &Cache, _: &P) -> Ready<Result<T>> {
    unreachable!("nothing is a pool without the feature `sqlx`")
}

/// Ends it.
pub fn finish<T, R, F>(_: T, done: R, _: F) -> Ready<R> {
    std::future::ready(done)
}

/// The function's error for a transaction that failed.
pub fn of_database<F, E>(_: F) -> E {
    unreachable!("nothing is a pool without the feature `sqlx`")
}

/// Asks which batch was committed last; that this is no pool, [`begin`] has said.
pub fn progress<P>(_: &Cache, _: &P, _: crate::behind::Lane) -> crate::behind::Progress {
    unreachable!("nothing is a pool without the feature `sqlx`")
}
