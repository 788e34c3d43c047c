//! What is said of acknowledged writes that wait, and of the functions that fail.

use crate::{
    fixtures::{dead_letters, eventually},
    logged::Log,
};
use cache_runtime::{Cache, Error, FailedFunction, Fault, Queue, WriteBehindStatus, repository};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::Semaphore;

/// How long a write may wait before that is reported: much longer than a first attempt takes.
const LATE: Duration = Duration::from_secs(1);

#[derive(Clone)]
struct Notes {
    cache: Cache,
    /// Batches wait for it.
    gate: Arc<Semaphore>,
    /// Those of `tag` for this.
    tags: Arc<Semaphore>,
    batches: Arc<AtomicU32>,
    fails: Arc<Mutex<Option<Fault>>>,
}

#[derive(Debug)]
struct Failed(Option<Fault>);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the table is locked by an elephant")
    }
}

impl From<Error> for Failed {
    fn from(_: Error) -> Self {
        Self(None)
    }
}

#[repository(cache = self.cache, ttl = "5m")]
impl Notes {
    #[cached(strategy = "read_through", key = "lagging-note:<id>")]
    async fn note(&self, id: u32) -> Result<Option<u32>, Failed> {
        Ok(Some(id))
    }

    #[cached(strategy = "write_behind", key = "lagging-note:<id>", value = note, unordered, batch = Self::save)]
    async fn put(&self, id: u32, note: u32) -> Result<(), Failed>;

    #[cached(strategy = "write_behind", key = "lagging-note:<id>", value = note, coalesce = false, unordered, batch = Self::save)]
    async fn append(&self, id: u32, note: u32) -> Result<(), Failed>;

    #[cached(strategy = "write_behind", key = "lagging-tag:<id>", value = tag, coalesce = false, unordered, batch = Self::save_tags)]
    async fn tag(&self, id: u32, tag: u32) -> Result<(), Failed>;

    #[cached(strategy = "read_through", key = "lagging-tag:<id>")]
    async fn tagged(&self, id: u32) -> Result<u32, Failed> {
        Ok(id)
    }

    async fn save_tags(&self, batch: &[(u32, u32)]) -> Result<(), Failed> {
        assert!(!batch.is_empty());
        self.tags.acquire().await.expect("it is never closed").forget();
        Ok(())
    }

    async fn save(&self, batch: &[(u32, u32)]) -> Result<(), Failed> {
        assert!(!batch.is_empty());
        self.batches.fetch_add(1, SeqCst);
        self.gate.acquire().await.expect("it is never closed").forget();
        match *self.fails.lock().unwrap() {
            None => Ok(()),
            fault => Err(Failed(fault)),
        }
    }
}

fn notes(queue: Queue) -> Notes {
    let queue = queue.flush_every(Duration::from_millis(1)).max_delay(LATE).classify(|error| {
        let failed = error.downcast_ref::<Failed>()?;
        failed.0
    });
    Notes {
        cache: Cache::builder().write_behind(queue).build_memory(),
        gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        tags: Arc::new(Semaphore::new(0)),
        batches: Arc::default(),
        fails: Arc::default(),
    }
}

impl Notes {
    async fn status(&self) -> WriteBehindStatus {
        self.cache.write_behind().status().await.unwrap()
    }
}

/// Waits until it is logged, by whoever flushes: nobody asks for the status.
async fn until_said(log: &Log, text: &str) {
    eventually(text, || log.says(text)).await;
}

#[tokio::test]
async fn status_has_the_last_error_of_each_function_and_how_often_it_failed() {
    let notes = notes(Queue::memory());
    assert_eq!(notes.status().await.failures, []);
    *notes.fails.lock().unwrap() = Some(Fault::Transient);
    let begun = SystemTime::now();
    notes.put(1, 1).await.unwrap();
    eventually("it fails twice", || notes.batches.load(SeqCst) > 2).await;
    let failures = notes.status().await.failures;
    let [FailedFunction { function, template, error, fault, at, attempts, .. }] = &failures[..] else {
        panic!("{failures:?}")
    };
    assert!(function.ends_with("Notes::put"), "{function}");
    assert_eq!((template.as_str(), *fault), ("lagging-note:<>", Some(Fault::Transient)));
    assert_eq!(error, "the table is locked by an elephant");
    assert!((begun..=SystemTime::now()).contains(at));
    assert!((2..=u64::from(notes.batches.load(SeqCst))).contains(attempts), "{attempts}");
    *notes.fails.lock().unwrap() = None;
    notes.cache.flush_all().await.unwrap();
    let failures = notes.status().await.failures;
    assert_eq!((failures.len(), failures[0].attempts, &failures[0].error), (1, 0, error), "it passes again");
}

#[tokio::test]
async fn late_writes_of_a_function_that_fails_are_reported_with_its_error() {
    let (log, _guard) = Log::listen();
    let notes = notes(Queue::memory());
    *notes.fails.lock().unwrap() = Some(Fault::Transient);
    notes.put(1, 1).await.unwrap();
    until_said(&log, "`max_delay`: ").await;
    let said = log.lines();
    let lines: Vec<_> = said.iter().filter(|line| line.contains("`max_delay`: ")).collect();
    assert!(lines.len() == 1 && lines[0].contains("Notes::put"), "{said:?}");
    assert!(lines[0].contains("the function has failed") && lines[0].contains("elephant"), "{said:?}");
}

#[tokio::test]
async fn late_writes_that_nobody_here_flushes_are_reported_as_such() {
    let (log, _guard) = Log::listen();
    let notes = notes(Queue::memory().flush_elsewhere());
    notes.put(1, 1).await.unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    // Without a flusher nobody looks but who asks.
    while !notes.status().await.lagging {
        assert!(Instant::now() < end);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(log.says("no flusher of this process serves the function"), "{:?}", log.lines());
    assert!(!log.says("database"), "{:?}", log.lines());
}

#[tokio::test]
async fn late_writes_whose_batch_takes_long_are_reported_as_such() {
    let (log, _guard) = Log::listen();
    let notes = Notes { gate: Arc::new(Semaphore::new(0)), ..notes(Queue::memory()) };
    notes.put(1, 1).await.unwrap();
    until_said(&log, "its batches take long").await;
    assert_eq!(notes.batches.load(SeqCst), 1, "it is said while the batch hangs");
    notes.gate.add_permits(1);
    notes.cache.flush_all().await.unwrap();
    assert!(!notes.status().await.lagging);
}

#[tokio::test]
async fn late_writes_of_a_halted_key_are_reported_as_such() {
    let (log, _guard) = Log::listen();
    let notes = Notes {
        gate: Arc::new(Semaphore::new(0)),
        ..notes(Queue::memory().attempts(1).halt_on_dead_letters())
    };
    *notes.fails.lock().unwrap() = Some(Fault::Permanent);
    notes.append(1, 1).await.unwrap();
    eventually("it is being flushed", || notes.batches.load(SeqCst) == 1).await;
    notes.append(1, 2).await.unwrap();
    notes.gate.add_permits(100);
    until_said(&log, "their key is halted").await;
}

#[tokio::test]
async fn a_dead_letter_is_logged_with_its_id_and_class_and_its_key_only_for_debugging() {
    let (log, _guard) = Log::listen();
    let notes = notes(Queue::memory().attempts(2));
    *notes.fails.lock().unwrap() = Some(Fault::Permanent);
    notes.put(4711, 1).await.unwrap();
    eventually("it is given up", || dead_letters(&notes.cache).len() == 1).await;
    let id = dead_letters(&notes.cache)[0].id();
    eventually("it is logged", || log.says("it is a dead letter")).await;
    let said = log.lines();
    let about: Vec<_> = said.iter().filter(|line| line.contains(&format!("id=\"{id}\""))).collect();
    let (given_up, key) = (about[0], about[1]);
    assert!(given_up.starts_with("ERROR ") && given_up.contains("Notes::put\""), "{given_up}");
    assert!(given_up.contains("class=\"permanent\"") && given_up.contains("elephant"), "{given_up}");
    assert!(given_up.contains("attempts=2"), "{given_up}");
    assert!(key.starts_with("DEBUG ") && key.contains("lagging-note:4711"), "{key}");
    let shown = said.iter().filter(|line| line.contains("4711") && !line.starts_with("DEBUG"));
    assert_eq!(shown.count(), 0, "{said:?}");
}

#[tokio::test]
async fn writes_that_are_stuck_leave_unsaid_neither_other_functions_nor_other_reasons() {
    let (log, _guard) = Log::listen();
    let notes = notes(Queue::memory().attempts(1).halt_on_dead_letters());
    *notes.fails.lock().unwrap() = Some(Fault::Permanent);
    notes.append(1, 1).await.unwrap();
    notes.append(1, 2).await.unwrap();
    until_said(&log, "their key is halted").await;
    // It stays so. In one line with it wait others.
    *notes.fails.lock().unwrap() = Some(Fault::Transient);
    notes.put(2, 1).await.unwrap();
    until_said(&log, "the function has failed").await;
    notes.tag(3, 1).await.unwrap();
    until_said(&log, "its batches take long").await;
    let late: Vec<_> = log.lines().into_iter().filter(|line| line.contains("`max_delay`: ")).collect();
    let about = |function: &str| late.iter().filter(|line| line.contains(function)).collect::<Vec<_>>();
    assert!(about("Notes::tag\"").len() == 1 && about("Notes::tag\"")[0].contains("take long"), "{late:?}");
    assert!(about("Notes::append\"").iter().all(|line| line.contains("halted")), "{late:?}");
    assert!(about("Notes::put\"").iter().any(|line| line.contains("elephant")), "{late:?}");
}

#[tokio::test]
async fn writes_that_are_late_again_are_reported_again() {
    let (log, _guard) = Log::listen();
    let notes = notes(Queue::memory());
    let _flusher = notes.cache.flusher().serve(notes.clone()).spawn();
    for times in 1..=2 {
        notes.tag(3, 1).await.unwrap();
        let said = || log.lines().iter().filter(|line| line.contains("its batches take long")).count();
        eventually("it is said", || said() == times).await;
        notes.tags.add_permits(1);
        eventually("nothing waits", || notes.cache.stats().pending_writes == 0).await;
        // The flusher looks, and finds nothing.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
