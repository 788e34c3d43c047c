//! Every strategy that needs no repository, on free functions, with edges between them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cache_runtime::{Cache, Error, cached, invalidates};

async fn failed() -> Error {
    match Cache::from_env().await {
        Ok(_) => unreachable!(),
        Err(error) => error,
    }
}

static CACHE: LazyLock<Cache> = LazyLock::new(Cache::memory);

#[cached(key = "name:<id>", ttl = "5m")]
async fn name(cache: &Cache, id: i64) -> Result<Option<String>, Error> {
    Ok(Some(format!("product {id}")))
}

#[cached(strategy = "read_through", key = "names", ttl = 300, negative_ttl = "30s", cache = *CACHE)]
async fn names() -> Arc<Vec<String>> {
    Arc::new(vec!["a".to_owned()])
}

#[cached(key = "name:<id>", ttl = "forever", each(id in ids), skip(prefix))]
async fn many(cache: &Cache, ids: &[i64], mut prefix: String) -> Result<HashMap<i64, String>, Error>
where
    String: Clone,
{
    prefix.push(' ');
    Ok(ids.iter().map(|id| (*id, format!("{prefix}{id}"))).collect())
}

#[cached(strategy = "write_through", key = "name:<id>", ttl = "5m", invalidates(list(name.len()), name(id + 1)))]
async fn rename(cache: &Cache, id: i64, name: String) -> Result<String, Error> {
    let kept = name;
    Ok(kept)
}

#[cached(key = "list:<len>", ttl = "5m", timeout = "2s", jitter = 0.2, stale_if_error = "1h")]
async fn list(cache: &Cache, len: usize) -> Result<Vec<String>, Error> {
    Ok(vec![String::new(); len])
}

#[cached(strategy = "write_through", key = "name:<id>", ttl = "5m", value = name)]
async fn store(cache: &Cache, id: i64, name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(failed().await);
    }
    Ok(())
}

#[cached(strategy = "write_around", key = "name:<result>", invalidates(list(result)))]
async fn insert(cache: &Cache, name: String) -> Result<usize, Error> {
    Ok(name.len())
}

#[invalidates(name(id), list(1))]
async fn delete(cache: &Cache, id: i64) {
    let _ = (cache, id);
}

fn main() {}
