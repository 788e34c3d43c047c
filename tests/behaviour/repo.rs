//! A repository over one row that can be held at every step.

use cache_runtime::{Cache, repository};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};
use tokio::sync::Semaphore;

#[derive(Clone)]
#[must_use]
pub(crate) struct Repo {
    pub(crate) cache: Cache,
    pub(crate) state: Arc<State>,
}

pub(crate) struct State {
    pub(crate) value: Mutex<Option<u32>>,
    pub(crate) after_write: Semaphore,
    pub(crate) before_return: Semaphore,
    pub(crate) written: AtomicBool,
    pub(crate) read: AtomicBool,
    pub(crate) panics: AtomicUsize,
    pub(crate) failing: AtomicBool,
    pub(crate) queries: AtomicUsize,
    pub(crate) flushes: AtomicUsize,
    pub(crate) slow_flush: Semaphore,
}

impl Repo {
    pub(crate) fn new(cache: Cache) -> Self {
        Self {
            cache,
            state: Arc::new(State {
                value: Mutex::new(Some(1)),
                after_write: Semaphore::new(0),
                before_return: Semaphore::new(Semaphore::MAX_PERMITS),
                written: false.into(),
                read: false.into(),
                panics: 0.into(),
                failing: false.into(),
                queries: 0.into(),
                flushes: 0.into(),
                slow_flush: Semaphore::new(Semaphore::MAX_PERMITS),
            }),
        }
    }

    pub(crate) fn get(&self) -> Option<u32> {
        *self.state.value.lock().unwrap()
    }

    pub(crate) fn set(&self, value: Option<u32>) {
        *self.state.value.lock().unwrap() = value;
    }
}

#[derive(Clone, Debug)]
pub(crate) struct E(pub(crate) String);

impl std::fmt::Display for E {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<cache_runtime::Error> for E {
    fn from(e: cache_runtime::Error) -> Self {
        E(e.to_string())
    }
}

#[repository(cache = self.cache, ttl = "5m")]
impl Repo {
    #[cached(strategy = "read_through", key = "row:<id>")]
    pub(crate) async fn row(&self, id: u32) -> Result<Option<u32>, E> {
        let value = self.get();
        self.state.read.store(true, SeqCst);
        self.state.before_return.acquire().await.unwrap().forget();
        Ok(value)
    }

    #[cached(strategy = "write_through", key = "row:<id>")]
    pub(crate) async fn commit_and_wait(&self, id: u32, value: u32) -> Result<u32, E> {
        self.set(Some(value));
        self.state.written.store(true, SeqCst);
        self.state.after_write.acquire().await.unwrap().forget();
        Ok(value)
    }

    #[cached(strategy = "write_around", key = "row:<id>")]
    pub(crate) async fn around(&self, id: u32, value: u32) -> Result<(), E> {
        self.set(Some(value));
        Ok(())
    }

    #[cached(strategy = "cache_aside", key = "late:<id>")]
    pub(crate) async fn late(&self, id: u32) -> Result<Option<u32>, E> {
        Ok(self.get())
    }

    #[cached(strategy = "write_behind", key = "late:<id>", value = value, ttl = "1h", batch = Self::save, unordered)]
    pub(crate) async fn defer(&self, id: u32, value: u32) -> Result<(), E>;
    async fn save(&self, batch: &[(u32, u32)]) -> Result<(), E> {
        self.state.flushes.fetch_add(1, SeqCst);
        if self.state.panics.load(SeqCst) > 0 {
            self.state.panics.fetch_sub(1, SeqCst);
            panic!("a batch function panics");
        }
        if self.state.failing.load(SeqCst) {
            return Err(E("refused".into()));
        }
        self.state.slow_flush.acquire().await.unwrap().forget();
        for (_, value) in batch {
            self.set(Some(*value));
        }
        Ok(())
    }

    #[invalidates(late(id))]
    pub(crate) async fn remove_late(&self, id: u32) -> Result<(), E> {
        Ok(())
    }

    #[cached(strategy = "read_through", key = "spare2:<id>", ttl = 1, stale_if_error = "1h")]
    pub(crate) async fn spared(&self, id: u32) -> Result<u32, E> {
        self.state.queries.fetch_add(1, SeqCst);
        if self.state.failing.load(SeqCst) {
            return Err(E("down".into()));
        }
        Ok(self.get().unwrap_or_default())
    }

    #[cached(strategy = "read_through", key = "long:<text>")]
    pub(crate) async fn long(&self, text: &str) -> Result<u32, E> {
        Ok(self.get().unwrap_or_default())
    }

    #[cached(strategy = "read_through", key = "list:<group>:<page>")]
    pub(crate) async fn list(&self, group: u32, page: u32) -> Result<u32, E> {
        Ok(self.get().unwrap_or_default())
    }

    #[invalidates(list(group, ..))]
    pub(crate) async fn change_list(&self, group: u32, value: u32) -> Result<(), E> {
        self.set(Some(value));
        Ok(())
    }
}
