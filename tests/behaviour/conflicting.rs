//! Functions that disagree about their entries: mistakes, made on purpose. Not in a test target, where they would stop the test.

use cache_runtime::{Cache, cached};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::SeqCst},
};

#[cached(strategy = "read_through", key = "clash:<id>", ttl = 60, skip(row))]
pub async fn read(cache: &Cache, id: u32, row: &AtomicU32) -> u32 {
    let _ = id;
    row.load(SeqCst)
}

#[cached(strategy = "write_through", key = "clash:<id>", ttl = 60)]
pub async fn write(cache: &Cache, id: u32, row: &AtomicU32, value: u32) -> String {
    let _ = id;
    row.store(value, SeqCst);
    value.to_string()
}

#[cached(strategy = "read_through", key = "both:<id>", ttl = 60)]
pub async fn number(cache: &Cache, id: u32) -> u32 {
    id
}

#[cached(strategy = "read_through", key = "both:<id>", ttl = 60)]
pub async fn text(cache: &Cache, id: u32) -> String {
    id.to_string()
}

#[cached(strategy = "read_through", key = "any:<id>", ttl = 60)]
pub async fn any<T: From<u32> + cache_runtime::Cacheable + Clone>(cache: &Cache, id: u32) -> T {
    T::from(id)
}

/// What stands in the database, all of it.
#[derive(Clone)]
#[must_use]
pub struct Row {
    pub cache: Cache,
    pub value: Arc<AtomicU32>,
}

impl Row {
    pub fn new(cache: &Cache, value: u32) -> Self {
        Self { cache: cache.clone(), value: Arc::new(value.into()) }
    }

    pub fn get(&self) -> u32 {
        self.value.load(SeqCst)
    }
}

/// One crate.
pub mod here {
    use super::{Arc, Cache, Row, SeqCst};
    use cache_runtime::repository;

    #[derive(Clone)]
    #[must_use]
    pub struct Here {
        pub row: Row,
    }

    #[repository(cache = self.row.cache, ttl = 60)]
    impl Here {
        #[cached(strategy = "read_through", key = "page:<name>")]
        pub async fn page(&self, name: &str) -> u32 {
            let _ = name;
            self.row.get()
        }

        #[cached(strategy = "read_through", key = "{cart:<user>}:<item>")]
        pub async fn cart(&self, user: u32, item: u32) -> u32 {
            let _ = (user, item);
            self.row.get()
        }

        #[cached(strategy = "read_through", key = "shelf:<category>:<page>", group(category))]
        pub async fn shelf(&self, category: &str, page: u32) -> u32 {
            let _ = (category, page);
            self.row.get()
        }

        #[invalidates(shelf(category, ..))]
        pub async fn clear_shelf(&self, category: &str, value: u32) {
            self.row.value.store(value, SeqCst);
        }

        #[cached(strategy = "write_behind", key = "seen:<id>", value = value, unordered)]
        pub async fn see(&self, id: u32, value: u32) -> cache_runtime::Result<()> {
            let _ = id;
            self.row.value.store(value, SeqCst);
            Ok(())
        }

        #[cached(strategy = "read_through", key = "seen:<id>")]
        pub async fn seen(&self, id: u32) -> u32 {
            let _ = id;
            self.row.get()
        }

        #[allow(deprecated)]
        #[cached(strategy = "write_behind", key = "heard:<id>", value = value, unordered)]
        pub async fn hear(&self, id: u32, value: u32) -> cache_runtime::Result<()> {
            let _ = id;
            self.row.value.store(value, SeqCst);
            Ok(())
        }
    }

    impl Here {
        pub fn new(cache: &Cache) -> Self {
            Self { row: Row::new(cache, 1) }
        }

        pub fn value(&self) -> Arc<std::sync::atomic::AtomicU32> {
            self.row.value.clone()
        }
    }
}

/// Another crate, over the same row.
pub mod there {
    use super::{Row, SeqCst};
    use cache_runtime::repository;

    #[derive(Clone)]
    #[must_use]
    pub struct There {
        pub row: Row,
    }

    #[repository(cache = self.row.cache, ttl = 60)]
    impl There {
        #[cached(strategy = "read_through", key = "page:home")]
        pub async fn home(&self) -> u32 {
            self.row.get()
        }

        #[allow(deprecated)] // its readers are in `here`
        #[cached(strategy = "write_around", key = "page:about")]
        pub async fn write_about(&self, value: u32) {
            self.row.value.store(value, SeqCst);
        }

        #[allow(deprecated)] // its readers are in `here`
        #[cached(strategy = "write_around", key = "cart:<user>:<item>")]
        pub async fn put(&self, user: u32, item: u32, value: u32) {
            let _ = (user, item);
            self.row.value.store(value, SeqCst);
        }

        #[cached(strategy = "read_through", key = "shelf:<category>:<page>")]
        pub async fn shelf(&self, category: &str, page: u32) -> u32 {
            let _ = (category, page);
            self.row.get()
        }

        #[allow(deprecated)] // its readers are in `here`
        #[cached(strategy = "write_around", key = "seen:<id>")]
        pub async fn overwrite(&self, id: u32, value: u32) {
            let _ = id;
            self.row.value.store(value, SeqCst);
        }

        #[cached(strategy = "read_through", key = "heard:<id>")]
        pub async fn heard(&self, id: u32) -> String {
            let _ = id;
            self.row.get().to_string()
        }
    }
}
