//! All functions of a template know its groups: what one stores, another drops, alone or with its group.

use crate::fixtures::shared;
use cache_runtime::{Cache, Error, Queue, repository, store::MemoryStore};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
};

/// One row, whatever is asked for.
#[derive(Clone)]
struct Shelves {
    row: Arc<AtomicU32>,
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Shelves {
    #[cached(strategy = "read_through", key = "shelf:<category>:<page>")]
    async fn list(&self, category: &str, page: u32) -> Result<u32, Error> {
        let _ = (category, page);
        Ok(self.row.load(SeqCst))
    }

    #[cached(strategy = "read_through", key = "shelf:<kind>:<page>")]
    async fn other(&self, page: u32, kind: &str) -> Result<u32, Error> {
        let _ = (kind, page);
        Ok(self.row.load(SeqCst))
    }

    #[cached(strategy = "read_through", key = "shelf:<category>:<page>", each(page in pages))]
    async fn many(&self, category: &str, pages: &[u32]) -> Result<HashMap<u32, u32>, Error> {
        let _ = category;
        Ok(pages.iter().map(|page| (*page, self.row.load(SeqCst))).collect())
    }

    #[cached(strategy = "write_through", key = "shelf:<category>:<page>")]
    async fn put(&self, category: &str, page: u32, row: u32) -> Result<u32, Error> {
        let _ = (category, page);
        self.row.store(row, SeqCst);
        Ok(row)
    }

    #[cached(strategy = "write_through", key = "shelf:<category>:<page>", each(page in pages))]
    async fn put_many(&self, category: &str, pages: &[u32], row: u32) -> Result<HashMap<u32, u32>, Error> {
        let _ = category;
        self.row.store(row, SeqCst);
        Ok(pages.iter().map(|page| (*page, row)).collect())
    }

    #[cached(strategy = "write_around", key = "shelf:<category>:<page>")]
    async fn import(&self, category: &str, page: u32, row: u32) -> Result<(), Error> {
        let _ = (category, page);
        self.row.store(row, SeqCst);
        Ok(())
    }

    #[invalidates(list(category, ..))]
    async fn clear(&self, category: &str, row: u32) -> Result<(), Error> {
        let _ = category;
        self.row.store(row, SeqCst);
        Ok(())
    }

    #[cached(strategy = "read_through", key = "late:<category>:<page>")]
    async fn late(&self, category: &str, page: u32) -> Result<u32, Error> {
        let _ = (category, page);
        Ok(self.row.load(SeqCst))
    }

    #[cached(strategy = "write_behind", key = "late:<category>:<page>", value = row, unordered)]
    async fn put_late(&self, category: &str, page: u32, row: u32) -> Result<(), Error> {
        let _ = (category, page);
        self.row.store(row, SeqCst);
        Ok(())
    }

    #[invalidates(late(category, ..))]
    async fn clear_late(&self, category: &str, row: u32) -> Result<(), Error> {
        let _ = category;
        self.row.store(row, SeqCst);
        Ok(())
    }
}

/// Over a cache in this process, and over a shared store.
async fn shelves() -> Vec<(&'static str, Shelves)> {
    let row = || Arc::new(AtomicU32::new(1));
    let memory = Cache::builder().write_behind(Queue::memory()).build_memory();
    vec![
        ("memory", Shelves { row: row(), cache: memory }),
        ("shared", Shelves { row: row(), cache: shared(&MemoryStore::new()).await }),
    ]
}

#[tokio::test]
async fn a_writer_drops_the_grouped_entry_under_its_own_key() {
    for (kind, shelves) in shelves().await {
        assert_eq!(shelves.list("toys", 1).await.unwrap(), 1, "{kind}");
        shelves.import("toys", 1, 2).await.unwrap();
        assert_eq!(shelves.list("toys", 1).await.unwrap(), 2, "{kind}");
        shelves.put("toys", 1, 3).await.unwrap();
        assert_eq!(shelves.list("toys", 1).await.unwrap(), 3, "{kind}");
        shelves.put_many("toys", &[1, 2], 4).await.unwrap();
        assert_eq!(shelves.list("toys", 1).await.unwrap(), 4, "{kind}");
    }
}

#[tokio::test]
async fn a_dropped_group_takes_the_entries_of_every_reader() {
    for (kind, shelves) in shelves().await {
        shelves.list("toys", 1).await.unwrap();
        shelves.other(2, "toys").await.unwrap();
        shelves.many("toys", &[3]).await.unwrap();
        shelves.other(1, "books").await.unwrap();
        shelves.clear("toys", 2).await.unwrap();
        assert_eq!(shelves.list("toys", 1).await.unwrap(), 2, "{kind}");
        assert_eq!(shelves.other(2, "toys").await.unwrap(), 2, "{kind}");
        assert_eq!(shelves.many("toys", &[3]).await.unwrap()[&3], 2, "{kind}");
        assert_eq!(shelves.other(1, "books").await.unwrap(), 1, "{kind}: another group stays");
    }
}

#[tokio::test]
async fn readers_of_a_grouped_template_share_its_entries() {
    for (kind, shelves) in shelves().await {
        shelves.list("toys", 1).await.unwrap();
        shelves.row.store(2, SeqCst);
        assert_eq!(shelves.other(1, "toys").await.unwrap(), 1, "{kind}");
        assert_eq!(shelves.many("toys", &[1]).await.unwrap()[&1], 1, "{kind}");
    }
}

#[tokio::test]
async fn a_dropped_group_takes_what_writers_stored() {
    for (kind, shelves) in shelves().await {
        shelves.put("toys", 1, 2).await.unwrap();
        shelves.put_many("toys", &[2], 3).await.unwrap();
        shelves.clear("toys", 4).await.unwrap();
        assert_eq!(shelves.list("toys", 1).await.unwrap(), 4, "{kind}");
        assert_eq!(shelves.list("toys", 2).await.unwrap(), 4, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_group_takes_what_was_written_behind() {
    let (_, shelves) = shelves().await.swap_remove(0);
    shelves.put_late("toys", 1, 2).await.unwrap();
    assert_eq!(shelves.late("toys", 1).await.unwrap(), 2);
    shelves.cache.flush_all().await.unwrap();
    shelves.clear_late("toys", 3).await.unwrap();
    assert_eq!(shelves.late("toys", 1).await.unwrap(), 3);
}
