//! A repository whose entries are strict, over a table in memory whose writes can be stopped on either side of their commit.

use crate::fixtures::patient;
use cache_runtime::{
    Cache, Error, repository,
    store::{Deadlines, EntryKey, Fingerprint, MemoryStore, Partition, Store, Target},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// A balance and how often it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Account {
    pub(crate) balance: i64,
    pub(crate) version: u64,
}

/// The table, and gates on the way through a write.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Mutex<HashMap<u32, Account>>,
    pub(crate) loads: AtomicUsize,
    /// Before the commit, and between the commit and the return.
    pub(crate) before: Semaphore,
    pub(crate) after: Semaphore,
    pub(crate) began: AtomicUsize,
    pub(crate) committed: AtomicUsize,
}

impl Default for Table {
    fn default() -> Self {
        let open = || Semaphore::new(Semaphore::MAX_PERMITS);
        Self {
            rows: Mutex::default(),
            loads: AtomicUsize::new(0),
            before: open(),
            after: open(),
            began: AtomicUsize::new(0),
            committed: AtomicUsize::new(0),
        }
    }
}

impl Table {
    /// Closes a gate; it is opened by adding permits.
    pub(crate) fn close(gate: &Semaphore) {
        gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn row(&self, id: u32) -> Option<Account> {
        self.rows.lock().unwrap().get(&id).copied()
    }

    pub(crate) fn put(&self, id: u32, account: Account) {
        self.rows.lock().unwrap().insert(id, account);
    }

    fn load(&self, id: u32) -> Option<Account> {
        self.loads.fetch_add(1, SeqCst);
        self.row(id)
    }

    async fn write(&self, id: u32, balance: i64) -> Account {
        self.began.fetch_add(1, SeqCst);
        self.before.acquire().await.unwrap().forget();
        let written = {
            let mut rows = self.rows.lock().unwrap();
            let version = rows.get(&id).map_or(1, |row| row.version + 1);
            let account = Account { balance, version };
            rows.insert(id, account);
            account
        };
        self.committed.fetch_add(1, SeqCst);
        self.after.acquire().await.unwrap().forget();
        written
    }
}

/// What went wrong.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    Cache(Error),
    /// The database said no.
    Refused,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Cache(error)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    pub(crate) table: Arc<Table>,
    pub(crate) cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Accounts {
    #[cached(strategy = "read_through", key = "account:<id>", negative_ttl = 60)]
    pub(crate) async fn find(&self, id: u32) -> Option<Account> {
        self.table.load(id)
    }

    #[cached(strategy = "read_through", key = "sheet:<branch>:<page>")]
    pub(crate) async fn sheet(&self, branch: u32, page: u32) -> usize {
        let _ = page;
        self.table.loads.fetch_add(1, SeqCst);
        usize::try_from(branch).unwrap_or_default()
    }

    #[cached(strategy = "write_through", key = "account:<id>")]
    pub(crate) async fn set(&self, id: u32, balance: i64) -> Account {
        self.table.write(id, balance).await
    }

    #[cached(strategy = "write_through", key = "account:<id>", on_fence_fail = "reject")]
    pub(crate) async fn set_or_not(&self, id: u32, balance: i64) -> Result<Account, Failure> {
        Ok(self.table.write(id, balance).await)
    }

    #[cached(strategy = "write_through", key = "account:<id>")]
    pub(crate) async fn set_and_fail(&self, id: u32, balance: i64) -> Result<Account, Failure> {
        self.table.write(id, balance).await;
        Err(Failure::Refused)
    }

    #[invalidates(find(id))]
    pub(crate) async fn close(&self, id: u32) {
        self.table.rows.lock().unwrap().remove(&id);
    }

    #[cached(strategy = "write_around", key = "account:<id>", invalidates(sheet(branch, ..)), level = "strict")]
    pub(crate) async fn book(&self, id: u32, branch: u32, balance: i64) -> Account {
        let _ = branch;
        self.table.write(id, balance).await
    }

    // The same rows under a key of their own, with versions.
    #[cached(strategy = "read_through", key = "ledger:<id>", version = <result.version>)]
    pub(crate) async fn ledger(&self, id: u32) -> Option<Account> {
        self.table.load(id)
    }

    #[cached(strategy = "write_through", key = "ledger:<id>", version = <result.version>)]
    pub(crate) async fn enter(&self, id: u32, balance: i64) -> Account {
        self.table.write(id, balance).await
    }
}

impl Accounts {
    pub(crate) fn loads(&self) -> usize {
        self.table.loads.swap(0, SeqCst)
    }

    /// As another process sees them.
    pub(crate) async fn elsewhere(&self, store: impl Store) -> Self {
        Self { table: self.table.clone(), cache: cache(store, patient(), INTENT).await }
    }
}

/// An account as another process names it.
pub(crate) fn key(text: &str) -> EntryKey {
    EntryKey {
        text: text.into(),
        partition: Partition::of(text),
        template: format!("{}:<>", text.split(':').next().unwrap_or_default()).into(),
        fingerprint: Fingerprint(1),
        groups: Vec::new(),
    }
}

/// The same, as something to write.
pub(crate) fn target(text: &str) -> Target {
    let EntryKey { text, partition, template, .. } = key(text);
    Target::Key { text, partition, template, version: None }
}

/// How long an announcement lasts where no test waits for its end.
pub(crate) const INTENT: Duration = Duration::from_secs(10);

pub(crate) async fn cache(store: impl Store, deadlines: Deadlines, intent: Duration) -> Cache {
    Cache::builder().namespace("test").store(store).deadlines(deadlines).intent(intent).build().await.unwrap()
}

/// Two processes that share a store and a database.
pub(crate) async fn two(store: &MemoryStore) -> (Accounts, Accounts) {
    let cache = cache(store.clone(), patient(), INTENT).await;
    let one = Accounts { table: Arc::default(), cache };
    let other = one.elsewhere(store.clone()).await;
    (one, other)
}
