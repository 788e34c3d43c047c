//! `level`, `on_fence_fail`, `version`, `l1_max_lag`, `verify`, and parameters that may be transactions, wherever they fit.
#![allow(dead_code)]

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::Arc;

use cache_runtime::{Cache, Cacheable, Error, Transaction, cached, invalidates, repository};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Product {
    id: i64,
    category: String,
    revision: i64,
    audit: (u8, Option<NonZero<u32>>),
}

#[derive(Clone)]
struct Products {
    cache: Cache,
}

struct Connection;

#[repository(cache = self.cache, ttl = "5m", level = "strict", on_fence_fail = "reject", verify = 0.01)]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>", version = <result.revision>, l1_max_lag = "500ms")]
    async fn find(&self, id: i64) -> Result<Option<Arc<Product>>, Error> {
        let _ = id;
        Ok(None)
    }

    #[cached(key = "product:<id>", each(id in ids), version = <result.audit.1>)]
    async fn find_many(&self, ids: &[i64]) -> Result<HashMap<i64, Arc<Product>>, Error> {
        let _ = ids;
        Ok(HashMap::new())
    }

    #[cached(strategy = "refresh_ahead", key = "home:<lang>", ttl = 60, verify = 1, version = <result.revision>)]
    async fn home(&self, lang: &str) -> Result<Product, Error> {
        Err(self.find(lang.len() as i64).await.unwrap_err())
    }

    #[cached(key = "page:<n>", verify = 0.5, timeout = "2s", when = n > 0, unless = |page| page.is_empty())]
    async fn page(&self, n: u32) -> Result<String, Error> {
        Ok(n.to_string())
    }

    #[cached(key = "raw:<n>", verify = 0)]
    async fn raw(&self, n: u32) -> String {
        n.to_string()
    }

    #[cached(key = "lent:<text>")]
    async fn lent(&self, text: std::borrow::Cow<'_, str>) -> String {
        text.into_owned()
    }

    #[cached(key = "skipped:<n>", skip(connection))]
    async fn skipped(&self, n: u32, connection: &mut Connection) -> String {
        let _ = connection;
        n.to_string()
    }

    #[cached(key = "joined:<n>", when = n > 1)]
    async fn joined<T: Transaction + Send>(&self, n: u32, tx: &mut T) -> String {
        let _ = tx;
        n.to_string()
    }

    #[cached(strategy = "write_through", key = "product:<id>", version = <result.revision>)]
    async fn reprice(&self, id: i64, connection: &mut Connection) -> Result<Arc<Product>, Error> {
        let _ = connection;
        self.find(id).await.map(|found| found.expect("a row"))
    }

    #[cached(strategy = "write_through", key = "product:<product.id>", value = product, version = <value.revision>, on_fence_fail = "proceed")]
    async fn put(&self, product: Product) -> Result<(), std::fmt::Error> {
        let _ = product;
        Ok(())
    }

    #[cached(strategy = "write_through", key = "product:<id>", each(id in ids), version = <result.revision>)]
    async fn restock(&self, ids: Vec<i64>) -> Result<HashMap<i64, Arc<Product>>, Error> {
        let _ = ids;
        Ok(HashMap::new())
    }

    #[cached(strategy = "write_around", key = "product:<result.id>", version = <result.revision>)]
    async fn insert(&self, name: &str) -> Result<Product, Error> {
        let _ = name;
        Err(self.find(0).await.unwrap_err())
    }

    #[cached(strategy = "write_around", key = "product:<id>", version = <result.revision>, invalidates(home(&result.category)))]
    async fn touch(&self, id: i64) -> Result<Option<Product>, Error> {
        let _ = id;
        Ok(None)
    }

    #[invalidates(find(id), level = "lease")]
    async fn forget(&self, id: i64, connection: &mut Connection) {
        let _ = (id, connection);
    }

    #[invalidates(find(id))]
    async fn delete<T>(&self, id: i64, connection: &mut T) -> Result<(), Error> {
        let _ = (id, connection);
        Ok(())
    }
}

struct Table<T> {
    cache: Cache,
    rows: Vec<T>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl<T: Cacheable + Clone> Table<T> {
    #[cached(key = "row:<id>", level = "strict")]
    async fn row(&self, id: usize) -> Option<T> {
        self.rows.get(id).cloned()
    }
}

#[cached(key = "price:<id>", ttl = 60, level = "lease", l1_max_lag = 2)]
async fn price(cache: &Cache, id: i64) -> u64 {
    id.unsigned_abs()
}

#[invalidates(price(id), level = "strict", on_fence_fail = "reject")]
async fn reprice(cache: &Cache, id: i64) -> Result<(), Error> {
    let _ = id;
    Ok(())
}

fn main() {}
