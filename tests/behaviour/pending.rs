//! Writes in a queue that several processes share: seen by all of them, and flushed by whoever serves the function.

use crate::fixtures::{eventually, patient};
use cache_runtime::{
    Cache, Error, Fault, Queue, repository,
    store::{MemoryStore, Reference},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::timeout;

const LONG: Duration = Duration::from_secs(10);

/// The database of several processes.
#[derive(Clone, Debug, Default)]
struct Db {
    rows: Arc<Mutex<BTreeMap<u64, String>>>,
    /// Every write that arrived, in order.
    log: Arc<Mutex<Vec<(u64, String)>>>,
    down: Arc<AtomicBool>,
    loads: Arc<AtomicU32>,
}

impl Db {
    fn row(&self, id: u64) -> Option<String> {
        self.rows.lock().unwrap().get(&id).cloned()
    }

    fn write(&self, id: u64, text: &str) -> Result<(), DbError> {
        if self.down.load(SeqCst) {
            return Err(DbError("down".into()));
        }
        if text == "poison" {
            return Err(DbError("refused".into()));
        }
        self.rows.lock().unwrap().insert(id, text.to_owned());
        self.log.lock().unwrap().push((id, text.to_owned()));
        Ok(())
    }
}

#[derive(Clone, Debug)]
struct DbError(String);

impl std::fmt::Display for DbError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

#[derive(Clone)]
struct Notes {
    db: Db,
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "1h", negative_ttl = "1h")]
impl Notes {
    #[cached(strategy = "read_through", key = "pending-note:<id>")]
    async fn note(&self, id: u64) -> Result<Option<String>, DbError> {
        self.db.loads.fetch_add(1, SeqCst);
        Ok(self.db.row(id))
    }

    #[cached(strategy = "write_behind", key = "pending-note:<id>", value = text, unordered, batch = Self::save, invalidates(page(id % 2)))]
    async fn put(&self, id: u64, text: String) -> Result<(), DbError>;

    async fn save(&self, batch: &[(u64, String)]) -> Result<(), DbError> {
        batch.iter().try_for_each(|(id, text)| self.db.write(*id, text))
    }

    #[cached(strategy = "write_behind", key = "pending-note:<id>", deletes, unordered)]
    async fn remove(&self, id: u64) -> Result<(), DbError> {
        if self.db.down.load(SeqCst) {
            return Err(DbError("down".into()));
        }
        self.db.rows.lock().unwrap().remove(&id);
        Ok(())
    }

    #[cached(strategy = "write_through", key = "pending-note:<id>")]
    async fn shout(&self, id: u64) -> Result<String, DbError> {
        let text = self.db.row(id).unwrap_or_default().to_uppercase();
        self.db.write(id, &text)?;
        Ok(text)
    }

    #[invalidates(note(id))]
    async fn erase(&self, id: u64) -> Result<(), DbError> {
        self.db.rows.lock().unwrap().remove(&id);
        Ok(())
    }

    #[cached(key = "pending-page:<parity>")]
    async fn page(&self, parity: u64) -> Result<Vec<String>, DbError> {
        let rows = self.db.rows.lock().unwrap();
        Ok(rows.iter().filter(|(id, _)| **id % 2 == parity).map(|(_, text)| text.clone()).collect())
    }

    #[cached(key = "pending-all", flush_before(put))]
    async fn all(&self) -> Result<Vec<String>, DbError> {
        Ok(self.db.rows.lock().unwrap().values().cloned().collect())
    }

    // An event log: nobody reads it by its key.
    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "pending-log:<id>", value = line, coalesce = false, unordered)]
    async fn append(&self, id: u64, line: String) -> Result<(), DbError> {
        self.db.write(id, &line)
    }
}

/// The same notes in another release: what it reads is of another type.
#[derive(Clone)]
struct Later {
    db: Db,
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "1h")]
impl Later {
    #[cached(strategy = "read_through", key = "pending-note:<id>", schema = 2)]
    async fn note(&self, id: u64) -> Result<Option<String>, DbError> {
        Ok(self.db.row(id))
    }
}

fn queue() -> Queue {
    Queue::redis_fsync().flush_every(Duration::from_millis(5))
}

/// A process.
async fn process(store: &MemoryStore, db: &Db, queue: Queue) -> Notes {
    let builder = Cache::builder().namespace("pending").store(store.clone()).deadlines(patient());
    Notes { db: db.clone(), cache: builder.write_behind(queue).build().await.unwrap() }
}

/// Two processes, of which the first only accepts writes and nobody flushes yet.
async fn two() -> (Notes, Notes, MemoryStore) {
    let (store, db) = (MemoryStore::new(), Db::default());
    let writer = process(&store, &db, queue().flush_elsewhere()).await;
    let reader = process(&store, &db, queue()).await;
    (writer, reader, store)
}

#[tokio::test]
async fn a_pending_value_is_read_by_every_process() {
    let (a, b, store) = two().await;
    assert_eq!(b.note(1).await.unwrap(), None);
    a.put(1, "one".into()).await.unwrap();
    assert_eq!(b.note(1).await.unwrap().as_deref(), Some("one"));
    assert_eq!(a.note(1).await.unwrap().as_deref(), Some("one"));
    assert_eq!(a.db.row(1), None);
    // It is not an entry like others: nothing that drops those drops it.
    b.cache.clear().await.unwrap();
    b.note_entry(1).invalidate().await;
    b.cache.clear_template("pending-note:<id>").await.unwrap();
    assert_eq!(b.note(1).await.unwrap().as_deref(), Some("one"));
    assert_eq!(store.with(Reference::entries), 1);
    assert_eq!(b.db.loads.load(SeqCst), 1, "only the first read found nothing");
}

#[tokio::test]
async fn what_a_killed_process_has_left_is_flushed_by_another() {
    let (a, b, _) = two().await;
    for id in 1..=50 {
        a.put(id, format!("{id}")).await.unwrap();
    }
    drop(a);
    assert_eq!(b.cache.write_behind().status().await.unwrap().pending, 50);
    let flusher = b.cache.flusher().serve(b.clone()).spawn();
    timeout(LONG, b.cache.flush_all()).await.expect("it flushes").unwrap();
    assert_eq!(b.db.rows.lock().unwrap().len(), 50);
    assert_eq!(b.cache.write_behind().status().await.unwrap().pending, 0);
    assert_eq!(b.note(7).await.unwrap().as_deref(), Some("7"));
    assert_eq!(b.db.loads.load(SeqCst), 0, "the value stays in the cache when the database has it");
    drop(flusher);
}

#[tokio::test]
async fn lists_of_every_process_are_dropped_when_the_database_has_the_row() {
    let (a, b, _) = two().await;
    assert!(b.page(1).await.unwrap().is_empty());
    a.put(1, "one".into()).await.unwrap();
    let _flusher = b.cache.flusher().serve(b.clone()).spawn();
    timeout(LONG, b.cache.flush_all()).await.expect("it flushes").unwrap();
    assert_eq!(b.page(1).await.unwrap(), ["one"]);
    assert_eq!(a.page(1).await.unwrap(), ["one"]);
}

#[tokio::test]
async fn a_list_that_says_so_waits_for_what_is_pending() {
    let (_, b, _) = two().await;
    b.put(1, "one".into()).await.unwrap();
    assert_eq!(b.all().await.unwrap(), ["one"]);
}

#[tokio::test]
async fn a_deferred_delete_is_seen_at_once_and_arrives_after_what_came_before() {
    let (a, b, _) = two().await;
    a.put(1, "one".into()).await.unwrap();
    a.remove(1).await.unwrap();
    assert_eq!(b.note(1).await.unwrap(), None);
    assert_eq!(a.note(1).await.unwrap(), None);
    let _flusher = b.cache.flusher().serve(b.clone()).spawn();
    timeout(LONG, b.cache.flush_all()).await.expect("it flushes").unwrap();
    assert_eq!((b.db.row(1), b.note(1).await.unwrap()), (None, None));
    assert_eq!(*b.db.log.lock().unwrap(), [(1, "one".to_owned())]);
}

#[tokio::test]
async fn a_direct_writer_waits_for_what_others_have_acknowledged() {
    let (a, b, _) = two().await;
    a.put(1, "one".into()).await.unwrap();
    let _flusher = b.cache.flusher().serve(b.clone()).spawn();
    assert_eq!(a.shout(1).await.unwrap(), "ONE", "it read what was pending");
    assert_eq!(b.note(1).await.unwrap().as_deref(), Some("ONE"));
    a.put(2, "two".into()).await.unwrap();
    a.erase(2).await.unwrap();
    timeout(LONG, b.cache.flush_all()).await.expect("it flushes").unwrap();
    assert_eq!(b.db.row(2), None, "nothing comes back");
}

#[tokio::test]
async fn a_reader_of_another_release_has_the_write_flushed_and_loads_it() {
    let (a, b, _) = two().await;
    let later = Later { db: b.db.clone(), cache: b.cache.clone() };
    a.put(1, "one".into()).await.unwrap();
    let _flusher = b.cache.flusher().serve(b.clone()).spawn();
    assert_eq!(later.note(1).await.unwrap().as_deref(), Some("one"));
    assert_eq!(b.db.row(1).as_deref(), Some("one"));
}

#[tokio::test]
async fn every_event_arrives_in_order_where_none_may_be_left_out() {
    let (a, b, _) = two().await;
    for n in 0..20 {
        a.append(1, format!("line {n}")).await.unwrap();
    }
    let _flusher = b.cache.flusher().serve(b.clone()).spawn();
    timeout(LONG, b.cache.flush_all()).await.expect("it flushes").unwrap();
    let expected: Vec<_> = (0..20).map(|n| (1, format!("line {n}"))).collect();
    assert_eq!(*b.db.log.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_write_that_is_not_written_is_overtaken_by_no_other_of_its_key() {
    let (a, b, _) = two().await;
    b.db.write(1, "old").unwrap();
    a.put(1, "poison".into()).await.unwrap();
    a.remove(1).await.unwrap();
    let _flusher = b.cache.flusher().serve(b.clone()).spawn();
    while b.cache.write_behind().status().await.unwrap().retries < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(b.db.row(1).as_deref(), Some("old"), "the deletion came later, and waits");
}

#[tokio::test]
async fn no_event_overtakes_one_of_its_key_that_may_still_be_written() {
    let (store, db) = (MemoryStore::new(), Db::default());
    let a = process(&store, &db, queue().flush_elsewhere()).await;
    let b = process(&store, &db, queue().classify(|_| Some(Fault::Permanent))).await;
    for line in ["line 0", "poison", "line 2"] {
        a.append(1, line.into()).await.unwrap();
    }
    let _flusher = b.cache.flusher().serve(b.clone()).spawn();
    while !b.db.log.lock().unwrap().iter().any(|(_, line)| line == "line 2") {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(b.cache.write_behind().dead_letters().await.unwrap().len(), 1, "it was given up before");
}

#[tokio::test]
async fn two_flushers_share_the_work_and_write_nothing_twice() {
    let (store, db) = (MemoryStore::new(), Db::default());
    let a = process(&store, &db, queue()).await;
    let b = process(&store, &db, queue()).await;
    let flushers = [a.cache.flusher().serve(a.clone()).spawn(), b.cache.flusher().serve(b.clone()).spawn()];
    for id in 0..400 {
        let node = if id % 2 == 0 { &a } else { &b };
        node.put(id, "x".into()).await.unwrap();
    }
    timeout(LONG, a.cache.flush_all()).await.expect("they flush").unwrap();
    assert_eq!(db.rows.lock().unwrap().len(), 400);
    assert_eq!(db.log.lock().unwrap().len(), 400, "each once");
    drop(flushers);
}

#[tokio::test]
async fn a_database_that_is_down_loses_nothing_and_drains_in_order() {
    let (store, db) = (MemoryStore::new(), Db::default());
    let a = process(&store, &db, queue().max_pending(64 * 2)).await;
    db.down.store(true, SeqCst);
    let mut accepted = Vec::new();
    for id in 0..400_u64 {
        if timeout(Duration::from_millis(20), a.put(id, format!("{id}"))).await.is_ok_and(|put| put.is_ok()) {
            accepted.push(id);
        }
    }
    assert!(accepted.len() > 100 && accepted.len() <= 128, "up to the limit: {}", accepted.len());
    db.down.store(false, SeqCst);
    timeout(LONG, a.cache.flush_all()).await.expect("it flushes").unwrap();
    let rows = db.rows.lock().unwrap().clone();
    assert!(accepted.iter().all(|id| rows.contains_key(id)), "an acknowledged write is missing");
}

#[tokio::test]
async fn a_halted_key_keeps_its_value_and_takes_no_more_until_it_is_replayed_or_discarded() {
    let (store, db) = (MemoryStore::new(), Db::default());
    let a = process(&store, &db, queue().attempts(1).halt_on_dead_letters()).await;
    db.write(1, "old").unwrap();
    a.put(1, "poison".into()).await.unwrap();
    a.put(2, "two".into()).await.unwrap();
    let behind = || a.cache.write_behind();
    while behind().dead_letters().await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(a.note(1).await.unwrap().as_deref(), Some("poison"), "still acknowledged");
    assert!(a.put(1, "newer".into()).await.unwrap_err().0.contains("halted"));
    let dead = behind().dead_letters().await.unwrap();
    assert_eq!((dead.len(), dead[0].halted, dead[0].key.as_str()), (1, true, "pending-note:1"));
    assert_eq!((dead[0].arguments.as_str(), dead[0].attempts), ("[1,\"poison\"]", 1));
    assert!(behind().discard(&dead[0]).await.unwrap());
    assert_eq!(a.note(1).await.unwrap().as_deref(), Some("old"));
    a.put(1, "newer".into()).await.unwrap();
    assert_eq!(a.note(1).await.unwrap().as_deref(), Some("newer"));
}

#[tokio::test]
async fn a_queue_of_functions_that_nobody_serves_any_more_is_reported_and_kept() {
    let (a, b, _) = two().await;
    a.append(1, "a line".into()).await.unwrap();
    let status = b.cache.write_behind().status().await.unwrap();
    assert_eq!((status.pending, status.dead_letters), (1, 0));
    let unserved = b.cache.write_behind().waiting().await.unwrap();
    assert_eq!(unserved.len(), 1);
    assert_eq!((unserved[0].writes, unserved[0].served_here), (1, false));
    assert!(unserved[0].function.ends_with("append"), "{unserved:?}");
}

#[tokio::test]
async fn a_queue_in_a_store_that_is_not_there_is_refused_at_the_start() {
    let error = Cache::builder().write_behind(Queue::redis_fsync()).build().await.unwrap_err();
    assert!(error.to_string().contains("Queue::sql"), "{error}");
}

#[tokio::test]
async fn a_shutdown_drains_and_gives_its_claims_back() {
    let (a, b, store) = two().await;
    for id in 0..100 {
        b.put(id, "x".into()).await.unwrap();
    }
    let report = b.cache.shutdown().await;
    assert_eq!((report.unwritten, b.db.rows.lock().unwrap().len()), (0, 100));
    a.put(1, "y".into()).await.unwrap();
    let c = process(&store, &a.db, queue()).await;
    let _flusher = c.cache.flusher().serve(c.clone()).spawn();
    eventually("the other takes over", || c.db.row(1).as_deref() == Some("y")).await;
}
