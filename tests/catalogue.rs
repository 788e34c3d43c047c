//! Is every mistake of the UI suite explained, fixed, and in `docs/errors.md`?
//!
//! A case `ui/fail/<topic>/<mistake>.rs` begins with `//!` lines that say why it is a mistake. Its twin `ui/fixed/<topic>/<mistake>.rs` is the same
//! program, mended by what the message says and nothing else; all twins are compiled by `fixed.rs`. The page is made of both:
//! `UPDATE_EXPECT=1 cargo test -p cache-tests --test catalogue` rewrites it, and the list of twins.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// One mistake.
struct Case {
    topic: String,
    name: String,
    source: String,
    said: String,
}

impl Case {
    fn is_single(&self) -> bool {
        !self.name.starts_with("several_")
    }

    fn path(&self) -> String {
        format!("ui/fail/{}/{}.rs", self.topic, self.name)
    }

    fn twin(&self) -> Option<String> {
        fs::read_to_string(root().join(format!("ui/fixed/{}/{}.rs", self.topic, self.name))).ok()
    }

    /// The `//!` lines at the top.
    fn cause(&self) -> Vec<&str> {
        let lines = self.source.lines().take_while(|line| line.starts_with("//!"));
        lines.map(|line| line.trim_start_matches("//!").trim()).collect()
    }

    /// What is wrong, and the lines that help.
    fn message(&self) -> (String, Vec<String>) {
        let mut lines = self.said.lines();
        let first = lines.next().unwrap_or_default();
        let message = first.split_once(": ").map_or(first, |(_, message)| message).to_owned();
        let said = lines.map(|line| line.trim().trim_start_matches("= ").to_owned());
        let ours = |line: &String| line.starts_with("help: ") || line.starts_with("note: ");
        let compilers = |line: &String| {
            [
                "required by",
                "required for",
                "this error originates",
                "the trait",
                "the following other",
                "consider",
                "you can",
                "  expected",
                "expected",
            ]
            .iter()
            .any(|start| line.split_once(": ").is_some_and(|(_, text)| text.starts_with(start)))
        };
        (message, said.filter(|line| ours(line) && !compilers(line)).collect())
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for topic in entries(&root().join("ui/fail")) {
        for path in entries(&topic).into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"))
        {
            let said = fs::read_to_string(path.with_extension("stderr")).unwrap_or_default();
            cases.push(Case {
                topic: name(&topic),
                name: name(&path),
                source: fs::read_to_string(&path).expect("a case is text"),
                said,
            });
        }
    }
    cases
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Compares a file with what it should be, or rewrites it.
fn expect(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, text).expect("the file can be written");
        return;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(found == text, "{} is out of date: UPDATE_EXPECT=1 rewrites it", path.display());
}

#[test]
fn every_mistake_says_why_it_is_one() {
    let mut silent = String::new();
    for case in cases().iter().filter(|case| case.is_single()) {
        if case.cause().iter().all(|line| line.is_empty()) {
            let _ = writeln!(silent, "{}", case.path());
        }
    }
    assert!(silent.is_empty(), "these begin without `//!`:\n{silent}");
}

#[test]
fn every_mistake_has_a_twin_without_it() {
    let mut alone = String::new();
    for case in cases().iter().filter(|case| case.is_single()) {
        match case.twin() {
            Some(twin) if twin != case.source => {}
            Some(_) => drop(writeln!(alone, "{} is the same in ui/fixed", case.path())),
            None => drop(writeln!(alone, "{} has no twin in ui/fixed", case.path())),
        }
    }
    assert!(alone.is_empty(), "{alone}");
}

#[test]
fn twins_are_listed_for_the_compiler() {
    let mut topics: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in cases().iter().filter(|case| case.twin().is_some()) {
        topics.entry(case.topic.clone()).or_default().push(case.name.clone());
    }
    let mut list = String::from("//! Every mistake, mended: this list is made by `catalogue.rs`.\n");
    for (topic, names) in topics {
        let _ = write!(list, "\nmod {topic} {{\n");
        for name in names {
            let _ = writeln!(list, "    mod {name};");
        }
        list.push_str("}\n");
    }
    expect(&root().join("ui/fixed/mod.rs"), &list);
}

#[test]
fn there_are_enough_mistakes_and_every_topic_has_several_at_once() {
    let cases = cases();
    let single = cases.iter().filter(|case| case.is_single()).count();
    assert!(single >= 250, "{single} single mistakes");
    let mut topics: BTreeMap<&str, usize> = BTreeMap::new();
    for case in &cases {
        *topics.entry(&case.topic).or_default() += usize::from(!case.is_single());
    }
    assert!(topics.values().all(|several| *several > 0), "{topics:?}");
}

#[test]
fn the_page_lists_every_message() {
    expect(&root().join("../docs/errors.md"), &page());
}

fn page() -> String {
    let mut page = String::from(
        "# Errors\n\nEvery message of the attributes: what is wrong, why it is refused, and how it is mended. Each entry is a case of the UI suite, `tests/ui/fail`, and what stands after\n`+` compiles: it is in `tests/ui/fixed`. This page is made from both.\n",
    );
    let mut topic = String::new();
    for case in cases().iter().filter(|case| case.is_single()) {
        if case.topic != topic {
            topic.clone_from(&case.topic);
            let _ = write!(page, "\n## {}\n", title(&topic));
        }
        let (message, helps) = case.message();
        let _ = write!(page, "\n### {message}\n\n");
        let cause = case.cause().join("\n");
        let _ = write!(page, "{cause}\n\n");
        for help in helps {
            let _ = writeln!(page, "* {help}");
        }
        if let Some(twin) = case.twin() {
            let _ = write!(page, "\n```diff\n{}```\n", difference(&code(&case.source), &code(&twin)));
        }
        let _ = write!(page, "\n<sup>`{}/{}`</sup>\n", case.topic, case.name);
    }
    page
}

fn title(topic: &str) -> &str {
    match topic {
        "behind" => "Write-behind: order, `merge`, `deletes`, `upcast`, `flush_before`",
        "conditions" => "Decided call by call: `when`, `unless`, `ttl = expr`, `before`",
        "consistency" => "Consistency: `level`, `on_fence_fail`, `version`, `verify`, transactions",
        "each" => "Batches: `each`",
        "edges" => "Edges: `invalidates`",
        "key" => "Keys",
        "options" => "Options",
        "repository" => "The repository as a whole",
        "signature" => "Signatures",
        "strategy" => "Strategies",
        "ttl" => "Durations",
        "types" => "Types",
        other => other,
    }
}

/// The program without what stands above it for the suite only.
fn code(source: &str) -> Vec<&str> {
    let lines = source.lines().skip_while(|line| line.starts_with("//!") || line.is_empty());
    lines.filter(|line| !line.starts_with("#![allow(")).collect()
}

/// The lines that differ, `-` before and `+` after; the longest common subsequence stays.
fn difference(before: &[&str], after: &[&str]) -> String {
    let mut common = vec![vec![0_usize; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            common[i][j] = if before[i] == after[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut text) = (0, 0, String::new());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            i += 1;
            j += 1;
        } else if j < after.len() && (i == before.len() || common[i][j + 1] > common[i + 1][j]) {
            let _ = writeln!(text, "+{}", after[j]);
            j += 1;
        } else {
            let _ = writeln!(text, "-{}", before[i]);
            i += 1;
        }
    }
    text
}
