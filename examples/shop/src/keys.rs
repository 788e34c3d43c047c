//! Which key an entry has in Redis.
//!
//! Key templates read backwards: `find_args("product:42")` gives the arguments back, and the handle `find_entry(42)` knows
//! the rest: the namespace, the partition and the fingerprint of the value's type.

use cache_runtime::Cache;

use crate::{
    config::DatabaseUrl,
    db::Db,
    repository::{Audit, Products, Repositories, Reviews, Sessions, ViewCounts},
};

/// What the keys look like, for people who typed something else.
pub const EXAMPLES: &str = "product:42, browse:books:1, categories, best-sellers, reviews:42, history:42, audit, session:<id>, views:42, views-shown:42";

/// The key in Redis of the entry with this key in the shop, if a repository has such entries.
///
/// Nothing is asked for it: neither Redis nor the database needs to run.
pub async fn physical(text: &str) -> Result<Option<String>, Box<dyn std::error::Error + Send + Sync>> {
    // Names are made only for a Redis; nobody listens at this one.
    let cache =
        Cache::builder().namespace(crate::config::NAMESPACE).redis("redis://127.0.0.1:1").build().await?;
    let db = Db::unopened(&DatabaseUrl::default())?;
    Ok(of(&Repositories::new(&db, &cache), text))
}

fn of(shop: &Repositories, text: &str) -> Option<String> {
    let Repositories { products, reviews, sessions, views, audit } = shop;
    if let Some((id,)) = Products::find_args(text) {
        return products.find_entry(id).physical_key();
    }
    if let Some((category, page)) = Products::browse_args(text) {
        return products.browse_entry(&category, page).physical_key();
    }
    if let Some((id,)) = Reviews::of_args(text) {
        return reviews.of_entry(id).physical_key();
    }
    if let Some((id,)) = Audit::history_args(text) {
        return audit.history_entry(id).physical_key();
    }
    if let Some((id,)) = Sessions::find_args(text) {
        return sessions.find_entry(&id).physical_key();
    }
    if let Some((id,)) = ViewCounts::find_args(text) {
        return views.find_entry(id).physical_key();
    }
    if let Some((id,)) = ViewCounts::shown_args(text) {
        return views.shown_entry(id).physical_key();
    }
    match text {
        "categories" => products.categories_entry().physical_key(),
        "best-sellers" => products.best_sellers_entry().physical_key(),
        "audit" => audit.recent_entry().physical_key(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_example_has_a_key() {
        for text in EXAMPLES.replace("<id>", "0123abcd").split(", ") {
            let key = physical(text)
                .await
                .expect("nothing is asked")
                .unwrap_or_else(|| panic!("`{text}` has no key"));
            assert!(key.starts_with("shop:d:{") && key.contains(&format!("}}:{text}#")), "{key}");
        }
    }

    #[tokio::test]
    async fn what_is_no_key_has_none() {
        for text in
            ["", "product", "product:", "product:x", "product:1:2", "browse:books", "browse:books:x", "sell"]
        {
            assert_eq!(physical(text).await.expect("nothing is asked"), None, "{text}");
        }
    }
}
