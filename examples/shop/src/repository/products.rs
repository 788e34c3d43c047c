//! Which products there are, and what they cost.

use std::{collections::HashMap, sync::Arc};

use cache_runtime::{Cache, repository};
use sqlx::AssertSqlSafe;

use super::{Audit, now};
use crate::{
    db::{self, Db},
    model::{Category, Money, PAGE_SIZE, Product},
};

/// How many products the home page shows.
const BEST_SELLERS: i64 = 12;

/// The catalogue.
#[derive(Clone, Debug)]
pub struct Products {
    db: Db,
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m", strict)]
impl Products {
    /// One product. That there is none is remembered too, though not for as long.
    #[cached(strategy = "read_through", key = "product:<id>", negative_ttl = 30)]
    pub async fn find(&self, id: i64) -> sqlx::Result<Option<Product>> {
        sqlx::query_as("SELECT id, name, category, price_cents FROM products WHERE id = $1")
            .bind(id)
            .fetch_optional(self.db.counted("Products::find"))
            .await
    }

    /// Many products. They share their entries with [`Products::find`], and only the missing ones reach the body.
    #[cached(strategy = "read_through", key = "product:<id>", each(id in ids))]
    pub async fn find_many(&self, ids: &[i64]) -> sqlx::Result<HashMap<i64, Product>> {
        let sql = format!(
            "SELECT id, name, category, price_cents FROM products WHERE id IN {}",
            db::ids(ids.len())
        );
        let mut query = sqlx::query_as(AssertSqlSafe(sql));
        for id in ids {
            query = query.bind(id);
        }
        let products: Vec<Product> = query.fetch_all(self.db.counted("Products::find_many")).await?;
        Ok(products.into_iter().map(|product| (product.id, product)).collect())
    }

    /// One page of a category, counted from 1. All pages of a category form a group, so that one edge drops them.
    #[cached(strategy = "cache_aside", key = "browse:<category>:<page>", group(category))]
    pub async fn browse(&self, category: &str, page: u32) -> sqlx::Result<Arc<Vec<Product>>> {
        sqlx::query_as(
            "SELECT id, name, category, price_cents FROM products WHERE category = $1 ORDER BY id LIMIT $2 OFFSET $3",
        )
        .bind(category)
        .bind(i64::from(PAGE_SIZE))
        .bind(i64::from(PAGE_SIZE) * i64::from(page.saturating_sub(1)))
        .fetch_all(self.db.counted("Products::browse"))
        .await
        .map(Arc::new)
    }

    /// Every category with its size.
    #[cached(strategy = "cache_aside", key = "categories", ttl = "10m")]
    pub async fn categories(&self) -> sqlx::Result<Arc<Vec<Category>>> {
        sqlx::query_as(
            "SELECT c.slug, c.name, COUNT(p.id) AS products FROM categories c LEFT JOIN products p ON p.category = c.slug
             GROUP BY c.slug, c.name ORDER BY c.name",
        )
        .fetch_all(self.db.counted("Products::categories"))
        .await
        .map(Arc::new)
    }

    /// The ids for the home page, best first. The query reads the whole table, so nobody should wait for it: past 80 % of
    /// the ttl it runs in the background. Only the order may be a minute old; the products come from [`Products::find_many`].
    #[cached(strategy = "refresh_ahead", key = "best-sellers", ttl = 60, refresh_at = 0.8)]
    pub async fn best_sellers(&self) -> sqlx::Result<Arc<Vec<i64>>> {
        sqlx::query_scalar(
            "SELECT p.id FROM products p LEFT JOIN views v ON v.product_id = p.id
             ORDER BY p.sold + COALESCE(v.views, 0) DESC, p.id LIMIT $1",
        )
        .bind(BEST_SELLERS)
        .fetch_all(self.db.counted("Products::best_sellers"))
        .await
        .map(Arc::new)
    }

    /// Changes a price, and writes the audit entry in the same transaction. `None` when there is no such product.
    ///
    /// Readers see the new price as soon as this returns: on the product, in listings, and in the price history.
    #[cached(
        strategy = "write_through",
        key = "product:<id>",
        invalidates(browse(result.category, ..), Audit::history(id), Audit::recent())
    )]
    pub async fn reprice(&self, id: i64, price: Money) -> sqlx::Result<Option<Product>> {
        let mut tx = self.db.pool().begin().await?;
        self.db.count("Products::reprice");
        sqlx::query(
            "INSERT INTO audit (product_id, at, action, before_cents, after_cents)
             SELECT id, $2, 'repriced', price_cents, $3 FROM products WHERE id = $1",
        )
        .bind(id)
        .bind(now())
        .bind(price.cents())
        .execute(&mut *tx)
        .await?;
        self.db.count("Products::reprice");
        let product = sqlx::query_as(
            "UPDATE products SET price_cents = $2 WHERE id = $1 RETURNING id, name, category, price_cents",
        )
        .bind(id)
        .bind(price.cents())
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(product)
    }

    /// Adds a product, or renames and reprices one; nobody may be looking, so the entry is only dropped.
    ///
    /// `false` when the product exists in another category: an import doesn't move it.
    #[cached(strategy = "write_around", key = "product:<product.id>", invalidates(browse(product.category, ..), categories()))]
    pub async fn import(&self, product: &Product) -> sqlx::Result<bool> {
        let done = sqlx::query(
            "INSERT INTO products (id, name, category, price_cents) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, price_cents = excluded.price_cents
             WHERE products.category = excluded.category",
        )
        .bind(product.id)
        .bind(&product.name)
        .bind(&product.category)
        .bind(product.price.cents())
        .execute(self.db.counted("Products::import"))
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

impl Products {
    /// Products over this database and this cache.
    pub const fn new(db: Db, cache: Cache) -> Self {
        Self { db, cache }
    }

    /// The category with this slug, from the cached list.
    pub async fn category(&self, slug: &str) -> sqlx::Result<Option<Category>> {
        Ok(self.categories().await?.iter().find(|category| category.slug == slug).cloned())
    }

    /// Those of `ids` that exist, in the same order.
    pub async fn in_order(&self, ids: &[i64]) -> sqlx::Result<Vec<Product>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.find_many(ids).await?;
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}
