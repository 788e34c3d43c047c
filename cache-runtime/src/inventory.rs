//! Which functions are linked into this program, and who invalidates whom?

mod graph;
mod resolve;
mod table;

use crate::{
    Level, cache,
    spec::{self, DeclaredTtl, Spec, Strategy},
    store::Fingerprint,
    value::ValueType,
};
use std::time::Duration;

/// Every annotated function of this program, from all its crates.
///
/// Each attribute registers its function when the program is linked, whether or not it is ever called. So what another crate caches under which
/// key can be seen, and a test can keep the list as a file that shows in review.
///
/// ```
/// use cache_runtime::{Cache, cached, invalidates};
///
/// #[cached(key = "greeting:<name>", ttl = "5m")]
/// async fn greeting(cache: &Cache, name: &str) -> String {
///     format!("Hello, {name}")
/// }
///
/// #[invalidates(greeting(name))]
/// async fn rename(cache: &Cache, name: &str) {}
///
/// let inventory = cache_runtime::inventory();
/// println!("{inventory}"); // a table
/// println!("{}", inventory.to_dot()); // a graph for Graphviz
/// let here = |f: &&cache_runtime::CachedFunction| f.module == module_path!();
/// let rename = inventory.functions().iter().filter(here).find(|f| f.function == "rename").expect("it is linked");
/// assert_eq!(rename.edges[0].arguments, "name");
/// println!("{:#?}", inventory.conflicts()); // what one cache could not hold together
/// # let _ = (greeting, rename);
/// ```
pub fn inventory() -> Inventory {
    let mut specs: Vec<&'static Spec> = spec::linked().collect();
    specs.sort_by_key(|spec| (spec.module, spec.function, spec.location.line(), spec.location.column()));
    let functions = specs.iter().map(|spec| describe(spec, &specs)).collect();
    Inventory { functions, specs }
}

/// The functions of a program: [`inventory()`] makes it. Displayed it is a table.
#[derive(Clone, Debug)]
pub struct Inventory {
    functions: Vec<CachedFunction>,
    specs: Vec<&'static Spec>,
}

/// One annotated function, as its attribute describes it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CachedFunction {
    /// The function's name, with its type.
    pub function: &'static str,
    /// The module it stands in.
    pub module: &'static str,
    /// The file it stands in.
    pub file: &'static str,
    /// The line.
    pub line: u32,
    /// Its strategy.
    pub strategy: Strategy,
    /// Its key template; `None` for `#[invalidates]`.
    pub template: Option<&'static str>,
    /// What its writes promise, or those of its template's writers; `None` for an `#[invalidates]` that doesn't say: each edge has the level of
    /// its reader.
    pub level: Option<Level>,
    /// How long its entries live; `None` where the function stores nothing.
    pub ttl: Option<DeclaredTtl>,
    /// How long it remembers that a row is absent, if it does.
    pub negative_ttl: Option<Duration>,
    /// How long a process may answer from its own memory beside Redis, where the function says so.
    pub l1_max_lag: Option<Duration>,
    /// The share of hits that are compared with the source, in parts per million.
    pub verify_ppm: Option<u32>,
    /// The leading placeholders of each group that its entries belong to.
    pub groups: Vec<Vec<&'static str>>,
    /// What it makes stale besides its own key.
    pub edges: Vec<FunctionEdge>,
    /// Whether its types are its callers' choice.
    pub generic: bool,
    /// The type of its values; `None` where it stores none, where it is generic, and until the first call where the attribute stands alone or a `value`
    /// is named: there the macro can't tell the type.
    pub value: Option<ValueType>,
    /// What tells its entries from others in the shared store, made of its template and the schema of its values; [`Fingerprint::short`] is in their
    /// names. `None` where `value` is.
    pub fingerprint: Option<Fingerprint>,
}

/// An edge from a writer to a reader, as written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FunctionEdge {
    /// The reader, such as `browse` or `Products::browse`.
    pub path: &'static str,
    /// Its arguments, such as `result.category`.
    pub arguments: &'static str,
    /// Whether `..` follows them: the whole group is dropped.
    pub whole_group: bool,
    /// The function that is meant.
    pub reader: Reader,
}

/// The function that an edge leads to, as its place in [`Inventory::functions`].
///
/// The compiler knows it; at run time there are names. A reader of the same module goes before one of the same crate, and that before others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reader {
    /// This one.
    Known(usize),
    /// One of these: they are called the same.
    Ambiguous(Vec<usize>),
    /// None is called so: the path goes through an alias.
    Unknown,
}

impl Inventory {
    /// The functions, ordered by module and name.
    pub fn functions(&self) -> &[CachedFunction] {
        &self.functions
    }

    /// What functions would disagree about if they were used with one cache, each with the places of both.
    ///
    /// Not a mistake by itself: a program may hold two caches. Where it holds one, a test that finds this empty keeps it so; what a cache
    /// has really met is in [`Cache::conflicts`](crate::Cache::conflicts). Two types of values are told apart only where both are known.
    pub fn conflicts(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        let known: Vec<_> =
            self.specs.iter().zip(self.functions.iter().map(|function| function.value)).collect();
        for (at, (later, later_type)) in known.iter().enumerate() {
            for (first, first_type) in &known[..at] {
                let same_type = match (later_type, first_type) {
                    (Some(later), Some(first)) => later.is_same(first),
                    (Some(_) | None, None) | (None, Some(_)) => true,
                };
                if let Some(conflict) = cache::between(later, first, same_type) {
                    sentences.push(conflict.sentence(later, first));
                }
            }
        }
        sentences
    }

    /// The functions and edges as a graph in Graphviz' language: `dot -Tsvg` draws it.
    ///
    /// Every module is a box of its functions. Bold arrows lead from a writer to the readers that share its template, dashed ones along
    /// edges, with their arguments; a dotted one may mean its reader, or another one of that name.
    pub fn to_dot(&self) -> String {
        graph::dot(&self.functions)
    }
}

fn describe(spec: &'static Spec, specs: &[&'static Spec]) -> CachedFunction {
    let value = spec.value_type();
    let edges = spec.edges.iter().map(|edge| FunctionEdge {
        path: edge.path,
        arguments: edge.arguments,
        whole_group: edge.whole_group,
        reader: resolve::reader(spec, edge.path, specs),
    });
    CachedFunction {
        function: spec.function,
        module: spec.module,
        file: spec.location.file(),
        line: spec.location.line(),
        strategy: spec.strategy,
        template: (!spec.template.is_empty()).then_some(spec.template),
        level: (!spec.template.is_empty() || spec.level.is_some()).then(|| spec.level_in_force()),
        ttl: spec.stores().then_some(spec.ttl),
        negative_ttl: spec.negative_ttl,
        l1_max_lag: spec.l1_max_lag,
        verify_ppm: spec.verify_ppm,
        groups: cache::groups(spec),
        edges: edges.collect(),
        generic: spec.generic,
        value,
        fingerprint: value.map(|value| spec.fingerprint(value.fingerprint())),
    }
}
