//! Stores that do a few operations in their own way, and leave all others to the store inside them.
// One pattern writes all signatures, also those that need no name for their lifetime.
#![allow(clippy::elidable_lifetime_names)]

use cache_runtime::store::{
    Clear, Cursor, Ear, Ended, EntryKey, Fill, FillOutcome, Lookup, MemoryStore, Pulse, Read, Scanned, Seen,
    Store, StoreFuture, Target, Token, Told, Written,
};
use std::{fmt::Debug, sync::Arc, time::Duration};

/// A store whose operations are as [`Around`] has them.
#[derive(Clone, Debug)]
pub(crate) struct Wrapped<A>(pub(crate) A);

macro_rules! operations {
    ($($operation:ident($($argument:ident: $of:ty),*) -> $answer:ty;)*) => {
        /// What a store does that is put around another.
        pub(crate) trait Around: Debug + Send + Sync + 'static {
            /// The store that is asked.
            fn inner(&self) -> &MemoryStore;

            /// What becomes of the operations that aren't written again.
            fn pass<'a, T: Send + 'a>(&'a self, operation: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
                operation
            }

            $(fn $operation<'a>(&'a self, $($argument: $of),*) -> StoreFuture<'a, $answer> {
                self.pass(self.inner().$operation($($argument),*))
            })*
        }

        impl<A: Around> Store for Wrapped<A> {
            $(fn $operation<'a>(&'a self, $($argument: $of),*) -> StoreFuture<'a, $answer> {
                self.0.$operation($($argument),*)
            })*
        }
    };
}

operations! {
    read(keys: &'a [EntryKey]) -> Vec<Read>;
    acquire(key: &'a EntryKey, token: Token, lease: Duration) -> Lookup;
    acquire_over(key: &'a EntryKey, seen: &'a Seen, token: Token, lease: Duration) -> Lookup;
    renew(key: &'a EntryKey, token: Token, lease: Duration) -> bool;
    fill(key: &'a EntryKey, fill: Fill) -> FillOutcome;
    release(key: &'a EntryKey, token: Token) -> ();
    invalidate(targets: &'a [Target], hold: Option<Duration>) -> Told;
    begin(targets: &'a [Target], token: Token, intent: Duration) -> ();
    extend(targets: &'a [Target], token: Token, intent: Duration) -> bool;
    end(written: &'a [Written], token: Token) -> (Vec<Ended>, Told);
    clear(scope: &'a Clear) -> (u64, Told);
    scan(prefix: &'a str, from: Option<&'a Cursor>) -> Scanned;
    pulse() -> Pulse;
    follow(ear: Arc<dyn Ear>) -> ();
}
