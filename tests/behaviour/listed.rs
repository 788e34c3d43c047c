//! Functions to be found in the inventory: of two modules, generic, alone, of a trait, and one that isn't compiled.

/// Readers.
pub mod readers {
    use cache_runtime::{Cache, Cacheable, cached, repository};
    use std::{collections::HashMap, marker::PhantomData, sync::Arc};

    pub struct Books {
        pub cache: Cache,
    }

    #[repository(cache = self.cache, ttl = "5m")]
    impl Books {
        #[cached(strategy = "read_through", key = "listed-book:<id>", negative_ttl = 30)]
        pub async fn find(&self, id: u64) -> Result<Option<Arc<Vec<String>>>, String> {
            let _ = id;
            Ok(None)
        }

        #[cached(key = "listed-book:<id>", each(id in ids))]
        pub async fn find_many(&self, ids: &[u64]) -> HashMap<u64, Arc<Vec<String>>> {
            let _ = ids;
            HashMap::new()
        }

        #[cached(key = "listed-shelf:<genre>:<page>", ttl = "forever", group(genre))]
        pub async fn shelf(&self, genre: &str, page: u32) -> u8 {
            let _ = (genre, page);
            1
        }

        #[cfg(any())]
        #[cached(key = "listed-absent:<id>")]
        pub async fn not_compiled(&self, id: u64) -> u8 {
            let _ = id;
            1
        }
    }

    pub struct Table<T> {
        pub cache: Cache,
        pub rows: PhantomData<fn() -> T>,
    }

    #[repository(cache = self.cache, ttl = "5m")]
    impl<T: Cacheable + Clone + Default> Table<T> {
        #[cached(key = "listed-row:<id>")]
        pub async fn row(&self, id: u64) -> T {
            let _ = id;
            T::default()
        }

        #[cached(key = "listed-count")]
        pub async fn count(&self) -> u64 {
            1
        }
    }

    #[cached(key = "listed-alone:<id>", ttl = 60)]
    pub async fn alone(cache: &Cache, id: u64) -> u8 {
        let _ = id;
        1
    }

    #[allow(async_fn_in_trait)]
    pub trait Find {
        type Found;
        async fn found(&self, id: u64) -> Option<Self::Found>;
    }

    #[repository(cache = self.cache, ttl = "1h")]
    impl Find for Books {
        type Found = i16;

        #[cached(strategy = "read_through", key = "listed-found:<id>")]
        async fn found(&self, id: u64) -> Option<Self::Found> {
            let _ = id;
            None
        }
    }
}

/// Writers.
pub mod writers {
    use super::readers::{Books, alone};
    use cache_runtime::{Cache, invalidates, repository};

    pub struct Desk {
        pub cache: Cache,
        pub genre: String,
    }

    #[repository(cache = self.cache, ttl = 60)]
    impl Desk {
        #[allow(deprecated)] // nobody reads it
        #[cached(
            strategy = "write_through",
            key = "listed-desk:<id>",
            invalidates(Books::find(id), Books::shelf(&self.genre, ..), listed(result.len() as u64, 2 + 1))
        )]
        pub async fn put(&self, id: u64) -> Result<String, String> {
            Ok(id.to_string())
        }

        #[cached(key = "listed-listed:<from>:<to>")]
        pub async fn listed(&self, from: u64, to: u64) -> u8 {
            let _ = (from, to);
            1
        }
    }

    #[invalidates(super::readers::Books::shelf(genre, ..))]
    pub async fn close(cache: &Cache, genre: &str) {}

    #[invalidates(Renamed::find(id))]
    pub async fn through_an_alias(cache: &Cache, id: u64) {
        let _ = alone;
    }

    use Books as Renamed;
}
