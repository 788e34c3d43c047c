//! Every strategy in a repository: handles, edges, groups, batches.
#![allow(unused_variables)]

use std::collections::HashMap;
use std::sync::Arc;

use cache_runtime::{Cache, Error, KeyPart, repository};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Product {
    id: i64,
    category: String,
}

#[derive(Clone, Copy, KeyPart)]
enum Sort {
    Name,
    Price,
}

#[derive(Clone, KeyPart)]
struct Place {
    country: String,
    zip: u32,
}

#[derive(Clone, KeyPart)]
struct Page(u32);

#[derive(Clone)]
struct Products {
    cache: Cache,
    tenant: String,
}

#[repository(cache = self.cache, ttl = "5m", negative_ttl = 30)]
impl Products {
    const LIMIT: usize = 3;

    #[cached(strategy = "read_through", key = "product:<id>")]
    pub async fn find(&self, id: i64) -> Result<Option<Product>, Error> {
        Ok(Some(Product { id, category: self.tenant.clone() }))
    }

    #[cached(strategy = "read_through", key = "product:<id>", each(id in ids))]
    pub async fn find_many(&self, ids: &[i64]) -> Result<HashMap<i64, Product>, Error> {
        Ok(ids.iter().take(Self::LIMIT).map(|id| (*id, Product { id: *id, category: String::new() })).collect())
    }

    #[cached(key = "browse:<category>:<sort>:<page>", skip(trace))]
    pub async fn browse(&self, category: &str, sort: Sort, page: Page, trace: u64) -> Result<Arc<Vec<Product>>, Error> {
        let _ = (category, sort, page.0, trace);
        Ok(Arc::new(Vec::new()))
    }

    #[cached(key = "{near:<place>}:<tenant>")]
    pub async fn near(&self, place: Place, tenant: Option<String>) -> Vec<String> {
        vec![place.country, tenant.unwrap_or_default()]
    }

    #[cached(key = "named:<name>:<of>")]
    async fn named(&self, name: std::borrow::Cow<'_, str>, of: Option<&str>) -> String {
        format!("{name} {of:?}")
    }

    #[cached(key = "mine:<self.tenant>:<n>")]
    async fn mine(&self, n: u8) -> u8 {
        n
    }

    #[cached(strategy = "write_through", key = "product:<id>", invalidates(browse(result.category, ..), browse(name, sort, ..), mine(1)))]
    pub async fn rename(&self, id: i64, name: String, sort: Sort) -> Result<Product, Error> {
        Ok(Product { id, category: name })
    }

    #[cached(strategy = "write_through", key = "product:<product.id>", value = product)]
    pub async fn put(&self, product: &Product) -> Result<(), Error> {
        let _ = product;
        Ok(())
    }

    #[cached(strategy = "write_through", key = "product:<id>", each(id in ids), invalidates(browse(name, Sort::Price, ..)))]
    pub async fn touch_all(&self, ids: Vec<i64>, name: String) -> Result<HashMap<i64, Product>, Error> {
        Ok(ids.into_iter().map(|id| (id, Product { id, category: name.clone() })).collect())
    }

    #[cached(strategy = "write_around", key = "product:<result.id>", invalidates(browse(result.category, ..)))]
    pub async fn insert(&self, category: String) -> Result<Product, Error> {
        Ok(Product { id: 1, category })
    }

    #[cached(strategy = "write_around", key = "product:<id>", each(id in ids))]
    pub async fn import(&self, ids: &[i64]) -> Result<(), Error> {
        let _ = ids;
        Ok(())
    }

    #[cached(strategy = "refresh_ahead", key = "home:<lang>:<n>:<place>", ttl = 60, refresh_at = 0.8)]
    pub async fn home(&self, lang: &str, n: &u32, place: Place) -> Result<Arc<Vec<Product>>, Error> {
        let _ = (lang, n, place);
        Ok(Arc::new(Vec::new()))
    }

    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "views:<id>", value = count, unordered)]
    pub async fn count(&self, id: &str, count: u64) -> Result<(), Error> {
        let _ = (id, count);
        Ok(())
    }

    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "session:<session.id>", value = session, batch = Self::save, unordered)]
    pub async fn touch(&self, session: Product) -> Result<(), Error>;

    async fn save(&self, batch: &[Product]) -> Result<(), Error> {
        let _ = batch;
        Ok(())
    }

    #[invalidates(find(id), browse(category, ..), find_many(id), mine(3), named(category.into(), Some(category)))]
    pub async fn delete(&self, id: i64, category: &str) -> Result<u64, Error> {
        let _ = (id, category);
        Ok(1)
    }

    #[invalidates(find(id), each(id in ids))]
    pub async fn delete_all(&self, ids: &[i64]) {
        let _ = ids;
    }
}

struct Audits {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Audits {
    #[invalidates(Products::find(id), Products::browse(category, ..))]
    async fn record(&self, id: i64, category: String) {
        let _ = (id, category);
    }
}

fn main() {
    let products = Products { cache: Cache::memory(), tenant: "a".to_owned() };
    let _ = products.find_entry(1);
    let _ = products.browse_entry("a", Sort::Name, Page(1), 7);
    let _: Option<(i64,)> = Products::find_args("product:1");
    let _: Option<(String, Sort, Page)> = Products::browse_args("browse:a:Name:1");
    let audits = Audits { cache: Cache::memory() };
    let _ = audits.record(1, String::new());
}
