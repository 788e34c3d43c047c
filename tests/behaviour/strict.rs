//! Level strict: what readers see while a write is open, and what it leaves behind, however it ends.

use crate::{
    accounts::{Account, Accounts, Failure, INTENT, Table, cache, key, target, two},
    around::{Around, Wrapped},
    fixtures::{eventually, patient},
};
use cache_runtime::{
    ErrorKind,
    store::{
        Ended, Fill, FillOutcome, Lookup, MemoryStore, Store, StoreError, StoreErrorKind, StoreFuture,
        Target, Token, Told, Written,
    },
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::task::JoinHandle;

/// A write that has announced itself and waits before its commit.
async fn open_write(accounts: &Accounts, balance: i64) -> JoinHandle<Account> {
    Table::close(&accounts.table.before);
    let (before, writer) = (accounts.table.began.load(SeqCst), accounts.clone());
    let writing = tokio::spawn(async move { writer.set(1, balance).await });
    eventually("a write", || accounts.table.began.load(SeqCst) > before).await;
    writing
}

fn balance(account: Option<Account>) -> Option<i64> {
    account.map(|account| account.balance)
}

#[tokio::test]
async fn nothing_is_stored_anywhere_while_a_write_is_open() {
    let store = MemoryStore::new();
    let (here, elsewhere) = two(&store).await;
    here.set(1, 100).await;
    let writing = open_write(&here, 200).await;
    elsewhere.loads();
    for _ in 0..3 {
        assert_eq!(balance(elsewhere.find(1).await), Some(100), "what the database has");
        assert_eq!(balance(here.find(1).await), Some(100));
    }
    assert_eq!((elsewhere.loads(), store.len()), (6, 0));
    here.table.before.add_permits(1);
    writing.await.unwrap();
    assert_eq!(balance(elsewhere.find(1).await), Some(200));
    assert_eq!(elsewhere.loads(), 0, "the write left its value");
}

#[tokio::test]
async fn nobody_sees_the_old_value_after_the_new_one() {
    let store = MemoryStore::new();
    let (here, elsewhere) = two(&store).await;
    here.set(1, 100).await;
    assert_eq!(balance(elsewhere.find(1).await), Some(100));
    Table::close(&here.table.after);
    let writing = tokio::spawn({
        let here = here.clone();
        async move { here.set(1, 200).await }
    });
    eventually("the commit", || here.table.committed.load(SeqCst) == 2).await;
    // Committed, and nobody was told: level lease would let one reader load the new row, and another hit the old entry.
    for _ in 0..3 {
        assert_eq!(balance(elsewhere.find(1).await), Some(200));
        assert_eq!(balance(here.find(1).await), Some(200));
    }
    here.table.after.add_permits(1);
    writing.await.unwrap();
    assert_eq!(balance(elsewhere.find(1).await), Some(200));
}

#[tokio::test]
async fn a_load_that_began_before_a_write_is_not_stored_under_it() {
    let store = MemoryStore::new();
    let (here, _) = two(&store).await;
    let (key, token) = (key("account:1"), Token::random());
    let Ok(Lookup::Granted { epoch, stamps }) = store.acquire(&key, token, INTENT).await else {
        panic!("the key is free")
    };
    let writing = open_write(&here, 200).await;
    let fill = Fill { token, entry: "old".into(), ttl: None, epoch, stamps, version: None };
    assert_eq!(store.fill(&key, fill).await.unwrap(), FillOutcome::Refused);
    here.table.before.add_permits(1);
    writing.await.unwrap();
}

#[tokio::test]
async fn a_writer_that_dies_leaves_no_entry_and_a_key_that_is_free_again() {
    let millis = Arc::new(AtomicU64::new(1_000_000));
    let hand = millis.clone();
    let store = MemoryStore::with_clock(Arc::new(move || Duration::from_millis(hand.load(SeqCst))));
    let (_, alive) = two(&store).await;
    alive.find(1).await;
    // What a process has announced that is killed before, or right after, its commit.
    store.begin(&[target("account:1")], Token::random(), INTENT).await.unwrap();
    assert_eq!(store.len(), 0);
    alive.loads();
    alive.find(1).await;
    alive.find(1).await;
    assert_eq!((alive.loads(), store.len()), (2, 0), "loaded, and not stored");
    millis.fetch_add(10_001, SeqCst);
    alive.find(1).await;
    alive.find(1).await;
    assert_eq!((alive.loads(), store.len()), (1, 1));
}

#[tokio::test]
async fn overlapping_writers_leave_no_entry() {
    let store = MemoryStore::new();
    let (here, elsewhere) = two(&store).await;
    let first = open_write(&here, 1).await;
    let second = open_write(&elsewhere, 2).await;
    here.table.before.add_permits(2);
    first.await.unwrap();
    second.await.unwrap();
    assert_eq!(store.len(), 0, "nobody knows whose commit came last");
    let row = here.table.row(1);
    assert_eq!((here.find(1).await, elsewhere.find(1).await), (row, row));
}

#[tokio::test]
async fn of_overlapping_writers_that_tell_versions_the_newest_leaves_its_value() {
    for newest_ends_last in [true, false] {
        let store = MemoryStore::new();
        let (here, elsewhere) = two(&store).await;
        Table::close(&here.table.after);
        let enter = |accounts: &Accounts, balance| {
            let accounts = accounts.clone();
            tokio::spawn(async move { accounts.enter(7, balance).await })
        };
        let older = enter(&here, 1);
        eventually("a commit", || here.table.committed.load(SeqCst) == 1).await;
        let newer = enter(&elsewhere, 2);
        eventually("both commits", || here.table.committed.load(SeqCst) == 2).await;
        // Waiting writers are let go in the order they came, so the older is let go alone, or ends by being told last.
        here.table.after.add_permits(1);
        assert_eq!(older.await.unwrap().version, 1);
        here.table.after.add_permits(1);
        assert_eq!(newer.await.unwrap().version, 2);
        if !newest_ends_last {
            // As if the end of the older came again, late.
            store.end(&[written("ledger:7", 1)], Token::random()).await.unwrap();
        }
        here.loads();
        assert_eq!(elsewhere.ledger(7).await.map(|row| row.version), Some(2));
        assert_eq!(here.loads(), usize::from(!newest_ends_last));
    }
}

fn written(text: &str, version: u64) -> Written {
    Written { target: target(text).with_version(cache_runtime::store::Version::new(version)), kept: None }
}

#[tokio::test]
async fn a_row_older_than_what_a_write_has_told_is_not_stored() {
    let store = MemoryStore::new();
    let (here, elsewhere) = two(&store).await;
    here.enter(7, 1).await;
    let row = here.enter(7, 2).await;
    store.invalidate(&[target("ledger:7")], None).await.unwrap();
    // A reader of a replica that lags behind.
    let lagging = Accounts { table: Arc::default(), cache: elsewhere.cache.clone() };
    lagging.table.put(7, Account { balance: 1, version: 1 });
    assert_eq!(lagging.ledger(7).await.map(|row| row.version), Some(1));
    assert!(store.is_empty(), "version 1 is older than what was told");
    assert_eq!(here.ledger(7).await, Some(row));
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn a_group_that_a_strict_write_names_is_not_stored_while_it_is_open() {
    let store = MemoryStore::new();
    let (here, elsewhere) = two(&store).await;
    elsewhere.sheet(3, 1).await;
    Table::close(&here.table.before);
    let booking = tokio::spawn({
        let here = here.clone();
        async move { here.book(1, 3, 5).await }
    });
    eventually("a write", || here.table.began.load(SeqCst) == 1).await;
    elsewhere.loads();
    elsewhere.sheet(3, 1).await;
    elsewhere.sheet(3, 1).await;
    elsewhere.sheet(4, 1).await;
    elsewhere.sheet(4, 1).await;
    assert_eq!(elsewhere.loads(), 3, "sheets of branch 3 twice, of branch 4 once");
    here.table.before.add_permits(1);
    booking.await.unwrap();
    elsewhere.sheet(3, 1).await;
    elsewhere.sheet(3, 1).await;
    assert_eq!(elsewhere.loads(), 1);
}

#[tokio::test]
async fn a_failed_write_whose_outcome_is_open_keeps_its_key_out_of_the_store() {
    let store = MemoryStore::new();
    let (here, elsewhere) = two(&store).await;
    elsewhere.find(1).await;
    here.set_and_fail(1, 5).await.unwrap_err();
    elsewhere.find(1).await;
    assert!(store.is_empty(), "its statement may still commit");
}

#[tokio::test]
async fn a_dropped_write_keeps_its_key_out_of_the_store() {
    let store = MemoryStore::new();
    let (here, elsewhere) = two(&store).await;
    let writing = open_write(&here, 5).await;
    writing.abort();
    assert!(writing.await.unwrap_err().is_cancelled());
    here.cache.settle().await;
    elsewhere.find(1).await;
    assert!(store.is_empty(), "its statement may still commit");
}

/// A store of which writes can be told nothing, or which answers them too late.
#[derive(Clone, Debug)]
struct Deaf {
    inner: MemoryStore,
    fails: Arc<Fails>,
}

#[derive(Debug, Default)]
struct Fails {
    begin: AtomicBool,
    /// The call is carried out, and its answer lost.
    begin_unanswered: AtomicBool,
    end: AtomicBool,
    extended: AtomicUsize,
}

async fn deaf(intent: Duration) -> (Accounts, Arc<Fails>, MemoryStore) {
    let store = MemoryStore::new();
    let fails = Arc::<Fails>::default();
    let deaf = Wrapped(Deaf { inner: store.clone(), fails: fails.clone() });
    let mut deadlines = patient();
    deadlines.fence = deadlines.fence.min(intent / 4);
    let cache = cache(deaf, deadlines, intent).await;
    (Accounts { table: Arc::default(), cache }, fails, store)
}

fn refused<'a, T: 'a>(operation: &'static str) -> StoreFuture<'a, T> {
    Box::pin(async move { Err(StoreError::new(StoreErrorKind::Refused, operation)) })
}

#[tokio::test]
async fn a_write_that_cannot_be_announced_is_made_and_counted() {
    let (accounts, fails, store) = deaf(INTENT).await;
    fails.begin.store(true, SeqCst);
    accounts.set(1, 5).await;
    let stats = accounts.cache.stats();
    let set = stats.functions.iter().find(|f| f.function.ends_with("::set")).unwrap();
    assert_eq!((set.failed_fences, set.kept_writes, set.writes), (1, 0, 1));
    assert!(store.is_empty());
    assert_eq!(balance(accounts.find(1).await), Some(5));
}

#[tokio::test]
async fn a_write_that_would_rather_not_be_made_is_refused_and_leaves_nothing() {
    let (accounts, fails, store) = deaf(INTENT).await;
    assert_eq!(accounts.set_or_not(1, 4).await.unwrap().balance, 4);
    for unanswered in [false, true] {
        fails.begin.store(!unanswered, SeqCst);
        fails.begin_unanswered.store(unanswered, SeqCst);
        let Err(Failure::Cache(error)) = accounts.set_or_not(1, 5).await else { panic!("it is refused") };
        assert_eq!(error.kind(), ErrorKind::Fence);
        assert!(error.to_string().contains("Accounts::set_or_not"), "{error}");
        assert_eq!(balance(accounts.table.row(1)), Some(4), "its body did not run");
    }
    // What may have been announced all the same was taken back.
    accounts.loads();
    accounts.find(1).await;
    accounts.find(1).await;
    assert_eq!((accounts.loads(), store.len()), (1, 1));
}

#[tokio::test]
async fn a_value_whose_announcement_was_not_confirmed_is_not_kept() {
    let (accounts, fails, store) = deaf(INTENT).await;
    fails.begin_unanswered.store(true, SeqCst);
    accounts.set(1, 5).await;
    assert!(store.is_empty(), "another write may have come in between");
    accounts.find(1).await;
    assert_eq!(store.len(), 1, "and nothing holds the key");
}

#[tokio::test]
async fn an_end_that_cannot_be_told_is_told_later() {
    let (accounts, fails, store) = deaf(INTENT).await;
    accounts.find(1).await;
    fails.end.store(true, SeqCst);
    accounts.set(1, 5).await;
    assert_eq!(balance(accounts.find(1).await), Some(5));
    assert!(store.is_empty());
    eventually("it is told", || accounts.cache.stats().unsent_invalidations == 0).await;
}

#[tokio::test]
async fn an_open_write_is_extended_while_it_lives() {
    let (accounts, fails, store) = deaf(Duration::from_millis(600)).await;
    let writing = open_write(&accounts, 5).await;
    eventually("five times its length", || fails.extended.load(SeqCst) >= 15).await;
    accounts.find(1).await;
    assert!(store.is_empty(), "it is still announced");
    accounts.table.before.add_permits(1);
    writing.await.unwrap();
    assert_eq!(store.len(), 1, "and was all the time");
}

#[tokio::test]
async fn a_write_that_the_store_forgot_is_announced_again_and_keeps_nothing() {
    let (accounts, fails, store) = deaf(Duration::from_millis(600)).await;
    let writing = open_write(&accounts, 5).await;
    store.with(|state, _| state.lose_everything());
    let extended = fails.extended.load(SeqCst);
    eventually("two more signs of life", || fails.extended.load(SeqCst) >= extended + 2).await;
    accounts.find(1).await;
    assert!(store.is_empty(), "it is announced again");
    accounts.table.before.add_permits(1);
    writing.await.unwrap();
    assert!(store.is_empty(), "another write may have come in between");
    let stats = accounts.cache.stats();
    assert_eq!(stats.functions.iter().map(|f| f.lost_intents).sum::<u64>(), 1);
}

#[tokio::test]
async fn an_intent_that_no_sign_of_life_could_keep_is_refused() {
    let builder = cache_runtime::Cache::builder().namespace("test").store(MemoryStore::new());
    let error = builder.intent(Duration::from_millis(500)).build().await.unwrap_err();
    assert!(error.to_string().contains("at least 4 times as long"), "{error}");
}

impl Around for Deaf {
    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    fn begin<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, ()> {
        if self.fails.begin.swap(false, SeqCst) {
            return refused("begin");
        }
        if self.fails.begin_unanswered.swap(false, SeqCst) {
            return Box::pin(async move {
                self.inner.begin(targets, token, intent).await?;
                Err(StoreError::new(StoreErrorKind::Timeout, "begin"))
            });
        }
        self.inner.begin(targets, token, intent)
    }

    fn extend<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, bool> {
        self.fails.extended.fetch_add(1, SeqCst);
        self.inner.extend(targets, token, intent)
    }

    fn end<'a>(&'a self, written: &'a [Written], token: Token) -> StoreFuture<'a, (Vec<Ended>, Told)> {
        if self.fails.end.swap(false, SeqCst) { refused("end") } else { self.inner.end(written, token) }
    }
}
