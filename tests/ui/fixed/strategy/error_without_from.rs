#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, unordered)]
    async fn rename(&self, id: i64) -> Result<(), Refused> {
        Ok(())
    }

    #[cached(key = "name:<id>")]
    async fn name(&self, id: i64) -> Result<Option<i64>, std::num::ParseIntError> {
        Ok(None)
    }
}

struct Refused(String);

impl From<cache_runtime::Error> for Refused {
    fn from(error: cache_runtime::Error) -> Self {
        Refused(error.to_string())
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn main() {}
