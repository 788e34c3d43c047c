//! What a release finds whose value types have another schema than those of the release before it.

use crate::fixtures::patient;
use cache_runtime::{Cache, Codec, FunctionStats, store::MemoryStore};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::SeqCst},
};

/// A release: its own `Product` behind functions of the same names and templates.
macro_rules! release {
    ($name:ident, schema = $number:expr, { $($field:ident: $type:ty = $value:expr),* }) => {
        mod $name {
            use cache_runtime::{Cache, repository};
            use serde::{Deserialize, Serialize};
            use std::sync::{Arc, atomic::{AtomicU32, Ordering::SeqCst}};

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            pub(super) struct Product { $(pub(super) $field: $type),* }

            #[derive(Clone)]
            pub(super) struct Products { pub(super) cache: Cache, pub(super) loads: Arc<AtomicU32> }

            #[repository(cache = self.cache, ttl = "5m", schema = $number)]
            impl Products {
                #[cached(strategy = "read_through", key = "listed:<id>", negative_ttl = 30)]
                pub(super) async fn find(&self, id: u32) -> Option<Product> {
                    self.loads.fetch_add(1, SeqCst);
                    (id < 100).then_some(Product { $($field: $value),* })
                }

                #[invalidates(find(id))]
                pub(super) async fn change(&self, id: u32) {
                    let _ = id;
                }
            }

            pub(super) fn products(cache: Cache) -> Products {
                Products { cache, loads: Arc::default() }
            }
        }
    };
}

release!(first, schema = 1, { id: u32 = 7, price: u32 = 100 });
// In JSON the first release's entries could be read as this, without the discount; in postcard as something.
release!(second, schema = 1, { id: u32 = 7, price: u32 = 100, discount: Option<u32> = Some(20) });
release!(renumbered, schema = 2, { id: u32 = 7, price: u32 = 100, discount: Option<u32> = Some(30) });

async fn cache(store: &MemoryStore, codec: Codec) -> Cache {
    let builder = Cache::builder().namespace("test").store(store.clone()).codec(codec);
    builder.deadlines(patient()).build().await.unwrap()
}

fn find(cache: &Cache) -> FunctionStats {
    cache.stats().functions.into_iter().find(|f| f.template == "listed:<id>").unwrap()
}

#[tokio::test]
async fn a_value_of_another_schema_is_a_miss_and_no_error() {
    for codec in [Codec::Json, Codec::Postcard] {
        let store = MemoryStore::new();
        let old = first::products(cache(&store, codec).await);
        let new = second::products(cache(&store, codec).await);
        old.find(7).await.unwrap();
        for _ in 0..2 {
            assert_eq!(new.find(7).await.unwrap().discount, Some(20));
            assert_eq!(old.find(7).await.unwrap().price, 100);
        }
        assert_eq!((old.loads.load(SeqCst), new.loads.load(SeqCst)), (1, 1));
        let stats = find(&new.cache);
        assert_eq!((stats.misses, stats.shared_hits, stats.unreadable, stats.store_errors), (1, 1, 0, 0));
        assert_eq!(find(&old.cache).unreadable, 0);
    }
}

#[tokio::test]
async fn the_number_tells_schemas_apart_that_look_alike() {
    let store = MemoryStore::new();
    let old = second::products(cache(&store, Codec::Json).await);
    let new = renumbered::products(cache(&store, Codec::Json).await);
    assert_eq!(old.find(7).await.unwrap().discount, Some(20));
    assert_eq!(new.find(7).await.unwrap().discount, Some(30));
    assert_eq!(old.find(7).await.unwrap().discount, Some(20));
    assert_eq!((old.loads.load(SeqCst), new.loads.load(SeqCst)), (1, 1));
    new.change(7).await;
    old.find(7).await.unwrap();
    assert_eq!(old.loads.load(SeqCst), 2);
}

#[tokio::test]
async fn an_invalidation_by_one_release_drops_what_both_have() {
    let store = MemoryStore::new();
    let old = first::products(cache(&store, Codec::Json).await);
    let new = second::products(cache(&store, Codec::Json).await);
    for id in [7, 100] {
        let loads = |of: &Arc<AtomicU32>| of.swap(0, SeqCst);
        for loaded in 0..2 {
            old.find(id).await;
            new.find(id).await;
            assert_eq!((loads(&old.loads), loads(&new.loads)), (1 - loaded, 1 - loaded));
        }
        new.change(id).await;
        for _ in 0..2 {
            old.find(id).await;
            new.find(id).await;
            assert_eq!((loads(&old.loads), loads(&new.loads)), (1, 1));
            old.change(id).await;
        }
    }
}
