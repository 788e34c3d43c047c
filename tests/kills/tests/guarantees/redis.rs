//! What Redis takes with it, and what it doesn't.

use crate::notes::{File, Notes, database, in_redis, redis, until, written};
use cache_runtime::Queue;
use std::time::Duration;
use test_servers::{Fsync, Redis};

const LEVELS: [Fsync; 2] = [Fsync::Always, Fsync::EverySecond];

/// Redis is emptied, killed and back, while writes wait beside it.
async fn survives_without_redis(queue: Queue, name: &str) {
    let redis = redis(Fsync::EverySecond).await;
    let file = File::new();
    let db = database(&file.url()).await;
    // Nothing is flushed before that is asked for.
    let queue = queue.flush_every(Duration::from_secs(600));
    let notes = Notes::new(&db, queue, Some(&redis)).await;
    notes.write(1, 1).await.unwrap();
    redis.ask("FLUSHALL").unwrap();
    notes.write(1, 2).await.unwrap();
    redis.kill9();
    notes.write(1, 3).await.unwrap();
    assert_eq!(notes.pending().await, 3, "{name}");
    notes.flush().await;
    assert_eq!(written(&db, 1).await, [1, 2, 3], "{name}");
    redis.restart_on_same_port().await;
    notes.write(1, 4).await.unwrap();
    notes.flush().await;
    assert_eq!(written(&db, 1).await, [1, 2, 3, 4], "{name}");
}

#[tokio::test]
async fn a_queue_in_sqlite_is_not_concerned_by_what_happens_to_redis() {
    let file = File::new();
    survives_without_redis(Queue::sql(&database(&file.url()).await), "sql").await;
}

#[tokio::test]
async fn a_queue_in_the_process_is_not_concerned_by_what_happens_to_redis() {
    survives_without_redis(Queue::memory(), "memory").await;
}

#[tokio::test]
async fn flushall_loses_what_waits_in_redis_and_nothing_that_comes_later() {
    for level in LEVELS {
        let redis = redis(level).await;
        let file = File::new();
        let db = database(&file.url()).await;
        let accepting = Notes::new(&db, in_redis(level).flush_elsewhere(), Some(&redis)).await;
        let flushing = Notes::new(&db, in_redis(level), Some(&redis)).await;
        let flusher = flushing.cache.flusher().serve(flushing.clone()).spawn();
        accepting.write(1, 1).await.unwrap();
        flushing.flush().await;
        drop(flusher);
        // A flusher that is at its last round flushes no more once it has ended.
        flushing.cache.shutdown().await;

        accepting.write(1, 2).await.unwrap();
        assert_eq!(accepting.pending().await, 1);
        redis.ask("FLUSHALL").unwrap();
        assert_eq!(accepting.pending().await, 0, "it is gone");
        accepting.write(1, 3).await.unwrap();
        let flushing = Notes::new(&db, in_redis(level), Some(&redis)).await;
        let _flusher = flushing.cache.flusher().serve(flushing.clone()).spawn();
        flushing.flush().await;
        assert_eq!(written(&db, 1).await, [1, 3], "{level:?}");
    }
}

#[tokio::test]
async fn a_failover_of_redis_loses_what_the_replica_lacks_and_nothing_else() {
    for level in LEVELS {
        let (primary, replica) = (redis(level).await, redis(level).await);
        let file = File::new();
        let db = database(&file.url()).await;
        primary.ask("CONFIG SET repl-diskless-sync-delay 0").unwrap();
        replica.ask(&format!("REPLICAOF 127.0.0.1 {}", primary.port())).unwrap();
        let accepting = Notes::new(&db, in_redis(level).flush_elsewhere(), Some(&primary)).await;
        accepting.write(1, 1).await.unwrap();
        until("the replica has it", || async { is_up_to_date(&primary, &replica) }).await;
        // What is written from here on is the tail.
        replica.ask("REPLICAOF NO ONE").unwrap();
        accepting.write(1, 2).await.unwrap();
        primary.kill9();

        let flushing = Notes::new(&db, in_redis(level), Some(&replica)).await;
        flushing.write(1, 3).await.unwrap();
        flushing.flush().await;
        assert_eq!(written(&db, 1).await, [1, 3], "{level:?}");
    }
}

/// Whether the replica is connected and has as much as the primary.
fn is_up_to_date(primary: &Redis, replica: &Redis) -> bool {
    let field = |redis: &Redis, name: &str| {
        let info = redis.ask("INFO replication").unwrap();
        let value = info.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::to_owned);
        value.unwrap_or_default()
    };
    field(replica, "master_link_status:") == "up"
        && field(replica, "slave_repl_offset:") == field(primary, "master_repl_offset:")
}
