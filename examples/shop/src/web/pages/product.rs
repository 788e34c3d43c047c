//! `/p/{id}`: a product with its price, its history and its reviews.

use axum::{
    Form,
    extract::{
        Path, State,
        rejection::{FormRejection, PathRejection},
    },
    response::{Html, Redirect},
};
use maud::{Markup, html};

use super::{PageError, cards, existing, page};
use crate::{
    Shop,
    model::{AuditEntry, NewReview, Review, Session, Views},
    repository::now,
    web::Visitor,
};

pub(super) async fn show(
    State(shop): State<Shop>,
    visitor: Visitor,
    id: Result<Path<String>, PathRejection>,
) -> Result<(Visitor, Html<String>), PageError> {
    let Path(id) = id?;
    let product = existing(&shop, &id).await?;
    let (reviews, history, views, (), before) = tokio::try_join!(
        shop.reviews.of(product.id),
        shop.audit.history(product.id),
        shop.views.shown(product.id),
        shop.views.add(Views::one(product.id)),
        session(&shop, &visitor),
    )?;
    let mut others = before.viewed.clone();
    others.retain(|id| *id != product.id);
    let viewed = shop.products.in_order(&others).await?;
    shop.sessions.touch(before.seeing(product.id, now())).await?;

    let content = html! {
        article {
            h1 { (product.name) }
            p { a href={ "/c/" (product.category) } { "More in " (product.category) } }
            p.price { data value=(product.price) { "€" (product.price) } }
            @if let Some(Views { count, .. }) = views {
                p { "Viewed " (count) @if count == 1 { " time" } @else { " times" } }
            }
            p { a href={ "/p/" (product.id) "/price" } { "Change the price" } }
        }
        (prices(&history))
        (opinions(product.id, &reviews))
        @if !viewed.is_empty() {
            section { h2 { "Recently viewed" } (cards(&viewed)) }
        }
    };
    Ok((visitor, page(&product.name, &content)))
}

/// What we know about this visitor; about a new one there is nothing to look up.
async fn session(shop: &Shop, visitor: &Visitor) -> sqlx::Result<Session> {
    let known = if visitor.is_new { None } else { shop.sessions.find(&visitor.id).await? };
    Ok(known.unwrap_or_else(|| Session::new(visitor.id.clone())))
}

fn prices(history: &[AuditEntry]) -> Markup {
    html! {
        @if !history.is_empty() {
            section {
                h2 { "Price history" }
                ul {
                    @for entry in history.iter().take(5) {
                        li { @if let Some(before) = entry.before { "€" (before) " → " } "€" (entry.after) }
                    }
                }
            }
        }
    }
}

fn opinions(product: i64, reviews: &[Review]) -> Markup {
    html! {
        section #reviews {
            h2 { "Reviews" }
            @if reviews.is_empty() { p { "Nobody has said anything yet." } }
            ul.reviews {
                @for review in reviews {
                    li {
                        strong { (review.author) } " "
                        span aria-label={ (review.stars) " of 5 stars" } { (stars(review.stars)) }
                        p { (review.text) }
                    }
                }
            }
            form method="post" action={ "/p/" (product) "/reviews" } {
                h3 { "Write a review" }
                label { "Your name" input name="author" required maxlength="60"; }
                label { "Stars" input name="stars" type="number" min="1" max="5" value="5" required; }
                label { "What do you think?" textarea name="text" required maxlength="1000" rows="4" {} }
                button { "Send" }
            }
        }
    }
}

fn stars(count: u8) -> String {
    let count = usize::from(count.min(5));
    "★".repeat(count) + &"☆".repeat(5 - count)
}

pub(super) async fn review(
    State(shop): State<Shop>,
    id: Result<Path<String>, PathRejection>,
    form: Result<Form<NewReview>, FormRejection>,
) -> Result<Redirect, PageError> {
    let Path(id) = id?;
    let product = existing(&shop, &id).await?;
    let Form(review) = form?;
    shop.reviews.add(product.id, &review.checked()?).await?;
    Ok(Redirect::to(&format!("/p/{}#reviews", product.id)))
}
