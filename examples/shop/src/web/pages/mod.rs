//! The pages for people: which there are, and what all of them share.
//!
//! Everything works without scripts: links, forms, and a redirect after each form, so that "reload" repeats nothing.

mod home;
mod listing;
mod price;
mod product;
mod records;

use axum::{
    Router,
    http::{StatusCode, header},
    response::Html,
    routing::get,
};
use maud::{DOCTYPE, Markup, html};

use super::{Failure, PageError};
use crate::{Shop, model::Product};

const STYLE: &str = include_str!("style.css");

pub(super) fn routes() -> Router<Shop> {
    Router::new()
        .route("/", get(home::show))
        .route("/c/{slug}", get(listing::show))
        .route("/p/{id}", get(product::show))
        .route("/p/{id}/reviews", axum::routing::post(product::review))
        .route("/p/{id}/price", get(price::ask).post(price::change))
        .route("/audit", get(records::audit))
        .route("/stats", get(records::stats))
        .route("/style.css", get(style))
}

async fn style() -> ([(header::HeaderName, &'static str); 2], &'static str) {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")], STYLE)
}

/// A whole page around its content.
fn page(title: &str, content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – Shop" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                header {
                    a.brand href="/" { "Shop" }
                    nav aria-label="Main" {
                        a href="/audit" { "Audit log" }
                        a href="/stats" { "Cache" }
                    }
                }
                main { (content) }
                footer { p { "An example of memoized repositories. Anybody may change a price." } }
            }
        }
    };
    Html(page.into_string())
}

/// The page that says what can't be done.
pub(super) fn failure(status: StatusCode, reason: &str) -> Html<String> {
    let title = status.canonical_reason().unwrap_or("Sorry");
    page(title, &html! { h1 { (title) } p { (reason) } p { a href="/" { "Back to the shop" } } })
}

/// Products as a grid of cards.
fn cards(products: &[Product]) -> Markup {
    html! {
        ul.cards {
            @for product in products {
                li {
                    a href={ "/p/" (product.id) } { (product.name) }
                    data.price value=(product.price) { "€" (product.price) }
                }
            }
        }
    }
}

/// The product that a page's address names.
async fn existing(shop: &Shop, id: &str) -> Result<Product, Failure> {
    let missing = || Failure::not_found("there is no such product");
    let id = id.parse().ok().filter(|id| *id > 0).ok_or_else(missing)?;
    shop.products.find(id).await?.ok_or_else(missing)
}
