//! What a condition uses of the parameters may stand inside the text of a macro.
#![deny(warnings)]
#![allow(dead_code)]

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Pages {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Pages {
    #[cached(key = "page:<lang>", unless = |page| *page == format!("{lang}: draft"))]
    async fn page(&self, lang: String) -> Result<String, Error> {
        Ok(lang)
    }

    #[cached(strategy = "refresh_ahead", key = "front:<lang>", unless = |page| *page == format!("{lang}: draft"))]
    async fn front(&self, lang: &str) -> Result<String, Error> {
        Ok(lang.to_owned())
    }
}

fn main() {}
