//! What a flusher may still do that stood still for longer than its claim.

use crate::notes::{File, Gate, Notes, PATIENCE, database, in_redis, redis, until, written};
use cache_runtime::Queue;
use sqlx::AnyPool;
use std::{
    sync::{Arc, mpsc::channel},
    thread,
    time::Duration,
};
use test_servers::{Fsync, Postgres};
use tokio::runtime;

/// Where writes wait.
#[derive(Clone)]
enum Place {
    Redis(Fsync, String),
    Sql(String),
}

impl Place {
    /// A process of its own, with connections of its own.
    async fn process(&self, db: &AnyPool, elsewhere: bool) -> Notes {
        let (queue, redis) = match self {
            Self::Redis(level, url) => (in_redis(*level), Some(url.clone())),
            Self::Sql(url) => (Queue::sql(&database(url).await), None),
        };
        let queue = queue.claim_lease(Duration::from_millis(400)).flush_every(Duration::from_millis(10));
        Notes::at(db, if elsewhere { queue.flush_elsewhere() } else { queue }, redis).await
    }
}

/// One flusher stands still between taking a batch and its transaction; another takes over, and writes what came later, too; then the first one goes on.
async fn late_writes_are_refused(url: &str, place: Place) {
    let db = database(url).await;
    let accepting = place.process(&db, true).await;
    accepting.write(1, 0).await.unwrap();

    // All that it does is on one thread, which stands still at the gate.
    let gate = Arc::new(Gate::default());
    let (has_come, pass) = gate.close();
    let (stopped, stop) = channel::<()>();
    let stopping = {
        let (url, gate, place) = (url.to_owned(), gate.clone(), place.clone());
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let notes = place.process(&database(&url).await, false).await;
                let notes = Notes { gate, ..notes };
                let _flusher = notes.cache.flusher().serve(notes.clone()).spawn();
                while stop.try_recv().is_err() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                notes.cache.write_behind().status().await.unwrap().retries
            })
        })
    };
    tokio::task::spawn_blocking(move || has_come.recv_timeout(PATIENCE)).await.unwrap().unwrap();

    let other = place.process(&db, false).await;
    let flusher = other.cache.flusher().serve(other.clone()).spawn();
    other.flush().await;
    accepting.write(1, 1).await.unwrap();
    other.flush().await;
    assert_eq!(written(&db, 1).await, [0, 1], "the other has written both");

    pass.send(()).unwrap();
    // The first one may write again, what comes from now on.
    drop(flusher);
    other.cache.shutdown().await;
    accepting.write(1, 2).await.unwrap();
    until("the first flusher is at work again", || async { accepting.pending().await == 0 }).await;
    assert_eq!(written(&db, 1).await, [0, 1, 2], "and nothing of what it wrote late");
    stopped.send(()).unwrap();
    assert!(stopping.join().unwrap() > 0, "it was refused, and noticed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_flusher_writes_late_is_refused_with_a_queue_in_redis_before_sqlite() {
    for level in [Fsync::Always, Fsync::EverySecond] {
        let (redis, file) = (redis(level).await, File::new());
        late_writes_are_refused(&file.url(), Place::Redis(level, redis.url())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_flusher_writes_late_is_refused_with_a_queue_in_redis_before_postgres() {
    for level in [Fsync::Always, Fsync::EverySecond] {
        let (redis, postgres) = tokio::join!(redis(level), Postgres::start());
        late_writes_are_refused(&postgres.url(), Place::Redis(level, redis.url())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_flusher_writes_late_is_refused_with_a_queue_in_sqlite() {
    let file = File::new();
    late_writes_are_refused(&file.url(), Place::Sql(file.url())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_flusher_writes_late_is_refused_with_a_queue_in_postgres() {
    let postgres = Postgres::start().await;
    late_writes_are_refused(&postgres.url(), Place::Sql(postgres.url())).await;
}
