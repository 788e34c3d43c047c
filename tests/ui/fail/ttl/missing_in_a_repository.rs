//! How old a value may become depends on the data, so there is no default. One for all functions can stand on the repository.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Products {
    #[cached(key = "home")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
