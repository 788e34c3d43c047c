//! Which addresses there are.

mod api;
mod failure;
mod pages;
mod visitor;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing,
};
use failure::{ApiError, Failure, PageError};
use visitor::Visitor;

use crate::{Shop, db, model::Category};

/// Pages at the top, the same things as JSON below `/api`.
pub(crate) fn router(shop: Shop) -> Router {
    Router::new()
        .merge(pages::routes())
        .nest("/api", api::routes())
        .fallback(async || PageError::from(Failure::not_found("there is no such page")).into_response())
        .method_not_allowed_fallback(async || {
            PageError::from(Failure::new(StatusCode::METHOD_NOT_ALLOWED, "this page can't do that"))
                .into_response()
        })
        .route("/favicon.ico", routing::get(async || StatusCode::NO_CONTENT))
        .layer(middleware::from_fn(counted))
        .with_state(shop)
}

/// The statements of a handler count for its address.
async fn counted(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("*", MatchedPath::as_str);
    db::answering(format!("{} {path}", request.method()), next.run(request)).await
}

/// The category with this slug, and a page it has. Checking them against the (cached) categories keeps made-up addresses
/// away from the listings' cache.
async fn shelf(shop: &Shop, slug: &str, page: u32) -> Result<(Category, u32), Failure> {
    let category = shop.products.category(slug).await?;
    let category = category.ok_or_else(|| Failure::not_found(format!("there is no category `{slug}`")))?;
    match page {
        0 => Err(Failure::bad_request("pages are counted from 1")),
        page if page > category.pages() => Err(Failure::not_found(format!(
            "`{slug}` has {} pages, there is no page {page}",
            category.pages()
        ))),
        page => Ok((category, page)),
    }
}
