//! What is printed at the end?

use crate::{
    checker::Checker,
    options::Options,
    tally::{Count, Place, Reads, Tally},
    words::{Fault, Level, Promise, Via, millis},
};
use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

/// The tables, what their words mean, and the verdict.
pub(crate) fn render(options: &Options, checker: &Checker, took: Duration) -> String {
    let tally = checker.tally();
    let mut out = String::new();
    let faults: Vec<_> = tally.faults.iter().map(|(fault, times)| format!("{fault} {times}")).collect();
    let faults = if faults.is_empty() { "none".to_owned() } else { faults.join(", ") };
    let _ = writeln!(
        out,
        "{} workers on {} and Redis for {:.0} s, seed {}; faults: {faults}",
        options.workers,
        options.database,
        took.as_secs_f64(),
        options.seed
    );
    if let Some(bug) = options.bug {
        let _ = writeln!(out, "planted: {bug} ({})", bug.meaning());
    }
    for level in &options.levels {
        for via in Via::ALL {
            table(&mut out, tally, *level, *via);
        }
    }
    writes(&mut out, checker);
    legend(&mut out, tally);
    let (violations, admitted) = (tally.violations(), tally.admitted());
    let checked = tally.checked();
    let verdict = if violations == 0 { "kept" } else { "VIOLATED" };
    let _ = writeln!(
        out,
        "\n{verdict}: {checked} reads through caches checked, {violations} violations, {admitted} breaches that the design admits"
    );
    out
}

/// One level and way: promises down, faults across.
fn table(out: &mut String, tally: &Tally, level: Level, via: Via) {
    let columns: BTreeMap<Fault, &Reads> = tally
        .places
        .iter()
        .filter(|(place, _)| place.level == level && place.via == via)
        .map(|(Place { fault, .. }, reads)| (*fault, reads))
        .collect();
    if columns.is_empty() {
        return;
    }
    let mut rows = vec![
        std::iter::once(format!("{level}, {via}"))
            .chain(columns.keys().map(ToString::to_string))
            .collect::<Vec<_>>(),
    ];
    let mut row = |name: &str, cell: &dyn Fn(&Reads) -> String| {
        rows.push(
            std::iter::once(name.to_owned()).chain(columns.values().map(|reads| cell(reads))).collect(),
        );
    };
    row("reads checked", &|reads| reads.checked.to_string());
    row("  not checkable", &|reads| reads.unknown.to_string());
    for promise in Promise::ALL {
        row(promise.word(), &|reads| reads.breaches.get(promise).map_or_else(|| "-".to_owned(), count));
    }
    row("one reader went back", &|reads| {
        reads.breaches.values().map(|count| count.went_back).sum::<u64>().to_string()
    });
    row("longest stale, ms", &|reads| {
        let longest = reads.breaches.values().map(|count| count.longest).max().unwrap_or_default();
        millis(longest).to_string()
    });
    let widths: Vec<usize> = (0..=columns.len())
        .map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or_default())
        .collect();
    out.push('\n');
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if column == 0 { write!(out, "{cell:<width$}") } else { write!(out, "  {cell:>width$}") };
        }
        out.push('\n');
    }
}

/// `3!` are violations, `12a` are admitted, and the longest of them follows.
fn count(count: &Count) -> String {
    let mut cell = String::new();
    if count.violations > 0 {
        let _ = write!(cell, "{}! ", count.violations);
    }
    if count.admitted > 0 {
        let _ = write!(cell, "{}a ", count.admitted);
    }
    let _ = write!(cell, "({})", millis(count.longest));
    cell
}

fn writes(out: &mut String, checker: &Checker) {
    let tally = checker.tally();
    out.push('\n');
    for (level, writes) in &tally.writes {
        let _ = writeln!(
            out,
            "writes, {level}: {} acknowledged, {} of unknown outcome, {} refused",
            writes.acknowledged, writes.unknown, writes.refused
        );
    }
    if let Some(ratio) = checker.hit_ratio() {
        let _ = writeln!(out, "hits: {:.1} % of reads", ratio * 100.0);
    }
    let _ = writeln!(
        out,
        "calls to Redis that failed or missed their deadline: seen at {} moments",
        tally.missed
    );
}

fn legend(out: &mut String, tally: &Tally) {
    out.push_str(
        "\n`3!` are violations, `12a` breaches that the design admits, `(45)` the longest staleness in ms\n",
    );
    for promise in Promise::ALL {
        let _ = writeln!(out, "  {:<14} {}", promise.word(), promise.meaning());
    }
    for fault in [Fault::None, Fault::Slow] {
        let _ = writeln!(out, "  {:<14} {}", fault.word(), fault.meaning());
    }
    if !tally.reasons.is_empty() {
        out.push_str("admitted\n");
        for (why, times) in &tally.reasons {
            let _ = writeln!(out, "  {times:>8}  {why}");
        }
    }
}
