//! `/api/products`, `/api/categories` and `/api/best-sellers`.

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
};
use serde::{Deserialize, Serialize};

use super::{ApiError, Failure, existing, no_such_product, product_id};
use crate::{
    Shop,
    model::{Category, Money, Product, Views},
    web::shelf,
};

/// How many products one request may ask for.
const MOST_IDS: usize = 100;

#[derive(Deserialize)]
pub(super) struct Ids {
    ids: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Found {
    products: Vec<Product>,
    missing: Vec<i64>,
}

#[derive(Deserialize)]
pub(super) struct PageNumber {
    page: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct Listing {
    category: Category,
    page: u32,
    pages: u32,
    products: Vec<Product>,
}

#[derive(Deserialize)]
pub(super) struct NewPrice {
    price: i64,
}

#[derive(Serialize)]
pub(super) struct Looks {
    views: i64,
}

pub(super) async fn products(
    State(shop): State<Shop>,
    query: Result<Query<Ids>, QueryRejection>,
) -> Result<Json<Found>, ApiError> {
    let Query(Ids { ids }) = query?;
    let ids = parse_ids(&ids.unwrap_or_default())?;
    let products = shop.products.in_order(&ids).await?;
    let missing = ids.into_iter().filter(|id| products.iter().all(|product| product.id != *id)).collect();
    Ok(Json(Found { products, missing }))
}

fn parse_ids(text: &str) -> Result<Vec<i64>, Failure> {
    if text.is_empty() {
        return Err(Failure::bad_request("say which products, such as `?ids=1,2,3`"));
    }
    let mut ids = Vec::new();
    for part in text.split(',') {
        match part.trim().parse() {
            Ok(id) if id < 1 => return Err(Failure::bad_request(format!("`{id}` is not a product id"))),
            Ok(id) if ids.contains(&id) => {}
            Ok(_) if ids.len() == MOST_IDS => {
                return Err(Failure::bad_request(format!(
                    "at most {MOST_IDS} products can be asked for at once"
                )));
            }
            Ok(id) => ids.push(id),
            Err(_) => return Err(Failure::bad_request(format!("`{part}` is not a product id"))),
        }
    }
    Ok(ids)
}

pub(super) async fn product(
    State(shop): State<Shop>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Product>, ApiError> {
    Ok(Json(existing(&shop, product_id(id)?).await?))
}

/// Counts a look at a product that somebody else shows.
pub(super) async fn look(
    State(shop): State<Shop>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Looks>, ApiError> {
    let product = existing(&shop, product_id(id)?).await?;
    shop.views.add(Views::one(product.id)).await?;
    looks(&shop, product.id).await
}

/// How often a product was looked at, until now.
pub(super) async fn looked(
    State(shop): State<Shop>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Looks>, ApiError> {
    let product = existing(&shop, product_id(id)?).await?;
    looks(&shop, product.id).await
}

async fn looks(shop: &Shop, product: i64) -> Result<Json<Looks>, ApiError> {
    let views = shop.views.find(product).await?;
    Ok(Json(Looks { views: views.map_or(0, |views| views.count) }))
}

pub(super) async fn reprice(
    State(shop): State<Shop>,
    id: Result<Path<String>, PathRejection>,
    body: Result<Json<NewPrice>, JsonRejection>,
) -> Result<Json<Product>, ApiError> {
    let id = product_id(id)?;
    let Json(NewPrice { price }) = body?;
    let price = Money::from_cents(price)?;
    let product = shop.products.reprice(id, price).await?;
    Ok(Json(product.ok_or_else(|| no_such_product(id))?))
}

pub(super) async fn categories(State(shop): State<Shop>) -> Result<Json<Vec<Category>>, ApiError> {
    Ok(Json(shop.products.categories().await?.to_vec()))
}

pub(super) async fn listing(
    State(shop): State<Shop>,
    slug: Result<Path<String>, PathRejection>,
    page: Result<Query<PageNumber>, QueryRejection>,
) -> Result<Json<Listing>, ApiError> {
    let Path(slug) = slug?;
    let Query(PageNumber { page }) = page?;
    let (category, page) = shelf(&shop, &slug, page.unwrap_or(1)).await?;
    let products = shop.products.browse(&category.slug, page).await?.to_vec();
    Ok(Json(Listing { pages: category.pages(), category, page, products }))
}

pub(super) async fn best_sellers(State(shop): State<Shop>) -> Result<Json<Vec<Product>>, ApiError> {
    let ids = shop.products.best_sellers().await?;
    Ok(Json(shop.products.in_order(&ids).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_once_each_and_in_order() {
        assert_eq!(parse_ids("3, 1,3,2").expect("these are ids"), [3, 1, 2]);
    }

    #[test]
    fn bad_ids_are_refused() {
        let many = (1..=101).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
        for text in ["", "a", "1,,2", "0", "-4", "1.5", "99999999999999999999", many.as_str()] {
            assert!(parse_ids(text).is_err(), "{text}");
        }
    }
}
