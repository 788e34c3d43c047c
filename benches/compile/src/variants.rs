//! Which crates are compared, and what is in them?

/// One generated crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Free functions without an attribute: the base of the next four.
    Plain,
    /// The least that an attribute could expand to.
    ByHand,
    /// Our bare `#[cached]`.
    OursFree,
    /// The peer's `#[cached]`.
    Cached,
    /// The peer's `#[concurrent_cached]`.
    ConcurrentCached,
    /// Methods without an attribute: the base of the last.
    PlainRepository,
    /// Our `#[repository]`, ten methods each.
    OursRepository,
}

use Variant::{ByHand, Cached, ConcurrentCached, OursFree, OursRepository, Plain, PlainRepository};

/// All of them; a base stands before what it is the base of.
pub(crate) const ALL: &[Variant] =
    &[Plain, ByHand, OursFree, Cached, ConcurrentCached, PlainRepository, OursRepository];

/// How many methods a repository of the template has, and of how many functions a row's type is shared.
pub(crate) const METHODS: usize = 10;

const STORE: &str = include_str!("../templates/store.rs");
const ROW: &str = include_str!("../templates/row.rs");
const REPOSITORY: &str = include_str!("../templates/repository.rs");
const BY_HAND: &str = include_str!("../templates/by_hand.rs");

impl Variant {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Plain => "plain",
            ByHand => "by-hand",
            OursFree => "ours-free",
            Cached => "cached",
            ConcurrentCached => "concurrent-cached",
            PlainRepository => "plain-repository",
            OursRepository => "ours-repository",
        }
    }

    /// As it stands in the table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Plain => "plain functions",
            ByHand => "by hand: a static and one call",
            OursFree => "ours, free functions",
            Cached => "cached #[cached]",
            ConcurrentCached => "cached #[concurrent_cached]",
            PlainRepository => "plain methods",
            OursRepository => "ours, repositories of ten",
        }
    }

    /// What its cost is the difference to.
    pub(crate) fn base(self) -> Option<Self> {
        match self {
            Plain | PlainRepository => None,
            ByHand | OursFree | Cached | ConcurrentCached => Some(Plain),
            OursRepository => Some(PlainRepository),
        }
    }

    /// The text of `src/lib.rs`; `functions` is a multiple of [`METHODS`].
    pub(crate) fn source(self, functions: usize) -> String {
        let tables = functions.div_ceil(METHODS);
        let mut text = format!("{}{}", self.imports(), modules(self == ByHand));
        (0..tables).for_each(|table| text.push_str(&numbered(ROW, table)));
        match self {
            OursRepository => (0..tables).for_each(|table| text.push_str(&numbered(REPOSITORY, table))),
            PlainRepository => {
                let plain = without_attributes(REPOSITORY);
                (0..tables).for_each(|table| text.push_str(&numbered(&plain, table)));
            }
            Plain | ByHand | OursFree | Cached | ConcurrentCached => {
                (0..functions).for_each(|number| text.push_str(&self.function(number)));
            }
        }
        text
    }

    fn imports(self) -> &'static str {
        match self {
            Plain => "",
            ByHand => "use by_hand::Entries;\nuse std::time::Duration;\n",
            OursFree => "use cache_runtime::{Cache, cached};\n",
            Cached => "use cached::macros::cached;\n",
            ConcurrentCached => "use cached::macros::concurrent_cached;\n",
            PlainRepository => "use std::collections::HashMap;\n",
            OursRepository => "use cache_runtime::{Cache, repository};\nuse std::collections::HashMap;\n",
        }
    }

    fn function(self, number: usize) -> String {
        let Shape { name, parameters, value, body } = &SHAPES[number % SHAPES.len()];
        let typed: Vec<String> = parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
        let row = number / METHODS;
        let (value, body) = (numbered(value, row), numbered(body, row));
        let first = if self == OursFree { "cache: &Cache, " } else { "" };
        let attribute = match self {
            OursFree => {
                let key: String = parameters.iter().map(|(name, _)| format!(":<{name}>")).collect();
                format!("#[cached(key = \"{name}_{number}{key}\", ttl = \"5m\")]\n")
            }
            Cached => "#[cached(max_size = 10_000, ttl_secs = 300)]\n".to_owned(),
            ConcurrentCached => "#[concurrent_cached(max_size = 10_000, ttl_secs = 300)]\n".to_owned(),
            Plain | ByHand | PlainRepository | OursRepository => String::new(),
        };
        let body = if self == ByHand { stored_by_hand(parameters, &value, &body) } else { body };
        format!(
            "\n{attribute}pub async fn {name}_{number}({first}{}) -> Result<{value}, LoadError> {{\n{body}\n}}\n",
            typed.join(", ")
        )
    }
}

/// One of the kinds of functions that take turns.
struct Shape {
    name: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    value: &'static str,
    body: &'static str,
}

const SHAPES: [Shape; 5] = [
    Shape {
        name: "find",
        parameters: &[("id", "u64")],
        value: "Option<Row_N>",
        body: "    let lines = Query::new(\"select * from row where id = $1\").bind(id).rows().await?;\n    \
            Ok(lines.first().map(Row_N::read))",
    },
    Shape {
        name: "named",
        parameters: &[("name", "String")],
        value: "Row_N",
        body: "    let line = Query::new(\"select * from row where name = $1\").bind(name).row().await?;\n    \
            Ok(Row_N::read(&line))",
    },
    Shape {
        name: "page",
        parameters: &[("kind", "String"), ("page", "u32")],
        value: "Arc<Vec<Row_N>>",
        body: "    let query = Query::new(\"select * from row where kind = $1 offset $2\").bind(kind).bind(page * 20);\n    \
            Ok(Arc::new(query.rows().await?.iter().map(Row_N::read).collect()))",
    },
    Shape {
        name: "count",
        parameters: &[("kind", "String")],
        value: "u64",
        body: "    let line = Query::new(\"select count(*) from row where kind = $1\").bind(kind).row().await?;\n    \
            Ok(line.number(0))",
    },
    Shape {
        name: "shared",
        parameters: &[("owner", "u64"), ("unit", "u32")],
        value: "Arc<Row_N>",
        body: "    let query = Query::new(\"select * from row where owner = $1 and unit = $2\").bind(owner).bind(unit);\n    \
            Ok(Arc::new(Row_N::read(&query.row().await?)))",
    },
];

fn modules(by_hand: bool) -> String {
    let mut text =
        "use serde::{Deserialize, Serialize};\nuse std::sync::Arc;\nuse store::{Line, LoadError, Query};\n\n"
            .to_owned();
    text.push_str(&module("store", STORE));
    if by_hand {
        text.push_str(&module("by_hand", BY_HAND));
    }
    text
}

fn module(name: &str, text: &str) -> String {
    format!("pub mod {name} {{\n{text}}}\n")
}

fn stored_by_hand(parameters: &[(&str, &str)], value: &str, body: &str) -> String {
    let types: Vec<&str> = parameters.iter().map(|(_, ty)| *ty).collect();
    let copies: Vec<String> = parameters.iter().map(|(name, _)| format!("{name}.clone()")).collect();
    format!(
        "    static ENTRIES: Entries<({},), {value}> = Entries::new(Duration::from_secs(300));\n    \
            ENTRIES.get(({},), async move {{\n{body}\n    }}).await",
        types.join(", "),
        copies.join(", ")
    )
}

fn numbered(template: &str, number: usize) -> String {
    template.replace("_N", &number.to_string())
}

/// The same methods, and nothing of the cache.
fn without_attributes(template: &str) -> String {
    let ours = |line: &&str| {
        ["#[repository", "#[cached", "#[invalidates", "pub cache:"]
            .iter()
            .any(|begin| line.trim_start().starts_with(begin))
    };
    template.lines().filter(|line| !ours(line)).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_differ_in_their_attributes_only() {
        let lines = |variant: Variant| -> Vec<String> {
            let text = variant.source(20).replace("cache: &Cache, ", "");
            let others = text.lines().filter(|line| {
                let line = line.trim_start();
                !["#[cached", "#[concurrent", "#[repository", "#[invalidates", "pub cache:", "use "]
                    .iter()
                    .any(|begin| line.starts_with(begin))
            });
            others.map(ToOwned::to_owned).collect()
        };
        for variant in [OursFree, Cached, ConcurrentCached, OursRepository] {
            assert_eq!(variant.base().map(lines), Some(lines(variant)), "{}", variant.name());
        }
    }

    #[test]
    fn every_variant_has_as_many_functions_as_asked_for() {
        let count = |variant: Variant, functions| {
            let text = variant.source(functions);
            let (_, own) = text.split_once("pub struct Row0").unwrap_or_default();
            own.matches("pub async fn").count()
        };
        for variant in ALL {
            assert_eq!(count(*variant, 30), 30, "{}", variant.name());
        }
    }
}
