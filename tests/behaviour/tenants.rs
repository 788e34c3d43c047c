//! Two tenants of a scoped repository never see each other's entries.

use crate::fixtures::{patient, shared};
use cache_runtime::{Cache, repository, store::MemoryStore};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use test_servers::Redis;

#[derive(Clone)]
struct Products {
    tenant: &'static str,
    cache: Cache,
    loads: Arc<AtomicUsize>,
}

#[repository(scope = <self.tenant>, cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>")]
    async fn find(&self, id: u32) -> String {
        self.loaded(id)
    }

    #[cached(strategy = "read_through", key = "product:<id>", each(id in ids))]
    async fn find_many(&self, ids: &[u32]) -> HashMap<u32, String> {
        ids.iter().map(|id| (*id, self.loaded(*id))).collect()
    }

    #[cached(strategy = "read_through", key = "browse:<category>:<page>")]
    async fn browse(&self, category: &str, page: u32) -> String {
        let _ = category;
        self.loaded(page)
    }

    #[cached(strategy = "read_through", key = "recent:<page>")]
    async fn recent(&self, page: u32) -> String {
        self.loaded(page)
    }

    #[cached(strategy = "write_through", key = "product:<id>", invalidates(browse(category, ..)))]
    async fn rename(&self, id: u32, category: &str, name: &str) -> String {
        let _ = (id, category);
        name.to_owned()
    }

    #[invalidates(browse(..))]
    async fn restock(&self) {}

    #[invalidates(browse(..), recent(..), find(id), each(id in ids))]
    async fn clear(&self, ids: &[u32]) -> usize {
        ids.len()
    }
}

impl Products {
    fn loaded(&self, id: u32) -> String {
        self.loads.fetch_add(1, SeqCst);
        format!("{} {id}", self.tenant)
    }

    fn loads(&self) -> usize {
        self.loads.swap(0, SeqCst)
    }
}

/// Two tenants on one cache.
fn tenants(cache: &Cache) -> (Products, Products) {
    let of = |tenant| Products { tenant, cache: cache.clone(), loads: Arc::default() };
    (of("a"), of("b"))
}

async fn fill(products: &Products) {
    let name = products.tenant;
    assert_eq!(products.find(1).await, format!("{name} 1"));
    assert_eq!(products.find_many(&[1, 2]).await[&2], format!("{name} 2"));
    for category in ["books", "toys"] {
        assert_eq!(products.browse(category, 3).await, format!("{name} 3"));
    }
    assert_eq!(products.recent(4).await, format!("{name} 4"));
}

async fn tenants_are_apart(cache: &Cache) {
    let (a, b) = tenants(cache);
    fill(&a).await;
    assert_eq!(a.loads(), 5);
    fill(&b).await;
    assert_eq!(b.loads(), 5, "nothing of the other tenant's was found");
    fill(&a).await;
    assert_eq!((a.loads(), b.loads()), (0, 0));

    // the group of a category within the tenant
    a.rename(1, "books", "renamed").await;
    assert_eq!(a.find(1).await, "renamed", "the write left its value");
    a.loads();
    fill_pages(&a).await;
    assert_eq!(a.loads(), 1, "one page of books");
    fill(&b).await;
    assert_eq!(b.loads(), 0);

    // every page of the tenant, and nothing of other functions
    a.restock().await;
    fill_pages(&a).await;
    a.recent(4).await;
    assert_eq!(a.loads(), 2, "books and toys");
    fill(&b).await;
    assert_eq!(b.loads(), 0);

    a.clear(&[1, 2]).await;
    fill(&a).await;
    assert_eq!(a.loads(), 5);
    fill(&b).await;
    assert_eq!(b.loads(), 0);

    a.find_entry(1).invalidate().await;
    assert!(a.find_entry(1).peek().await.is_none());
    assert_eq!(b.find_entry(1).peek().await.as_deref(), Some("b 1"));
}

async fn fill_pages(products: &Products) {
    products.browse("books", 3).await;
    products.browse("toys", 3).await;
}

#[tokio::test]
async fn tenants_share_nothing_in_memory() {
    tenants_are_apart(&Cache::memory()).await;
}

#[tokio::test]
async fn tenants_share_nothing_in_a_shared_store() {
    tenants_are_apart(&shared(&MemoryStore::new()).await).await;
}

#[tokio::test]
async fn tenants_share_nothing_on_redis() {
    let redis = Redis::start().await;
    let cache =
        Cache::builder().namespace("shop").redis(redis.url()).deadlines(patient()).build().await.unwrap();
    tenants_are_apart(&cache).await;
}

#[tokio::test]
async fn clearing_a_template_names_the_scope_too() {
    let cache = shared(&MemoryStore::new()).await;
    let (a, b) = tenants(&cache);
    fill(&a).await;
    fill(&b).await;
    a.loads();
    b.loads();
    cache.clear_template("<self.tenant>:product:<id>").await.unwrap();
    fill(&a).await;
    fill(&b).await;
    assert_eq!((a.loads(), b.loads()), (2, 2));
}
