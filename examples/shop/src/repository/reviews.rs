//! What customers say about a product.

use std::sync::Arc;

use cache_runtime::{Cache, repository};

use crate::{
    db::Db,
    model::{NewReview, Review},
};

/// How many reviews a product page shows.
const LATEST: i64 = 50;

/// The reviews of all products.
#[derive(Clone, Debug)]
pub struct Reviews {
    db: Db,
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m", strict)]
impl Reviews {
    /// The latest reviews of a product, newest first.
    #[cached(strategy = "read_through", key = "reviews:<product_id>")]
    pub async fn of(&self, product_id: i64) -> sqlx::Result<Arc<Vec<Review>>> {
        sqlx::query_as(
            "SELECT id, author, stars, text FROM reviews WHERE product_id = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(product_id)
        .bind(LATEST)
        .fetch_all(self.db.counted("Reviews::of"))
        .await
        .map(Arc::new)
    }

    /// Adds a review. Its number comes from the database, and the list is what readers see: so nothing is stored, the list
    /// is dropped.
    #[invalidates(of(product_id))]
    pub async fn add(&self, product_id: i64, review: &NewReview) -> sqlx::Result<Review> {
        sqlx::query_as(
            "INSERT INTO reviews (product_id, author, stars, text) VALUES ($1, $2, $3, $4) RETURNING id, author, stars, text",
        )
        .bind(product_id)
        .bind(&review.author)
        .bind(i64::from(review.stars))
        .bind(&review.text)
        .fetch_one(self.db.counted("Reviews::add"))
        .await
    }
}

impl Reviews {
    /// Reviews over this database and this cache.
    pub const fn new(db: Db, cache: Cache) -> Self {
        Self { db, cache }
    }
}
