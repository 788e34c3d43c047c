//! The examples of the attributes' documentation.
#![allow(dead_code)]

use std::collections::HashMap;

use cache_runtime::{Cache, Error, KeyPart, cached, invalidates, repository};

type Product = String;

struct Database;

impl Database {
    async fn load(&self, id: i64) -> Result<Option<Product>, Error> {
        Ok(Some(id.to_string()))
    }

    async fn delete(&self, _: i64) -> Result<(), Error> {
        Ok(())
    }

    async fn load_history(&self, _: i64) -> Result<u64, Error> {
        Ok(1)
    }

    async fn ping(&self) -> Result<(), Error> {
        Ok(())
    }
}

async fn load_price(_: i64, _: &str, _: u64) -> Result<u64, Error> {
    Ok(1)
}

async fn save_price(_: i64, _: &str) -> Result<(), Error> {
    Ok(())
}

async fn load_names(_: &[i64]) -> Result<HashMap<i64, String>, Error> {
    Ok(HashMap::new())
}

struct Products {
    cache: Cache,
    db: Database,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>", negative_ttl = 30)]
    pub async fn find(&self, id: i64) -> Result<Option<Product>, Error> {
        self.db.load(id).await
    }

    #[invalidates(find(id))]
    pub async fn delete(&self, id: i64) -> Result<(), Error> {
        self.db.delete(id).await
    }
}

struct Audit {
    cache: Cache,
    db: Database,
}

#[repository(strict, cache = self.cache, ttl = "5m")]
impl Audit {
    #[cached(key = "history:<id>")]
    pub async fn history(&self, id: i64) -> Result<u64, Error> {
        self.db.load_history(id).await
    }

    #[uncached]
    pub async fn ping(&self) -> Result<(), Error> {
        self.db.ping().await
    }
}

#[cached(key = "price:<id>:<currency>", ttl = "1m", skip(trace))]
async fn price(cache: &Cache, id: i64, currency: &str, trace: u64) -> Result<u64, Error> {
    load_price(id, currency, trace).await
}

#[cached(key = "name:<id>", ttl = "5m", each(id in ids))]
async fn names(cache: &Cache, ids: &[i64]) -> Result<HashMap<i64, String>, Error> {
    load_names(ids).await
}

#[invalidates(price(id, "EUR"), price(id, currency))]
async fn reprice(cache: &Cache, id: i64, currency: &str) -> Result<(), Error> {
    save_price(id, currency).await
}

#[derive(Clone, Copy, KeyPart)]
enum Sort {
    Name,
    Price,
}

fn main() {}
