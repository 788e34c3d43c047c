//! `/audit` and `/stats`: what was changed, and what the cache spared.

use axum::{extract::State, response::Html};
use maud::{Markup, html};

use super::{PageError, page};
use crate::{Shop, repository::now};

pub(super) async fn audit(State(shop): State<Shop>) -> Result<Html<String>, PageError> {
    let entries = shop.audit.recent().await?;
    let now = now();
    Ok(page(
        "Audit log",
        &html! {
            h1 { "Audit log" }
            @if entries.is_empty() { p { "Nothing was changed yet." } }
            @else {
                table {
                    thead { tr { th { "When" } th { "Product" } th { "What" } th { "Before" } th { "After" } } }
                    tbody {
                        @for entry in entries.iter() {
                            tr {
                                td { (ago(now - entry.at)) }
                                td { a href={ "/p/" (entry.product_id) } { (entry.product_id) } }
                                td { (entry.action.as_str()) }
                                td.number { @if let Some(before) = entry.before { "€" (before) } }
                                td.number { "€" (entry.after) }
                            }
                        }
                    }
                }
            }
        },
    ))
}

fn ago(seconds: i64) -> String {
    match seconds {
        ..2 => "now".to_owned(),
        2..120 => format!("{seconds} seconds ago"),
        120..7_200 => format!("{} minutes ago", seconds / 60),
        7_200..172_800 => format!("{} hours ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

pub(super) async fn stats(State(shop): State<Shop>) -> Html<String> {
    let statements = shop.db.statements();
    page(
        "Cache",
        &html! {
            h1 { "Cache" }
            p { "Since this instance started, by repository function." }
            table {
                thead {
                    tr { th { "Function" } th { "Strategy" } th { "Key" } th { "Hits" } th { "Misses" } th { "Hit ratio" } th { "Statements" } }
                }
                tbody {
                    @for function in shop.cache.stats().functions {
                        tr {
                            td { code { (function.function) } }
                            td { (function.strategy) }
                            td { code { (function.template) } }
                            (numbers(&[function.hits.to_string(), function.misses.to_string(), ratio(function.hits, function.misses)]))
                            (numbers(&[statements.get(function.function).copied().unwrap_or_default().to_string()]))
                        }
                    }
                }
            }
            p { "The database got " (statements.values().sum::<u64>()) " statements." }
        },
    )
}

fn numbers(cells: &[String]) -> Markup {
    html! { @for cell in cells { td.number { (cell) } } }
}

fn ratio(hits: u64, misses: u64) -> String {
    match (hits * 100).checked_div(hits + misses) {
        Some(percent) => format!("{percent} %"),
        None => "–".to_owned(),
    }
}
