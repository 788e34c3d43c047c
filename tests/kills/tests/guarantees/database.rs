//! What happens to writes while the database is down.

use crate::notes::{File, Notes, database, in_redis, redis, written};
use cache_runtime::Queue;
use test_servers::{Fsync, Postgres, Redis};

/// How many writes to one row there is room for.
const ROOM: i64 = 8;

/// Fills the queue while the database is down: what fits is acknowledged and written in order, the rest is refused.
async fn writes_wait(queue: Queue, redis: Option<&Redis>) {
    let postgres = Postgres::start().await;
    let db = database(&postgres.url()).await;
    let notes = Notes::new(&db, queue, redis).await;
    notes.write(1, 0).await.unwrap();
    notes.flush().await;

    postgres.stop();
    for number in 1..=ROOM {
        notes.write(1, number).await.unwrap();
    }
    assert_eq!(notes.last(1).await.unwrap().map(|note| note.number), Some(ROOM), "it is read meanwhile");
    notes.write(1, ROOM + 1).await.expect_err("there is no room, and the database is down");
    assert_eq!(notes.pending().await, ROOM.unsigned_abs());

    postgres.restart().await;
    notes.flush().await;
    assert_eq!(written(&db, 1).await, (0..=ROOM).collect::<Vec<_>>());
    notes.write(1, ROOM + 2).await.unwrap();
    notes.flush().await;
    assert_eq!(written(&db, 1).await.last(), Some(&(ROOM + 2)));
    assert!(notes.cache.write_behind().dead_letters().await.unwrap().is_empty());
}

/// Each of 64 partitions of Redis has a part of the room.
fn with_room_in_redis(fsync: Fsync) -> Queue {
    in_redis(fsync).max_pending(64 * usize::try_from(ROOM).unwrap())
}

#[tokio::test]
async fn writes_wait_in_redis_on_disk_while_postgres_is_down_in_order_and_up_to_max_pending() {
    let redis = redis(Fsync::Always).await;
    writes_wait(with_room_in_redis(Fsync::Always), Some(&redis)).await;
}

#[tokio::test]
async fn writes_wait_in_redis_in_memory_while_postgres_is_down_in_order_and_up_to_max_pending() {
    let redis = redis(Fsync::EverySecond).await;
    writes_wait(with_room_in_redis(Fsync::EverySecond), Some(&redis)).await;
}

#[tokio::test]
async fn writes_wait_in_the_process_while_postgres_is_down_in_order_and_up_to_max_pending() {
    writes_wait(Queue::memory().max_pending(usize::try_from(ROOM).unwrap()), None).await;
}

#[tokio::test]
async fn writes_wait_in_another_database_while_postgres_is_down_in_order_and_up_to_max_pending() {
    let file = File::new();
    let queue = Queue::sql(&database(&file.url()).await).max_pending(usize::try_from(ROOM).unwrap());
    writes_wait(queue, None).await;
}

#[tokio::test]
async fn nothing_is_accepted_while_the_database_of_the_queue_is_down_and_nothing_is_lost_in_postgres() {
    let postgres = Postgres::start().await;
    let db = database(&postgres.url()).await;
    let accepting = Notes::new(&db, Queue::sql(&db).flush_elsewhere(), None).await;
    accepting.write(1, 1).await.unwrap();

    postgres.stop();
    accepting.write(1, 2).await.expect_err("the queue is down");

    postgres.restart().await;
    accepting.write(1, 3).await.unwrap();
    let flushing = Notes::new(&db, Queue::sql(&db), None).await;
    let _flusher = flushing.cache.flusher().serve(flushing.clone()).spawn();
    flushing.flush().await;
    assert_eq!(written(&db, 1).await, [1, 3]);
}
