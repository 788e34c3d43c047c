//! How does an inventory read as a table?

use super::{CachedFunction, FunctionEdge, Inventory, Reader};
use crate::DeclaredTtl;
use std::{fmt, time::Duration};

const COLUMNS: usize = 7;
const HEAD: [&str; COLUMNS] = ["function", "strategy", "level", "key", "value", "lives", "groups"];

impl fmt::Display for Inventory {
    /// A table per module; below a function, what it invalidates.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; COLUMNS]> = self.functions().iter().map(row).collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([HEAD[column].len()]).max().unwrap_or_default()
        };
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        line(f, &HEAD.map(str::to_owned), &widths)?;
        writeln!(f, "{}", "-".repeat(widths.iter().sum::<usize>() + 2 * (widths.len() - 1)))?;
        let mut module = None;
        for (function, row) in self.functions().iter().zip(&rows) {
            if module != Some(function.module) {
                if module.is_some() {
                    writeln!(f)?;
                }
                writeln!(f, "{}", function.module)?;
                module = Some(function.module);
            }
            line(f, row, &widths)?;
            for edge in &function.edges {
                writeln!(f, "    invalidates {edge}{}", self.doubt(&edge.reader))?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for FunctionEdge {
    /// The edge as written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.path, self.given())
    }
}

impl FunctionEdge {
    /// The arguments, with the `..` that follows them.
    pub(super) fn given(&self) -> String {
        match (self.arguments, self.whole_group) {
            (arguments, false) => arguments.to_owned(),
            ("", true) => "..".to_owned(),
            (arguments, true) => format!("{arguments}, .."),
        }
    }
}

impl Inventory {
    /// What is to be said where an edge doesn't lead to one function.
    fn doubt(&self, reader: &Reader) -> String {
        match reader {
            Reader::Known(_) => String::new(),
            Reader::Ambiguous(readers) => {
                let modules: Vec<&str> = readers.iter().map(|at| self.functions[*at].module).collect();
                format!("   one of those in {}", modules.join(", "))
            }
            Reader::Unknown => "   no function of this name is linked".to_owned(),
        }
    }
}

fn row(function: &CachedFunction) -> [String; COLUMNS] {
    let none = || "–".to_owned();
    let value = match (&function.value, function.fingerprint) {
        (Some(value), Some(fingerprint)) => format!("{}#{:04x}", value.name(), fingerprint.short()),
        _ if function.generic && function.strategy.stores() => "generic".to_owned(),
        _ => none(),
    };
    let groups: Vec<String> = function.groups.iter().map(|group| format!("({})", group.join(", "))).collect();
    [
        format!("  {}", function.function),
        function.strategy.as_str().to_owned(),
        function.level.map_or_else(none, |level| level.as_str().to_owned()),
        function.template.map_or_else(none, str::to_owned),
        value,
        lives(function).unwrap_or_else(none),
        if groups.is_empty() { none() } else { groups.join(" ") },
    ]
}

fn lives(function: &CachedFunction) -> Option<String> {
    let ttl = match function.ttl? {
        DeclaredTtl::Forever => "forever".to_owned(),
        DeclaredTtl::For(time) => short(time),
        DeclaredTtl::Computed => "computed".to_owned(),
    };
    Some(match function.negative_ttl {
        Some(absent) => format!("{ttl}, absent {}", short(absent)),
        None => ttl,
    })
}

/// A duration as attributes write it: `90s`, `5m`, `1h`.
fn short(time: Duration) -> String {
    let ms = time.as_millis();
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        if ms > 0 && ms.is_multiple_of(length) {
            return format!("{}{unit}", ms / length);
        }
    }
    format!("{ms}ms")
}

fn line(f: &mut fmt::Formatter<'_>, cells: &[String; COLUMNS], widths: &[usize; COLUMNS]) -> fmt::Result {
    let padded: Vec<String> =
        cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
    writeln!(f, "{}", padded.join("  ").trim_end())
}
