//! What may be said of deferred writes, and where they may stand.
#![deny(warnings)]
#![allow(dead_code)]

use std::collections::HashMap;

use async_trait::async_trait;
use cache_runtime::{Cache, Error, cached, repository};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[derive(Clone, Serialize, Deserialize)]
struct Session {
    id: String,
    seen: u64,
    revision: u64,
}

#[derive(Clone)]
struct Sessions {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Sessions {
    #[cached(key = "session:<id>", negative_ttl = 30, version = <result.revision>)]
    pub async fn find(&self, id: &str) -> Result<Option<Session>, Error> {
        let _ = id;
        Ok(None)
    }

    // the row guards itself
    #[cached(strategy = "write_behind", key = "session:<session.id>", value = session, version = <value.revision>, ttl = |session| lives(session))]
    pub async fn touch(&self, session: Session) -> Result<(), Error> {
        let _ = session;
        Ok(())
    }

    #[cached(strategy = "write_behind", key = "session:<id>", deletes, unordered)]
    pub async fn remove(&self, id: &str) -> Result<(), Error> {
        let _ = id;
        Ok(())
    }

    #[cached(strategy = "write_behind", key = "log:<id>", value = line, batch = Self::append, coalesce = false, schema = 2, upcast = Self::lines, unordered)]
    pub async fn log(&self, id: &str, line: &str) -> Result<(), Error>;

    async fn append(&self, batch: &[(String, String)]) -> Result<(), Error> {
        let _ = batch;
        Ok(())
    }

    fn lines(schema: u32, json: &str) -> Result<(String, String), String> {
        Err(format!("{schema}: {json}"))
    }

    // nobody reads it under its key
    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "seen:<id>", value = *at, batch = Self::save_seen, coalesce = true, unordered)]
    async fn seen(&self, id: u64, at: &u64) -> Result<(), Error>;

    async fn save_seen(&self, batch: &[(u64, u64)]) -> Result<(), Error> {
        let _ = batch;
        Ok(())
    }

    #[cfg(any())]
    #[cached(strategy = "write_behind", key = "left:<id>", value = id, unordered)]
    async fn left_out(&self, id: Unknown) -> Result<(), Error> {
        Ok(())
    }

    // a hit doesn't wait
    #[cached(key = "all:<page>", flush_before(touch, Self::remove))]
    async fn all(&self, page: u32) -> Result<Vec<Session>, Error> {
        let _ = page;
        Ok(Vec::new())
    }

    #[cached(key = "each:<id>", each(id in ids), flush_before(touch))]
    async fn several(&self, ids: &[String]) -> Result<HashMap<String, Session>, Error> {
        let _ = ids;
        Ok(HashMap::new())
    }

    #[cached(strategy = "refresh_ahead", key = "front", flush_before(seen), verify = 0.1)]
    async fn front(&self) -> Result<Vec<Session>, Error> {
        self.all(1).await
    }

    // waits for what is pending, and can say that it failed
    #[cached(strategy = "write_around", key = "session:<id>")]
    async fn import(&self, id: &str) -> Result<(), Error> {
        let _ = id;
        Ok(())
    }

    #[cached(strategy = "write_through", key = "session:<id>")]
    async fn reset(&self, id: &str) -> Result<Session, Error> {
        Ok(Session { id: id.to_owned(), seen: 0, revision: 1 })
    }

    #[invalidates(find(id))]
    async fn forget(&self, id: &str) -> Result<u64, Error> {
        let _ = id;
        Ok(1)
    }
}

fn lives(session: &Session) -> std::time::Duration {
    std::time::Duration::from_secs(session.seen)
}

// another repository, and a function alone
struct Reports {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Reports {
    #[cached(key = "report", flush_before(Sessions::touch, Stored::<u64>::put))]
    async fn report(&self) -> Result<u64, Error> {
        Ok(0)
    }
}

#[cached(key = "count", ttl = "5m", flush_before(Sessions::touch))]
async fn count(cache: &Cache) -> Result<u64, Error> {
    let _ = cache;
    Ok(0)
}

#[cached(key = "counts:<id>", ttl = "5m", each(id in ids), flush_before(Sessions::touch))]
async fn counts(cache: &Cache, ids: &[u64]) -> Result<HashMap<u64, u64>, Error> {
    let _ = (cache, ids);
    Ok(HashMap::new())
}

// a generic block
#[derive(Clone)]
struct Stored<T> {
    cache: Cache,
    example: T,
}

#[repository(cache = self.cache, ttl = "5m")]
impl<T> Stored<T>
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "stored:<id>", value = value, unordered)]
    async fn put(&self, id: u64, value: T) -> Result<(), Error> {
        let _ = (id, value);
        Ok(())
    }
}

// the impl of a trait
#[async_trait]
trait Notes {
    type Note;
    async fn note(&self, id: u64, note: Self::Note) -> Result<(), Error>;
    async fn notes(&self) -> Result<Vec<Session>, Error>;
}

#[derive(Clone)]
struct Pad {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
#[async_trait]
impl Notes for Pad {
    type Note = String;

    #[cached(strategy = "write_behind", key = "note:<id>", value = note, unordered)]
    async fn note(&self, id: u64, note: Self::Note) -> Result<(), Error> {
        let _ = (id, note);
        Ok(())
    }

    #[cached(key = "notes", flush_before(note))]
    async fn notes(&self) -> Result<Vec<Session>, Error> {
        Ok(Vec::new())
    }
}

fn flushed<R: cache_runtime::Repository>(_: R) {}

fn main() {
    let cache = Cache::memory();
    flushed(Sessions { cache: cache.clone() });
    flushed(Stored { cache: cache.clone(), example: 1_u64 });
    flushed(Pad { cache });
}
