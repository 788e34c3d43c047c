//! A field in front of every key of a repository: readers, writers, batches, groups, edges, handles.
#![deny(warnings)]
#![allow(dead_code)]

use std::collections::HashMap;
use std::sync::Arc;

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Account {
    tenant: u32,
    region: (String, u8),
}

#[derive(Clone)]
struct Products {
    cache: Cache,
    account: Arc<Account>,
}

type Answer<T> = Result<T, Error>;

#[repository(scope = <self.account.tenant>, cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "read_through", key = "{product:<id>}", negative_ttl = 5)]
    async fn find(&self, id: i64) -> Answer<Option<String>> {
        Ok(Some(format!("{} {id}", self.account.tenant)))
    }

    #[cached(strategy = "read_through", key = "{product:<id>}", each(id in ids))]
    async fn find_many(&self, ids: &[i64]) -> Answer<HashMap<i64, String>> {
        Ok(ids.iter().map(|id| (*id, id.to_string())).collect())
    }

    #[cached(key = "browse:<category>:<page>")]
    async fn browse(&self, category: &str, page: u32) -> Answer<u32> {
        let _ = category;
        Ok(page)
    }

    #[cached(strategy = "refresh_ahead", key = "home", ttl = 60)]
    async fn home(&self) -> Answer<u32> {
        Ok(self.account.tenant)
    }

    #[cached(strategy = "write_through", key = "{product:<id>}", invalidates(browse(result, ..), home()))]
    async fn rename(&self, id: i64, name: String) -> Answer<String> {
        let _ = id;
        Ok(name)
    }

    #[invalidates(find(id), browse(..), each(id in ids))]
    async fn delete(&self, ids: &[i64]) -> Answer<usize> {
        Ok(ids.len())
    }

    #[invalidates(Audit::last(id))]
    async fn look(&self, id: i64) {
        let _ = id;
    }

    fn region(&self) -> &str {
        &self.account.region.0
    }
}

#[derive(Clone)]
struct Audit {
    cache: Cache,
    of: (u8, (u8, u8)),
}

#[repository(scope = <self.of.1.0>, cache = self.cache, ttl = "5m")]
impl Audit {
    #[cached(key = "first:<id>")]
    async fn first(&self, id: i64) -> i64 {
        id
    }
}

#[repository(cache = self.cache, ttl = "5m")]
impl Audit {
    #[cached(key = "last:<id>")]
    async fn last(&self, id: i64) -> i64 {
        id
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let account = Account { tenant: 7, region: ("eu".into(), 1) };
    let products = Products { cache: Cache::memory(), account: Arc::new(account) };
    assert_eq!(products.find_entry(1).key(), "7:product:1");
    assert_eq!(products.browse_entry("toys", 2).key(), "7:browse:toys:2");
    assert_eq!(products.home_entry().key(), "7:home");
    assert_eq!(Products::find_args("7:product:1"), Some((1,)));
    assert_eq!(Products::browse_args("8:browse:a%3Ab:2"), Some(("a:b".to_owned(), 2)));
    assert_eq!(Products::browse_args("browse:a:2"), None);
    assert_eq!(products.find(1).await.ok().flatten().as_deref(), Some("7 1"));
    assert_eq!(products.region(), "eu");
    let audit = Audit { cache: Cache::memory(), of: (0, (3, 4)) };
    assert_eq!(audit.first_entry(5).key(), "3:first:5");
}
