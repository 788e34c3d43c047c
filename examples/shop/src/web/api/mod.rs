//! The JSON API: which addresses it has, and how it reads what they carry.
//!
//! Bad input is answered with a 4xx status and `{ "error": "the reason" }`.

mod audit;
mod catalogue;
mod import;
mod reviews;

use axum::{
    Router,
    extract::{Path, rejection::PathRejection},
    http::StatusCode,
    routing::{get, post, put},
};

use super::{ApiError, Failure};
use crate::{Shop, model::Product};

pub(super) fn routes() -> Router<Shop> {
    Router::new()
        .route("/products", get(catalogue::products))
        .route("/products/{id}", get(catalogue::product))
        .route("/products/{id}/price", put(catalogue::reprice))
        .route("/products/{id}/reviews", get(reviews::list).post(reviews::add))
        .route("/products/{id}/views", get(catalogue::looked).post(catalogue::look))
        .route("/products/{id}/history", get(audit::history))
        .route("/categories", get(catalogue::categories))
        .route("/categories/{slug}/products", get(catalogue::listing))
        .route("/best-sellers", get(catalogue::best_sellers))
        .route("/import", post(import::import))
        .route("/audit", get(audit::recent))
        .route("/session", get(audit::session))
        .fallback(async || ApiError::from(Failure::not_found("there is no such address")))
        .method_not_allowed_fallback(async || {
            ApiError::from(Failure::new(StatusCode::METHOD_NOT_ALLOWED, "this address can't do that"))
        })
}

/// The id in a path, checked: only numbers above zero reach the cache and the database.
fn product_id(path: Result<Path<String>, PathRejection>) -> Result<i64, Failure> {
    let Path(text) = path?;
    match text.parse() {
        Ok(id) if id > 0 => Ok(id),
        Ok(_) | Err(_) => Err(Failure::bad_request(format!("`{text}` is not a product id"))),
    }
}

/// The product with this id, or the failure that says there is none.
async fn existing(shop: &Shop, id: i64) -> Result<Product, Failure> {
    shop.products.find(id).await?.ok_or_else(|| no_such_product(id))
}

fn no_such_product(id: i64) -> Failure {
    Failure::not_found(format!("there is no product {id}"))
}
