//! `/c/{slug}`: the products of a category, page by page.

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    response::Html,
};
use maud::html;
use serde::Deserialize;

use super::{PageError, cards, page};
use crate::{Shop, web::shelf};

#[derive(Deserialize)]
pub(super) struct Asked {
    page: Option<u32>,
}

pub(super) async fn show(
    State(shop): State<Shop>,
    slug: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Html<String>, PageError> {
    let Path(slug) = slug?;
    let Query(asked) = asked?;
    let (category, number) = shelf(&shop, &slug, asked.page.unwrap_or(1)).await?;
    let products = shop.products.browse(&category.slug, number).await?;
    let pages = category.pages();
    Ok(page(
        &category.name,
        &html! {
            h1 { (category.name) }
            (cards(&products))
            nav.pages aria-label="Pages" {
                @if number > 1 { a rel="prev" href={ "?page=" (number - 1) } { "Previous" } }
                span { "Page " (number) " of " (pages) }
                @if number < pages { a rel="next" href={ "?page=" (number + 1) } { "Next" } }
            }
        },
    ))
}
