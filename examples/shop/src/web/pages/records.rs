//! `/audit` and `/stats`: what was changed, and what the cache spared.

use axum::{extract::State, response::Html};
use cache_runtime::FunctionStats;
use maud::html;

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
    let cache = shop.cache.stats();
    page(
        "Cache",
        &html! {
            h1 { "Cache" }
            p { "Since this instance started, by repository function." }
            table {
                thead {
                    tr {
                        th { "Function" } th { "Strategy" } th { "Key" }
                        th.number { "Hits" } th.number { "Misses" } th.number { "Hit ratio" } th.number { "Statements" }
                    }
                }
                tbody {
                    @for function in &cache.functions {
                        tr {
                            td { code { (function.function) } }
                            td { (function.strategy) }
                            td { code { (function.template) } }
                            td.number { (hits(function)) }
                            td.number { (function.misses) }
                            td.number { @if let Some(ratio) = function.hit_ratio() { (format!("{:.1} %", ratio * 100.0)) } }
                            td.number { (statements.get(function.function).copied().unwrap_or_default()) }
                        }
                    }
                }
            }
            p { "The database got " (statements.values().sum::<u64>()) " statements." }
            p { (cache.entries) " entries are in memory, and " (cache.pending_writes) " writes wait for the database." }
        },
    )
}

/// From this process, from Redis, known to be absent, or a little old.
fn hits(function: &FunctionStats) -> u64 {
    function.hits + function.shared_hits + function.negative_hits + function.stale_hits
}
