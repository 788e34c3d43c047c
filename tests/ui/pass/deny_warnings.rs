//! Nothing that expansions add is warned about; attributes and documentation stay on the method.
#![deny(warnings, missing_docs, unreachable_pub, unused, rust_2018_idioms)]
#![forbid(unsafe_code)]
#![deny(private_interfaces, private_bounds, single_use_lifetimes, trivial_casts, unused_qualifications, let_underscore_drop)]

use cache_runtime::{Cache, cached, repository};

/// Products.
#[derive(Clone, Debug)]
pub(crate) struct Products {
    cache: Cache,
}

#[derive(Clone, Copy)]
struct Private(u8);

impl cache_runtime::KeyPart for Private {
    fn write(&self, key: &mut cache_runtime::KeyWriter<'_>) {
        key.text(if self.0 == 0 { "zero" } else { "some" });
    }
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    /// Finds a product.
    #[must_use]
    #[cached(key = "product:<id>")]
    pub(crate) async fn find(&self, mut id: i64) -> Option<String> {
        id += 1;
        Some(id.to_string())
    }

    #[cached(key = "private:<at>")]
    async fn at(&self, at: Private) -> u8 {
        at.0
    }

    #[expect(unused_variables)]
    #[cached(strategy = "write_through", key = "product:<id>", invalidates(at(at)))]
    async fn rename(&self, id: i64, at: Private) -> Result<String, String> {
        let unused = 1;
        Ok(String::new())
    }

    #[invalidates(find(id), at(at))]
    async fn delete(&self, id: i64, at: Private) {}

    #[cfg(any())]
    #[cached(key = "gone:<id>")]
    async fn gone(&self, id: Missing) -> Missing {
        id
    }
}

#[cached(key = "free:<id>", ttl = "5m")]
async fn free(cache: &Cache, mut id: i64) -> Result<String, String> {
    id += 1;
    if id == 0 {
        return Err(format!("{cache:?}"));
    }
    let text: Result<String, String> = Ok(id.to_string());
    let text = text?;
    Ok(text)
}

fn main() {
    let products = Products { cache: Cache::memory() };
    drop((products.find(1), products.at(Private(1)), products.rename(1, Private(0)), products.delete(1, Private(2)), free(&products.cache, 1)));
}
