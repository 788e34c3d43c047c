//! Calls that end at every point where they can: dropped at each await, panicking, with their runtime, with their process.

use crate::{
    accounts::{Account, Accounts, INTENT, Table, cache},
    around::{Around, Wrapped},
    fixtures::{eventually, patient},
};
use cache_runtime::store::{MemoryStore, StoreFuture};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, atomic::Ordering::SeqCst},
    task::{Context, Poll},
    time::Duration,
};

/// A store whose every answer needs two more polls: one before anything has happened, and one after.
#[derive(Clone, Debug)]
struct Yielding(MemoryStore);

/// Polls a future so often, then drops it. Tells what it came to, if it came to an end.
struct Polls<F> {
    future: Option<Pin<Box<F>>>,
    left: usize,
}

fn polled<F: Future>(future: F, times: usize) -> Polls<F> {
    Polls { future: Some(Box::pin(future)), left: times }
}

impl<F: Future> Future for Polls<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            self.future = None;
            return Poll::Ready(None);
        }
        self.left -= 1;
        let future = self.future.as_mut().expect("polled until it ends");
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // What is dropped before it is woken would wait for ever for its last poll.
            Poll::Pending if self.left == 0 => {
                self.future = None;
                Poll::Ready(None)
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Two processes over a store that yields, and the store itself.
async fn two() -> (Accounts, Accounts, MemoryStore) {
    let store = MemoryStore::new();
    let here = Accounts {
        table: Arc::default(),
        cache: cache(Wrapped(Yielding(store.clone())), patient(), INTENT).await,
    };
    let elsewhere = here.elsewhere(Wrapped(Yielding(store.clone()))).await;
    (here, elsewhere, store)
}

/// Drops a call after 0, 1, 2, .. polls, until it comes to its end; `check` looks at what each has left behind.
async fn dropped_everywhere<F: Future>(
    prepare: impl AsyncFn(&Accounts),
    call: impl Fn(Accounts) -> F,
    check: impl AsyncFn(&Accounts, &Accounts, &MemoryStore, usize),
) -> usize {
    for polls in 0.. {
        assert!(polls < 200, "it ends at last");
        let (here, elsewhere, store) = two().await;
        here.table.put(1, Account { balance: 100, version: 1 });
        assert_eq!(elsewhere.find(1).await.map(|row| row.balance), Some(100), "cached by another process");
        prepare(&here).await;
        let ended = polled(call(here.clone()), polls).await.is_some();
        here.cache.settle().await;
        check(&here, &elsewhere, &store, polls).await;
        if ended {
            return polls;
        }
    }
    unreachable!("an endless range")
}

/// Nobody reads anything but the row, from here on.
async fn nothing_old(here: &Accounts, elsewhere: &Accounts, _: &MemoryStore, polls: usize) {
    let row = here.table.row(1);
    for process in [elsewhere, here, elsewhere] {
        assert_eq!(process.find(1).await, row, "after {polls} polls");
    }
}

#[tokio::test]
async fn a_write_dropped_at_any_point_leaves_nothing_old() {
    let set = |here: Accounts| async move { here.set(1, 200).await };
    let polls = dropped_everywhere(async |_| (), set, nothing_old).await;
    assert!(polls >= 3, "the announcement, the body and the end were waited for: {polls}");
}

#[tokio::test]
async fn a_write_at_level_lease_dropped_at_any_point_leaves_nothing_old() {
    let close = |here: Accounts| async move { here.close(1).await };
    dropped_everywhere(async |_| (), close, nothing_old).await;
}

#[tokio::test]
async fn a_read_dropped_at_any_point_leaves_its_key_free() {
    let prepare = async |here: &Accounts| {
        here.close(1).await;
        here.table.put(1, Account { balance: 300, version: 2 });
    };
    let read = |here: Accounts| async move { here.find(1).await };
    let check = async |here: &Accounts, elsewhere: &Accounts, store: &MemoryStore, polls: usize| {
        nothing_old(here, elsewhere, store, polls).await;
        elsewhere.loads();
        elsewhere.find(1).await;
        assert_eq!(
            (elsewhere.loads(), store.len()),
            (0, 1),
            "after {polls} polls: stored by the next reader"
        );
    };
    dropped_everywhere(prepare, read, check).await;
}

#[tokio::test]
async fn a_statement_that_goes_on_after_its_caller_has_left_is_covered() {
    for polls in 1..200 {
        let (here, elsewhere, store) = two().await;
        here.table.put(1, Account { balance: 100, version: 1 });
        elsewhere.find(1).await;
        Table::close(&here.table.before);
        let began = here.table.began.load(SeqCst);
        let writer = here.clone();
        let ended = polled(async move { writer.set(1, 200).await }, polls).await.is_some();
        assert!(!ended, "its body waits");
        here.cache.settle().await;
        if here.table.began.load(SeqCst) == began {
            continue;
        }
        // The statement has reached the database, and its caller is gone.
        assert_eq!(elsewhere.find(1).await.map(|row| row.balance), Some(100));
        assert!(store.is_empty(), "after {polls} polls");
        here.table.put(1, Account { balance: 200, version: 2 });
        nothing_old(&here, &elsewhere, &store, polls).await;
        return;
    }
    panic!("the body never began");
}

#[tokio::test]
async fn a_body_that_panics_leaves_nothing_old() {
    let (here, elsewhere, store) = two().await;
    here.table.put(1, Account { balance: 100, version: 1 });
    elsewhere.find(1).await;
    // The gate panics for those who wait at it, after the commit.
    here.table.after.close();
    let writer = here.clone();
    assert!(tokio::spawn(async move { writer.set(1, 200).await }).await.unwrap_err().is_panic());
    here.cache.settle().await;
    nothing_old(&here, &elsewhere, &store, 0).await;
    assert!(store.is_empty(), "nobody knows whether it committed");
}

#[test]
fn a_write_whose_runtime_ends_leaves_nothing_old() {
    let store = MemoryStore::new();
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (of_the_writer, of_the_reader) = (runtime(), runtime());
    let here = of_the_writer.block_on(async {
        let cache = cache(store.clone(), patient(), INTENT).await;
        Accounts { table: Arc::default(), cache }
    });
    let elsewhere = of_the_reader.block_on(here.elsewhere(store.clone()));
    here.table.put(1, Account { balance: 100, version: 1 });
    of_the_reader.block_on(elsewhere.find(1));
    Table::close(&here.table.after);
    let writer = here.clone();
    of_the_writer.spawn(async move { writer.set(1, 200).await });
    of_the_reader.block_on(eventually("the commit", || here.table.committed.load(SeqCst) == 1));
    of_the_writer.shutdown_timeout(Duration::from_secs(10));
    of_the_reader.block_on(async {
        here.cache.settle().await;
        assert_eq!(elsewhere.find(1).await.map(|row| row.balance), Some(200));
        assert!(store.is_empty(), "it was dropped: nobody knows whether it committed");
    });
}

#[tokio::test]
async fn a_caller_that_leaves_while_its_write_is_announced_leaves_no_announcement() {
    for polls in 1..200 {
        let (here, elsewhere, store) = two().await;
        Table::close(&here.table.before);
        let writer = here.clone();
        assert!(polled(async move { writer.set(1, 200).await }, polls).await.is_none(), "its body waits");
        if here.table.began.load(SeqCst) > 0 {
            assert!(polls > 1, "the announcement was waited for");
            return;
        }
        here.cache.settle().await;
        elsewhere.find(1).await;
        assert_eq!(store.len(), 1, "after {polls} polls: nothing was written, and nothing holds the key");
    }
    panic!("the body never began");
}

impl Around for Yielding {
    fn inner(&self) -> &MemoryStore {
        &self.0
    }

    fn pass<'a, T: Send + 'a>(&'a self, operation: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let answer = operation.await;
            tokio::task::yield_now().await;
            answer
        })
    }
}
