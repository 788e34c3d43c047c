//! Which options are there, where do they belong, and which strategies do they fit?

use crate::strategy::Strategy::{
    self, CacheAside, ReadThrough, RefreshAhead, WriteAround, WriteBehind, WriteThrough,
};

/// One option: the documented table is made from these rows.
#[cfg_attr(not(test), expect(dead_code, reason = "some columns are only printed into the table"))]
#[derive(Clone, Copy)]
pub(crate) struct OptionRow {
    pub(crate) name: &'static str,
    /// What it takes, as the table says it.
    pub(crate) takes: &'static str,
    pub(crate) default: &'static str,
    /// The strategies of `#[cached]` it fits.
    pub(crate) fits: &'static [Strategy],
    /// Does `#[invalidates(..)]` take it?
    pub(crate) invalidates: bool,
    /// Does `#[repository(..)]` take it?
    pub(crate) repository: bool,
    pub(crate) meaning: &'static str,
}

const ALL: &[Strategy] = &Strategy::ALL;
const READERS: &[Strategy] = &[CacheAside, ReadThrough, RefreshAhead];
const WRITERS: &[Strategy] = &[WriteThrough, WriteAround, WriteBehind];
const STORING: &[Strategy] = &[CacheAside, ReadThrough, RefreshAhead, WriteThrough, WriteBehind];
const FILLING: &[Strategy] = &[CacheAside, ReadThrough, RefreshAhead, WriteThrough];
const FENCED: &[Strategy] = &[WriteThrough, WriteAround];
const BATCHING: &[Strategy] = &[CacheAside, ReadThrough, WriteThrough, WriteAround];

const fn row(
    name: &'static str,
    takes: &'static str,
    default: &'static str,
    fits: &'static [Strategy],
    meaning: &'static str,
) -> OptionRow {
    OptionRow { name, takes, default, fits, invalidates: false, repository: false, meaning }
}

const fn shared(row: OptionRow) -> OptionRow {
    OptionRow { repository: true, ..row }
}

const fn everywhere(row: OptionRow) -> OptionRow {
    OptionRow { repository: true, invalidates: true, ..row }
}

/// Every option of every attribute.
pub(crate) const OPTIONS: &[OptionRow] = &[
    row("strategy", "name", "`\"cache_aside\"`", ALL, "who loads, who stores, and when"),
    row("key", "template", "required", ALL, "the entry the function reads or writes"),
    shared(row(
        "ttl",
        "duration, expression or closure",
        "required, or from `#[repository]`",
        STORING,
        "how long an entry lives; `\"forever\"` until it is removed; an expression, or a closure over the value, gives a `Duration`",
    )),
    shared(row(
        "negative_ttl",
        "duration",
        "absent values are not cached",
        READERS,
        "how long an absent value is remembered",
    )),
    row("refresh_at", "0 to 1", "`0.8`", &[RefreshAhead], "the share of the ttl after which a reload begins"),
    OptionRow {
        invalidates: true,
        ..row(
            "each",
            "`(id in ids)`",
            "one entry per call",
            BATCHING,
            "one entry for each element of a parameter",
        )
    },
    row("skip", "`(a, b)`", "none", READERS, "parameters that don't change the value"),
    row(
        "invalidates",
        "`(find(id), browse(category, ..))`",
        "none",
        WRITERS,
        "entries of other functions that the write makes stale",
    ),
    row(
        "when",
        "condition",
        "always",
        READERS,
        "whether a call uses the cache: without it, the body runs and nothing is stored",
    ),
    row("unless", "closure", "every value is stored", FILLING, "values that are not stored"),
    OptionRow {
        invalidates: true,
        ..row(
            "before",
            "expression",
            "none",
            WRITERS,
            "the previous row, which edges can name as `before`; evaluated before the body",
        )
    },
    row(
        "group",
        "`(category)`",
        "none",
        READERS,
        "leading parameters by which entries can be dropped together",
    ),
    row(
        "value",
        "expression",
        "the returned value",
        &[WriteThrough, WriteBehind],
        "the value to store when the function returns none",
    ),
    row("batch", "path", "the body", &[WriteBehind], "the function that writes many values at once"),
    row(
        "merge",
        "path",
        "a write replaces the one before it",
        &[WriteBehind],
        "writes are deltas, and this makes one of two: `fn(Delta, Delta) -> Delta`; needs a `batch` function with a transaction, and no `value`",
    ),
    row(
        "deletes",
        "nothing",
        "`value` is shown",
        &[WriteBehind],
        "the write deletes the row, and readers see it as absent at once; without `value`",
    ),
    row(
        "coalesce",
        "`true` or `false`",
        "`true`",
        &[WriteBehind],
        "whether a write replaces one to the same key that still waits; with `false` the database gets all of them, in order",
    ),
    row(
        "unordered",
        "nothing",
        "a transaction or `version` keeps the order",
        &[WriteBehind],
        "the database may get a write twice, or an older one after a newer one, when a flusher was stopped midway",
    ),
    row(
        "upcast",
        "path",
        "arguments of an earlier `schema` become dead letters",
        &[WriteBehind],
        "turns arguments that an earlier release wrote into those of today, from their `schema` and their JSON: `fn(u32, &str) -> Result<Arguments, String>`",
    ),
    row(
        "flush_before",
        "`(touch, Sessions::touch)`",
        "nothing is flushed",
        READERS,
        "`write_behind` functions: what they have acknowledged is in the database before the body runs",
    ),
    row(
        "stale_if_error",
        "duration",
        "errors are returned",
        READERS,
        "how long the last value may stand in for an error",
    ),
    row("timeout", "duration", "none", &[CacheAside, ReadThrough], "how long the body may take"),
    shared(row(
        "schema",
        "number",
        "none",
        STORING,
        "part of the entries' schema: raise it when values change where serde doesn't show it (`flatten`, `tag`, `untagged`, another unit); of `write_behind` also the schema of the arguments that wait",
    )),
    everywhere(row(
        "level",
        "`\"lease\"` or `\"strict\"`",
        "`\"strict\"` for `write_through`, else `\"lease\"`",
        ALL,
        "what a write promises to readers; one strict function makes every function of its template strict",
    )),
    OptionRow {
        invalidates: true,
        repository: true,
        ..row(
            "on_fence_fail",
            "`\"proceed\"` or `\"reject\"`",
            "`\"proceed\"`",
            FENCED,
            "what a strict write does that can't be announced: it goes on, and is counted, or it fails before its body runs",
        )
    },
    row(
        "version",
        "`<result.field>`, or `<value.field>` beside `value`",
        "none",
        ALL,
        "the row's version, a number that grows with every change: an older value never replaces a newer one",
    ),
    row(
        "l1_max_lag",
        "duration",
        "the cache's, or none where the template is strict",
        READERS,
        "how long this process may answer from its memory, beside Redis, without having heard of a write elsewhere",
    ),
    shared(row(
        "verify",
        "0 to 1",
        "none",
        READERS,
        "the share of hits that are compared with the source in the background; needs `#[repository]`",
    )),
    row("jitter", "0 to 1", "`0.1`", STORING, "how much the ttl of entries differs"),
    everywhere(row("cache", "expression", "`self`, or the parameter of type `&Cache`", ALL, "the cache")),
    OptionRow {
        repository: true,
        ..row("db", "expression", "none", &[], "the pool on which a `batch` function's transaction begins")
    },
    OptionRow {
        repository: true,
        ..row(
            "scope",
            "`<self.field>`",
            "none",
            &[],
            "a field that leads in every key, so that its values share no entry",
        )
    },
    OptionRow {
        repository: true,
        ..row(
            "strict",
            "nothing",
            "not strict",
            &[],
            "every `async fn` is `#[cached]`, `#[invalidates]` or `#[uncached]`",
        )
    },
    everywhere(row("crate", "path", "`::cache_runtime`", ALL, "where the runtime crate is")),
];

/// The row of an option.
pub(crate) fn find(name: &str) -> Option<&'static OptionRow> {
    OPTIONS.iter().find(|row| row.name == name)
}

/// The table in the documentation.
#[cfg(test)]
pub(crate) fn table() -> String {
    use std::fmt::Write as _;

    let mut text = String::from("| option | takes | default | fits | meaning |\n|---|---|---|---|---|\n");
    for row in OPTIONS {
        let OptionRow { name, takes, default, meaning, .. } = row;
        let _ = writeln!(text, "| `{name}` | {takes} | {default} | {} | {meaning} |", fits(row));
    }
    text
}

#[cfg(test)]
fn fits(row: &OptionRow) -> String {
    let mut places = Vec::new();
    match row.fits {
        [] => {}
        fits if fits == ALL => places.push("every strategy".to_owned()),
        fits if fits == READERS => places.push("every reader".to_owned()),
        fits if fits == WRITERS => places.push("every writer".to_owned()),
        fits if fits == STORING => places.push("all but `write_around`".to_owned()),
        fits => places.extend(fits.iter().map(|strategy| format!("`{strategy}`"))),
    }
    if row.invalidates {
        places.push("`#[invalidates]`".to_owned());
    }
    if row.repository {
        places.push("`#[repository]`".to_owned());
    }
    places.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_table_is_the_table_of_the_code() {
        let documented = include_str!("options.md");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/options.md");
            std::fs::write(path, table()).expect("the table can be written");
            return;
        }
        assert_eq!(documented, table(), "run the tests with UPDATE_EXPECT=1 to rewrite src/options.md");
    }
}
