//! `/api/import`: a supplier's list.

use std::collections::HashSet;

use axum::{Json, extract::State, extract::rejection::JsonRejection, http::StatusCode};
use serde::{Deserialize, Serialize};

use super::{ApiError, Failure};
use crate::{
    Shop,
    model::{Action, AuditEntry, Invalid, Product},
    repository::now,
};

/// How many products one list may have.
const MOST_PRODUCTS: usize = 500;

#[derive(Deserialize)]
pub(super) struct Line {
    id: i64,
    name: String,
    category: String,
    price: i64,
}

#[derive(Serialize)]
pub(super) struct Imported {
    imported: usize,
}

/// Checks the whole list before it touches anything, so that a bad line leaves the catalogue as it was.
pub(super) async fn import(
    State(shop): State<Shop>,
    body: Result<Json<Vec<Line>>, JsonRejection>,
) -> Result<Json<Imported>, ApiError> {
    let Json(lines) = body?;
    let products = checked(&shop, lines).await?;
    let ids: Vec<i64> = products.iter().map(|product| product.id).collect();
    let existing = if ids.is_empty() { Vec::new() } else { shop.products.in_order(&ids).await? };
    let before = |id| existing.iter().find(|product| product.id == id);
    for product in &products {
        if let Some(before) = before(product.id).filter(|before| before.category != product.category) {
            return Err(moved(product, &before.category).into());
        }
    }
    for product in &products {
        if !shop.products.import(product).await? {
            return Err(moved(product, "another category").into());
        }
        let entry = AuditEntry {
            product_id: product.id,
            at: now(),
            action: Action::Imported,
            before: before(product.id).map(|before| before.price),
            after: product.price,
        };
        shop.audit.record(&entry).await?;
    }
    Ok(Json(Imported { imported: products.len() }))
}

async fn checked(shop: &Shop, lines: Vec<Line>) -> Result<Vec<Product>, Failure> {
    if lines.len() > MOST_PRODUCTS {
        return Err(Invalid(format!("at most {MOST_PRODUCTS} products can be imported at once")).into());
    }
    let categories = shop.products.categories().await?;
    let mut seen = HashSet::new();
    let mut products = Vec::with_capacity(lines.len());
    for (index, line) in lines.into_iter().enumerate() {
        let at = |reason: String| Failure::from(Invalid(format!("line {}: {reason}", index + 1)));
        let product = Product::checked(line.id, &line.name, &line.category, line.price)
            .map_err(|Invalid(reason)| at(reason))?;
        if categories.iter().all(|category| category.slug != product.category) {
            return Err(at(format!("there is no category `{}`", product.category)));
        }
        if !seen.insert(product.id) {
            return Err(at(format!("product {} is in the list twice", product.id)));
        }
        products.push(product);
    }
    Ok(products)
}

fn moved(product: &Product, from: &str) -> Failure {
    let reason = format!(
        "product {} is in `{from}`, and an import can't move it to `{}`",
        product.id, product.category
    );
    Failure::new(StatusCode::CONFLICT, reason)
}
