//! `/`: best sellers, categories, and what this visitor looked at.

use axum::{extract::State, http::HeaderMap, response::Html};
use maud::html;

use super::{PageError, cards, page};
use crate::{Shop, web::Visitor};

pub(super) async fn show(State(shop): State<Shop>, headers: HeaderMap) -> Result<Html<String>, PageError> {
    let session = match Visitor::known(&headers) {
        Some(visitor) => shop.sessions.find(&visitor.id).await?,
        None => None,
    };
    let best = shop.products.best_sellers().await?;
    let best = shop.products.in_order(&best).await?;
    let viewed = shop.products.in_order(&session.map(|session| session.viewed).unwrap_or_default()).await?;
    let categories = shop.products.categories().await?;
    Ok(page(
        "Best sellers",
        &html! {
            nav.shelves aria-label="Categories" {
                ul {
                    @for category in categories.iter() {
                        li { a href={ "/c/" (category.slug) } { (category.name) } " " small { (category.products) } }
                    }
                }
            }
            h1 { "Best sellers" }
            (cards(&best))
            @if !viewed.is_empty() {
                section {
                    h2 { "Recently viewed" }
                    (cards(&viewed))
                }
            }
        },
    ))
}
