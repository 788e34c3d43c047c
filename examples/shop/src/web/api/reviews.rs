//! `/api/products/{id}/reviews`.

use axum::{
    Json,
    extract::{
        Path, State,
        rejection::{JsonRejection, PathRejection},
    },
    http::StatusCode,
};

use super::{ApiError, existing, product_id};
use crate::{
    Shop,
    model::{NewReview, Review},
};

pub(super) async fn list(
    State(shop): State<Shop>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Vec<Review>>, ApiError> {
    let product = existing(&shop, product_id(id)?).await?;
    Ok(Json(shop.reviews.of(product.id).await?.to_vec()))
}

pub(super) async fn add(
    State(shop): State<Shop>,
    id: Result<Path<String>, PathRejection>,
    body: Result<Json<NewReview>, JsonRejection>,
) -> Result<(StatusCode, Json<Review>), ApiError> {
    let id = product_id(id)?;
    let Json(review) = body?;
    let review = review.checked()?;
    let product = existing(&shop, id).await?;
    Ok((StatusCode::CREATED, Json(shop.reviews.add(product.id, &review).await?)))
}
