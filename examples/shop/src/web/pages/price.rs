//! `/p/{id}/price`: the form that changes a price.

use axum::{
    Form,
    extract::{
        Path, State,
        rejection::{FormRejection, PathRejection},
    },
    http::StatusCode,
    response::{Html, IntoResponse as _, Redirect, Response},
};
use maud::html;
use serde::Deserialize;

use super::{PageError, existing, page};
use crate::{
    Shop,
    model::{Money, Product},
    web::Failure,
};

#[derive(Deserialize)]
pub(super) struct NewPrice {
    price: String,
}

pub(super) async fn ask(
    State(shop): State<Shop>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Html<String>, PageError> {
    let Path(id) = id?;
    let product = existing(&shop, &id).await?;
    Ok(form(&product, &product.price.to_string(), None))
}

/// Changes the price and goes back to the product, which shows it already; or shows the form again with what is wrong.
pub(super) async fn change(
    State(shop): State<Shop>,
    id: Result<Path<String>, PathRejection>,
    body: Result<Form<NewPrice>, FormRejection>,
) -> Result<Response, PageError> {
    let Path(id) = id?;
    let product = existing(&shop, &id).await?;
    let Form(NewPrice { price: typed }) = body?;
    let price: Money = match typed.parse() {
        Ok(price) => price,
        Err(invalid) => {
            let again = form(&product, &typed, Some(&format!("{invalid}")));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
        }
    };
    let repriced = shop.products.reprice(product.id, price).await?;
    let product = repriced.ok_or_else(|| Failure::not_found("there is no such product"))?;
    Ok(Redirect::to(&format!("/p/{}", product.id)).into_response())
}

fn form(product: &Product, typed: &str, wrong: Option<&str>) -> Html<String> {
    page(
        "Change the price",
        &html! {
            h1 { "Change the price of " (product.name) }
            @if let Some(wrong) = wrong { p.wrong role="alert" { (wrong) } }
            form method="post" {
                label { "Price in €" input name="price" inputmode="decimal" required value=(typed) aria-invalid=[wrong.map(|_| "true")]; }
                button { "Change" }
                a href={ "/p/" (product.id) } { "Leave it" }
            }
        },
    )
}
