//! Functions that `macro_rules!` writes, with names and types from outside.

use cache_runtime::{Cache, cached, repository};

macro_rules! finder {
    ($name:ident, $param:ident: $ty:ty, $key:literal, $ttl:expr) => {
        #[cached(key = $key, ttl = $ttl)]
        async fn $name(cache: &Cache, $param: $ty) -> Option<String> {
            let __key = $param.to_string();
            let _ = cache;
            Some(__key)
        }
    };
}

finder!(find, id: i64, "product:<id>", 300);
finder!(name, slug: &str, "name:<slug>", "5m");

macro_rules! products {
    ($type:ident { $field:ident }) => {
        struct $type {
            $field: Cache,
        }

        #[repository(cache = self.$field, ttl = "5m")]
        impl $type {
            #[cached(key = "product:<id>")]
            async fn find(&self, id: i64) -> Option<String> {
                let _ = &self.$field;
                Some(id.to_string())
            }

            #[cached(strategy = "write_through", key = "product:<id>", invalidates(list(result.as_str())))]
            async fn rename(&self, id: i64) -> Option<String> {
                Some(id.to_string())
            }

            #[cached(strategy = "write_through", key = "product:<id>", invalidates(list(result)))]
            async fn refresh(&self, id: i64) -> Option<String> {
                Some(id.to_string())
            }

            #[cached(key = "list:<word>")]
            async fn list(&self, word: &str) -> Vec<String> {
                vec![word.to_owned()]
            }
        }
    };
}

products!(Products { cache });

fn main() {
    let products = Products { cache: Cache::memory() };
    let _ = (products.find(1), products.rename(1), products.refresh(1), products.list("a"), products.find_entry(2));
}
