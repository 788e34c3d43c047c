//! `/api/audit`, `/api/products/{id}/history` and `/api/session`: what the shop remembers.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::HeaderMap,
};
use serde::Serialize;

use super::{ApiError, existing, product_id};
use crate::{
    Shop,
    model::{AuditEntry, Session},
    web::Visitor,
};

#[derive(Serialize)]
pub(super) struct Viewed {
    viewed: Vec<i64>,
}

pub(super) async fn recent(State(shop): State<Shop>) -> Result<Json<Vec<AuditEntry>>, ApiError> {
    Ok(Json(shop.audit.recent().await?.to_vec()))
}

pub(super) async fn history(
    State(shop): State<Shop>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Vec<AuditEntry>>, ApiError> {
    let product = existing(&shop, product_id(id)?).await?;
    Ok(Json(shop.audit.history(product.id).await?.to_vec()))
}

/// What this visitor looked at. The id of the session is a secret and stays in the cookie.
pub(super) async fn session(State(shop): State<Shop>, headers: HeaderMap) -> Result<Json<Viewed>, ApiError> {
    let session: Option<Session> = match Visitor::known(&headers) {
        Some(visitor) => shop.sessions.find(&visitor.id).await?,
        None => None,
    };
    Ok(Json(Viewed { viewed: session.map(|session| session.viewed).unwrap_or_default() }))
}
