//! Acknowledged writes of functions that a process doesn't have: an earlier release had them, or another process has.

use crate::{
    fixtures::{eventually, patient},
    logged::Log,
};
use cache_runtime::{
    Cache, Error, ErrorKind, Queue, repository,
    store::{MemoryStore, Token, WriteQueue as _},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::{Instant, timeout};

const LONG: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(2);

type Rows = Arc<Mutex<Vec<(u32, u32)>>>;

/// The first release, with a function that the second lacks.
#[derive(Clone)]
struct Old {
    cache: Cache,
    rows: Rows,
}

#[derive(Clone)]
struct New {
    cache: Cache,
    rows: Rows,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Old {
    #[cached(strategy = "read_through", key = "unserved:<id>")]
    async fn read(&self, id: u32) -> Result<Option<u32>, Error> {
        Ok(self.rows.lock().unwrap().iter().rfind(|row| row.0 == id).map(|row| row.1))
    }

    #[cached(strategy = "write_behind", key = "unserved:<id>", value = note, coalesce = false, unordered)]
    async fn note(&self, id: u32, note: u32) -> Result<(), Error> {
        self.rows.lock().unwrap().push((id, note));
        Ok(())
    }
}

#[repository(cache = self.cache, ttl = "5m")]
impl New {
    #[cached(strategy = "read_through", key = "unserved:<id>")]
    async fn read(&self, id: u32) -> Result<Option<u32>, Error> {
        Ok(self.rows.lock().unwrap().iter().rfind(|row| row.0 == id).map(|row| row.1))
    }

    #[cached(strategy = "write_behind", key = "unserved:<id>", value = row, coalesce = false, unordered)]
    async fn put(&self, id: u32, row: u32) -> Result<(), Error> {
        self.rows.lock().unwrap().push((id, row));
        Ok(())
    }
}

/// A process of the second release, in whose queue the first has left something.
fn upgraded() -> (Old, New, cache_runtime::RunningFlusher) {
    let queue = Queue::memory().flush_elsewhere().flush_every(Duration::from_millis(5));
    let cache = Cache::builder().write_behind(queue).build_memory();
    let rows = Rows::default();
    let new = New { cache: cache.clone(), rows: rows.clone() };
    let flusher = cache.flusher().serve(new.clone()).spawn();
    (Old { cache, rows }, new, flusher)
}

/// A process of a fleet, which serves nothing yet.
async fn process(store: &MemoryStore, rows: &Rows) -> (Old, New) {
    let builder = Cache::builder().namespace("unserved").store(store.clone()).deadlines(patient());
    let queue = Queue::redis_fsync().flush_elsewhere().flush_every(Duration::from_millis(5));
    let cache = builder.write_behind(queue).build().await.unwrap();
    (Old { cache: cache.clone(), rows: rows.clone() }, New { cache, rows: rows.clone() })
}

/// The function that waits for nobody.
async fn retired(cache: &Cache) -> String {
    let waiting = cache.write_behind().waiting().await.unwrap();
    waiting.into_iter().find(|waiting| !waiting.served_here).expect("one waits").function
}

fn kind(error: &Error) -> (ErrorKind, String) {
    (error.kind(), error.to_string())
}

#[tokio::test(start_paused = true)]
async fn flush_all_names_the_functions_that_nobody_serves_any_more() {
    let (old, new, _flusher) = upgraded();
    old.note(1, 1).await.unwrap();
    for id in 1..=20 {
        new.put(id, 2).await.unwrap();
    }
    let error = timeout(LONG, new.cache.flush_all()).await.expect("it waits for ever").unwrap_err();
    let (kind, said) = kind(&error);
    assert_eq!(kind, ErrorKind::Unserved, "{said}");
    assert!(said.contains("Old::note` (1)") && !said.contains("put"), "{said}");
    // What comes after it in its key waits, too.
    assert_eq!(new.rows.lock().unwrap().len(), 19);
    assert_eq!(new.cache.write_behind().status().await.unwrap().pending, 2);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_no_other_and_names_what_it_leaves() {
    let (log, _guard) = Log::listen();
    let store = MemoryStore::new();
    let (old, new) = process(&store, &Rows::default()).await;
    let _flusher = new.cache.flusher().serve(new.clone()).spawn();
    old.note(1, 1).await.unwrap();
    new.put(2, 2).await.unwrap();
    let begun = Instant::now();
    let report = new.cache.shutdown().await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!((report.unwritten, report.unserved.len(), report.unserved[0].writes), (0, 1, 1));
    assert!(report.unserved[0].function.ends_with("Old::note"), "{report:?}");
    assert_eq!(*new.rows.lock().unwrap(), [(2, 2)]);
    assert!(!log.lines().iter().any(|line| line.starts_with("ERROR")), "{:?}", log.lines());
    assert!(log.says("Old::note"), "{:?}", log.lines());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_of_a_queue_that_loses_counts_what_nobody_serves_as_lost() {
    let (old, new, _flusher) = upgraded();
    old.note(1, 1).await.unwrap();
    let report = new.cache.shutdown().await;
    assert_eq!((report.unwritten, report.unserved.len()), (1, 1));
}

#[tokio::test]
async fn flush_all_waits_for_what_another_process_flushes() {
    let store = MemoryStore::new();
    let rows = Rows::default();
    let (old, _) = process(&store, &rows).await;
    let (elsewhere, _) = process(&store, &rows).await;
    let _flusher = elsewhere.cache.flusher().serve(elsewhere.clone()).spawn();
    for id in 1..=50 {
        old.note(id, 1).await.unwrap();
    }
    timeout(LONG, old.cache.flush_all()).await.expect("it is flushed").unwrap();
    assert_eq!(rows.lock().unwrap().len(), 50);
}

#[tokio::test]
async fn the_status_names_the_functions_whose_late_writes_nobody_here_serves() {
    let queue = Queue::memory().flush_elsewhere().max_delay(Duration::from_millis(50));
    let cache = Cache::builder().write_behind(queue).build_memory();
    let old = Old { cache: cache.clone(), rows: Rows::default() };
    old.note(1, 1).await.unwrap();
    let end = Instant::now() + LONG;
    let status = loop {
        let status = cache.write_behind().status().await.unwrap();
        if status.lagging {
            break status;
        }
        assert!(Instant::now() < end);
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    assert!(status.unserved.len() == 1 && status.unserved[0].ends_with("Old::note"), "{status:?}");
    let _flusher = cache.flusher().serve(old.clone()).spawn();
    cache.flush_all().await.unwrap();
    assert!(cache.write_behind().status().await.unwrap().unserved.is_empty());
}

#[tokio::test(start_paused = true)]
async fn writes_of_a_retired_function_are_given_up_and_replayed_by_a_release_that_has_it_again() {
    let (old, new, flusher) = upgraded();
    for note in 1..=3 {
        old.note(1, note).await.unwrap();
    }
    new.put(1, 9).await.unwrap();
    let name = retired(&new.cache).await;
    assert!(name.ends_with("Old::note"), "{name}");
    let served = name.replace("Old::note", "New::put");
    let refused = new.cache.write_behind().give_up(&served).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Config, "{refused}");
    assert_eq!(new.cache.write_behind().give_up("nobody::knows").await.unwrap(), 0);
    assert_eq!(new.cache.write_behind().give_up(&name).await.unwrap(), 3);
    timeout(LONG, new.cache.flush_all()).await.expect("nothing is in its way").unwrap();
    assert_eq!((new.read(1).await.unwrap(), new.rows.lock().unwrap().clone()), (Some(9), vec![(1, 9)]));
    let letters = new.cache.write_behind().dead_letters().await.unwrap();
    assert_eq!(letters.len(), 3);
    assert!(
        letters.iter().all(|letter| letter.function == name && letter.error == "its function was given up")
    );
    assert!(new.cache.write_behind().discard(&letters[0]).await.unwrap());
    drop(flusher);
    let _flusher = old.cache.flusher().serve(old.clone()).spawn();
    assert_eq!(old.cache.write_behind().replay_all().await.unwrap(), 2);
    timeout(LONG, old.cache.flush_all()).await.expect("it is served").unwrap();
    assert_eq!(*old.rows.lock().unwrap(), [(1, 9), (1, 2), (1, 3)]);
}

#[tokio::test]
async fn writes_of_a_retired_function_are_given_up_although_others_flush_beside_them() {
    let store = MemoryStore::new();
    let rows = Rows::default();
    let (old, new) = process(&store, &rows).await;
    let (_, elsewhere) = process(&store, &rows).await;
    let _flushers = [&new, &elsewhere].map(|new| new.cache.flusher().serve(new.clone()).spawn());
    for id in 1..=200 {
        old.note(id, 1).await.unwrap();
        new.put(id + 1_000, 2).await.unwrap();
    }
    eventually("the others are flushed", || rows.lock().unwrap().len() == 200).await;
    let name = retired(&old.cache).await;
    assert_eq!(old.cache.write_behind().give_up(&name).await.unwrap(), 200);
    assert_eq!(old.cache.write_behind().status().await.unwrap().dead_letters, 200);
    timeout(LONG, new.cache.flush_all()).await.expect("nothing waits").unwrap();
}

#[tokio::test]
async fn a_batch_of_a_retired_function_that_a_killed_process_has_left_is_given_up_and_says_so() {
    let store = MemoryStore::new();
    let (old, new) = process(&store, &Rows::default()).await;
    old.note(1, 1).await.unwrap();
    // It took them, and is gone.
    let killed = store.claim(Token::random(), Duration::from_millis(1), &[]).await.unwrap().remove(0);
    let ids = [store.peek(killed.partition, 0, 1).await.unwrap()[0].id];
    store.take(&killed, &ids).await.unwrap().expect("it is held");
    let name = retired(&new.cache).await;
    assert_eq!(new.cache.write_behind().give_up(&name).await.unwrap(), 1);
    let letter = new.cache.write_behind().dead_letters().await.unwrap().remove(0);
    assert!(letter.error.contains("the database may have it"), "{}", letter.error);
}
