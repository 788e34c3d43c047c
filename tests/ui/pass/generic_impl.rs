//! Generic repositories and functions, with bounds and where-clauses.

use std::marker::PhantomData;

use cache_runtime::{Cache, Cacheable, KeyPart, cached, repository};

trait Entity: Cacheable + Clone {
    type Id: KeyPart + Copy + Send + Sync + 'static;

    fn load(id: Self::Id) -> Self;
}

struct Store<T> {
    cache: Cache,
    table: &'static str,
    entity: PhantomData<fn() -> T>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl<T> Store<T>
where
    T: Entity,
{
    #[cached(strategy = "read_through", key = "<self.table>/<id>")]
    async fn find(&self, id: T::Id) -> Result<T, String> {
        Ok(T::load(id))
    }

    #[invalidates(find(id))]
    async fn delete(&self, id: T::Id) -> Result<(), String> {
        let _ = id;
        Ok(())
    }

    #[cached(key = "any:<key>:<n>")]
    async fn any<K: KeyPart + Send, const N: usize>(&self, key: K, n: u8) -> String {
        let _ = key;
        format!("{N} {n}")
    }
}

impl<T: Entity> Store<T> {
    #[cached(key = "alone:<id>", ttl = "5m", cache = self.cache)]
    async fn alone(&self, id: T::Id) -> Option<T> {
        Some(T::load(id))
    }

    #[cached(key = "static:<id>", ttl = "5m")]
    async fn without_receiver(cache: &Cache, id: T::Id) -> Option<T> {
        let _ = cache;
        Some(T::load(id))
    }
}

struct Borrowed<'a>(&'a Cache);

#[repository(cache = self.0, ttl = "5m")]
impl Borrowed<'_> {
    #[cached(key = "borrowed:<id>")]
    async fn find(&self, id: u64) -> Option<u8> {
        let _ = id;
        None
    }
}

#[cached(key = "free:<key>", ttl = "5m")]
async fn free<'a, K>(cache: &'a Cache, key: &'a K) -> u64
where
    K: KeyPart + Sync + ?Sized,
{
    let _ = (cache, key);
    1
}

#[cached(key = "impl:<key>", ttl = "5m")]
async fn of_any_type(cache: &Cache, key: impl KeyPart) -> u64 {
    let _ = (cache, key);
    1
}

fn main() {}
