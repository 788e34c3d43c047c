//! The least that a memoizing attribute could expand to: a static, and one call of a generic function.

use std::{
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

type Map<K, V> = Mutex<Option<HashMap<K, (Instant, V)>>>;

#[derive(Debug)]
pub struct Entries<K, V> {
    ttl: Duration,
    map: Map<K, V>,
}

impl<K: Hash + Eq, V: Clone> Entries<K, V> {
    pub const fn new(ttl: Duration) -> Self {
        Self { ttl, map: Mutex::new(None) }
    }

    pub async fn get<E>(&self, key: K, load: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        let now = Instant::now();
        let kept = self.map.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().get(&key).cloned();
        match kept {
            Some((until, value)) if now < until => Ok(value),
            _ => {
                let value = load.await?;
                let mut map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
                map.get_or_insert_default().insert(key, (now + self.ttl, value.clone()));
                Ok(value)
            }
        }
    }
}
