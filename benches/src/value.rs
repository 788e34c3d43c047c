//! What is cached in the benchmarks.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A row of about 200 bytes, strings and tags included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, hitbox_fn::CacheableResponse)]
pub struct Product {
    /// Its key.
    pub id: u64,
    /// About 40 bytes.
    pub name: String,
    /// In cents.
    pub price: u64,
    /// Three short words.
    pub tags: Vec<String>,
}

impl Product {
    /// The row with this id.
    pub fn new(id: u64) -> Self {
        Self {
            id,
            name: format!("Product number {id:08} with a longer name"),
            price: 100 + id % 10_000,
            tags: vec!["kitchen".to_owned(), format!("shelf-{}", id % 97), "on sale".to_owned()],
        }
    }
}

/// What a loader may fail with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError(pub String);

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LoadError {}

impl From<cachekit::CachekitError> for LoadError {
    fn from(error: cachekit::CachekitError) -> Self {
        Self(error.to_string())
    }
}
