//! A crate without any prelude.
#![no_implicit_prelude]
#![deny(warnings)]

use ::cache_runtime::{Cache, KeyPart, cached, repository};
use ::std::collections::HashMap;
use ::std::option::Option::{self, Some};
use ::std::result::Result::{self, Ok};
use ::std::string::String;

#[cached(key = "product:<id>", ttl = "5m")]
pub async fn find(cache: &Cache, id: i64) -> Option<String> {
    let _ = (cache, id);
    Some(String::new())
}

#[derive(KeyPart, ::std::clone::Clone)]
pub enum Sort {
    Name,
}

#[derive(KeyPart, ::std::clone::Clone)]
pub struct Pair {
    pub left: String,
    pub right: u8,
}

#[derive(::std::clone::Clone)]
pub struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    pub async fn find(&self, id: i64) -> Option<String> {
        let _ = id;
        Some(String::new())
    }

    #[cached(key = "product:<id>", each(id in ids))]
    pub async fn find_many(&self, ids: &[i64]) -> HashMap<i64, String> {
        let _ = ids;
        HashMap::new()
    }

    #[cached(strategy = "refresh_ahead", key = "home:<lang>:<sort>")]
    pub async fn home(&self, lang: &str, sort: Sort) -> String {
        let _ = sort;
        let _ = lang;
        String::new()
    }

    #[cached(strategy = "write_through", key = "product:<id>", invalidates(home(name, sort)))]
    pub async fn rename(&self, id: i64, name: &str, sort: Sort) -> Result<String, String> {
        let _ = (id, sort);
        let _ = name;
        Ok(String::new())
    }

    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "count:<id>", value = id, unordered)]
    pub async fn count(&self, id: i64) -> ::cache_runtime::Result<()> {
        let _ = id;
        Ok(())
    }

    #[invalidates(find(id), each(id in ids))]
    pub async fn delete(&self, ids: &[i64]) {
        let _ = ids;
    }
}

fn main() {}
