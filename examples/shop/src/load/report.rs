//! How two runs are compared on paper.

use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

use super::{Route, Run};
use crate::db::Origin;
use cache_runtime::FunctionStats;

/// The strategies that can be hit, and those that can't, in the order of the readme.
const READS: [&str; 3] = ["cache_aside", "read_through", "refresh_ahead"];
const WRITES: [&str; 4] = ["write_through", "write_around", "write_behind", "invalidates"];

/// The columns with text.
const TEXTS: [&str; 3] = ["strategy", "routes", "cache"];

/// Four tables: in all, by strategy, by route, and by repository function.
pub(super) fn compare(with: &Run, without: &Run) -> String {
    let mut page = String::new();
    // Writing to a string can't fail.
    let _ = writeln!(page, "\n{}", totals(with, without).render());
    let _ = writeln!(page, "{}", strategies(with, without).render());
    let _ = writeln!(page, "{}", routes(with, without).render());
    let _ = writeln!(page, "{}", functions(with, without).render());
    let _ = writeln!(page, "database statements spared: {} per request", percent(spared(with, without)));
    page
}

fn totals(with: &Run, without: &Run) -> Table {
    let mut table = Table::new(&[
        "in all",
        "requests",
        "a second",
        "failed",
        "statements",
        "per request",
        "hit ratio",
        "p50 ms",
        "p99 ms",
    ]);
    for (name, run) in [("with the cache", with), ("without it", without)] {
        let latencies: Vec<Duration> = run.latencies.values().flatten().copied().collect();
        let requests = run.requests();
        table.row(&[
            name.to_owned(),
            thousands(requests),
            thousands(per(requests * 1_000, u64::try_from(run.elapsed.as_millis()).unwrap_or(u64::MAX))),
            thousands(run.failures),
            thousands(run.sent()),
            format!("{:.2}", ratio(run.sent(), requests)),
            hit_ratio(sum(run.functions.iter().map(reads))),
            quantile(&latencies, 0.50),
            quantile(&latencies, 0.99),
        ]);
    }
    table
}

/// Requests and latencies are those of the routes whose main function has the strategy, and so are the statements; what runs
/// in the background counts for the strategy of its function. The hit ratio is that of all functions with the strategy.
fn strategies(with: &Run, without: &Run) -> Table {
    let mut table = Table::new(&[
        "by strategy",
        "routes",
        "cache",
        "requests",
        "statements",
        "per request",
        "hit ratio",
        "p50 ms",
        "p99 ms",
    ]);
    for strategy in READS.into_iter().chain(WRITES) {
        let is_ours = |route: &Route| with.strategy(route.main_function()) == strategy;
        let names: Vec<_> = Route::ALL.into_iter().filter(is_ours).map(Route::name).collect();
        if names.is_empty() {
            // The mix doesn't have it.
            continue;
        }
        for (cache, run) in [("on", with), ("off", without)] {
            let of_routes = run.latencies.iter().filter(|(route, _)| is_ours(route));
            let latencies: Vec<Duration> = of_routes.flat_map(|(_, latencies)| latencies).copied().collect();
            let requests = latencies.len() as u64;
            let origins = run.statements.iter().filter(|(origin, _)| with.cause(origin) == strategy);
            let sent = origins.map(|(_, sent)| sent).sum();
            let functions = run.functions.iter().filter(|function| function.strategy == strategy);
            table.row(&[
                strategy.to_owned(),
                names.join(", "),
                cache.to_owned(),
                thousands(requests),
                thousands(sent),
                if requests == 0 { "–".to_owned() } else { format!("{:.2}", ratio(sent, requests)) },
                hit_ratio(sum(functions.map(reads))),
                quantile(&latencies, 0.50),
                quantile(&latencies, 0.99),
            ]);
        }
    }
    table
}

fn routes(with: &Run, without: &Run) -> Table {
    let mut table = Table::new(&["by route", "requests", "p50 ms", "p99 ms", "without: p50", "p99"]);
    let names: BTreeSet<Route> = with.latencies.keys().chain(without.latencies.keys()).copied().collect();
    for route in names {
        let of = |run: &Run| run.latencies.get(&route).cloned().unwrap_or_default();
        let (cached, plain) = (of(with), of(without));
        table.row(&[
            route.name().to_owned(),
            thousands(cached.len() as u64),
            quantile(&cached, 0.50),
            quantile(&cached, 0.99),
            quantile(&plain, 0.50),
            quantile(&plain, 0.99),
        ]);
    }
    table
}

fn functions(with: &Run, without: &Run) -> Table {
    let mut table = Table::new(&[
        "by function",
        "strategy",
        "reads",
        "hit ratio",
        "statements / 1,000 requests",
        "without the cache",
    ]);
    let origins = with.statements.keys().chain(without.statements.keys());
    // Functions of one strategy stand together.
    let rows: BTreeSet<(&str, &str)> =
        origins.map(|origin| (with.strategy(origin.function), origin.function)).collect();
    for (strategy, name) in rows {
        let (hits, reads) = with.statistics(name).map_or((0, 0), reads);
        table.row(&[
            name.to_owned(),
            strategy.to_owned(),
            thousands(reads),
            hit_ratio((hits, reads)),
            with.per_thousand(name),
            without.per_thousand(name),
        ]);
    }
    table
}

/// Calls answered without a body, and calls altogether; none of a function that writes.
fn reads(function: &FunctionStats) -> (u64, u64) {
    if !READS.contains(&function.strategy) {
        return (0, 0);
    }
    let hits = function.hits + function.shared_hits + function.negative_hits + function.stale_hits;
    (hits, hits + function.misses + function.bypasses)
}

fn sum(pairs: impl Iterator<Item = (u64, u64)>) -> (u64, u64) {
    pairs.fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
}

fn hit_ratio((hits, reads): (u64, u64)) -> String {
    if reads == 0 { "–".to_owned() } else { percent(ratio(hits, reads)) }
}

/// The share of statements per request that the cache made unnecessary.
fn spared(with: &Run, without: &Run) -> f64 {
    let before = ratio(without.sent(), without.requests());
    if before == 0.0 { 0.0 } else { 1.0 - ratio(with.sent(), with.requests()) / before }
}

impl Run {
    fn requests(&self) -> u64 {
        self.latencies.values().map(|latencies| latencies.len() as u64).sum()
    }

    fn sent(&self) -> u64 {
        self.statements.values().sum()
    }

    fn statistics(&self, function: &str) -> Option<&FunctionStats> {
        self.functions.iter().find(|statistics| statistics.function == function)
    }

    fn strategy(&self, function: &str) -> &'static str {
        self.statistics(function).map_or("", |statistics| statistics.strategy)
    }

    /// The strategy that a statement counts for: that of the route it was sent for, else that of its function.
    fn cause(&self, origin: &Origin) -> &'static str {
        let route = Route::ALL.into_iter().find(|route| Some(route.address()) == origin.request.as_deref());
        self.strategy(route.map_or(origin.function, Route::main_function))
    }

    /// The statements of a function for a thousand requests of the mix.
    fn per_thousand(&self, function: &str) -> String {
        let of_function = self.statements.iter().filter(|(origin, _)| origin.function == function);
        let sent: u64 = of_function.map(|(_, sent)| sent).sum();
        format!("{:.1}", ratio(sent * 1_000, self.requests()))
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody reads the sixteenth digit of a ratio")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn per(amount: u64, time: u64) -> u64 {
    amount.checked_div(time).unwrap_or_default()
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The latency that this share of the requests stayed below, in milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "an index into a list"
)]
fn quantile(latencies: &[Duration], share: f64) -> String {
    let mut sorted = latencies.to_vec();
    sorted.sort_unstable();
    let index = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted
        .get(index)
        .map_or_else(|| "–".to_owned(), |latency| format!("{:.2}", latency.as_secs_f64() * 1_000.0))
}

/// Text in columns: the first ones to the left, numbers to the right.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(heads: &[&str]) -> Self {
        Self { rows: vec![heads.iter().map(|&head| head.to_owned()).collect()] }
    }

    fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.to_vec());
    }

    fn render(&self) -> String {
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        };
        let is_text = |column: usize| {
            column == 0
                || self
                    .rows
                    .first()
                    .is_some_and(|heads| heads.get(column).is_some_and(|head| TEXTS.contains(&head.as_str())))
        };
        let mut page = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = row
                .iter()
                .enumerate()
                .map(|(column, cell)| {
                    let width = width(column);
                    if is_text(column) { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                })
                .collect();
            let line = cells.join("  ");
            let _ = writeln!(page, "{}", line.trim_end());
            if index == 0 {
                let _ = writeln!(page, "{}", "-".repeat(line.chars().count()));
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(["0", "999", "1,000", "1,234,567"], [0, 999, 1_000, 1_234_567].map(thousands));
    }

    #[test]
    fn quantiles_are_taken_from_the_sorted_list() {
        let latencies: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!((quantile(&latencies, 0.5), quantile(&latencies, 0.99)), ("51.00".into(), "99.00".into()));
        assert_eq!(quantile(&[], 0.5), "–");
    }
}
