//! Does the documentation say what the code says?
#![allow(missing_docs)]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// README.md, and everything in docs/ and beside it that is written in Markdown.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "examples/shop/README.md"]
        .map(|page| root().join(page))
        .into();
    for folder in ["docs", "docs/decisions"] {
        let entries = fs::read_dir(root().join(folder)).expect("the folder is in the repository");
        let files = entries.map(|entry| entry.expect("a readable folder").path());
        pages.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    }
    pages
}

#[test]
fn option_table_of_the_readme_is_that_of_the_macros() {
    let readme = read("README.md");
    assert!(
        readme.contains(&read("cache-macros/src/options.md")),
        "copy cache-macros/src/options.md into README.md"
    );
}

#[test]
fn every_counted_event_is_documented() {
    let counters = read("cache-runtime/src/observe/counters.rs");
    let metrics = read("docs/metrics.md");
    let (_, table) = counters.split_once("const ALL").expect("the table of counters");
    let (table, _) = table.split_once("];").expect("the end of the table");
    let events: Vec<&str> = table.split('"').skip(1).step_by(2).collect();
    assert!(events.len() > 20, "{events:?}");
    for event in events {
        assert!(metrics.contains(&format!("| `{event}` |")), "docs/metrics.md lacks `{event}`");
    }
}

#[test]
fn every_dependency_has_its_sentence() {
    let sentences = read("docs/decisions/0002-dependencies.md");
    for package in [
        "audit",
        "benches",
        "benches/compile",
        "cache-macros",
        "cache-runtime",
        "examples/shop",
        "tests",
        "tests/behaviour",
        "tests/kills",
        "tests/model",
        "tests/races",
        "tests/servers",
        "xtask",
    ] {
        let mut listed = false;
        for line in read(&format!("{package}/Cargo.toml")).lines() {
            if line.starts_with('[') {
                listed = line.contains("dependencies");
            } else if let Some((name, _)) =
                line.split_once(['=', '.']).filter(|_| listed && !line.starts_with(['#', ' ']))
            {
                assert!(sentences.contains(&format!("`{}`", name.trim())), "{package} depends on {name}");
            }
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(&page).expect("the page was just listed");
        let folder = page.parent().expect("a page lies in a folder");
        for target in
            text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
        {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            if path.contains("://") {
                continue;
            }
            let file = if path.is_empty() { page.clone() } else { folder.join(path) };
            assert!(file.exists(), "{}: {target}", page.display());
            if !anchor.is_empty() {
                let linked = fs::read_to_string(&file).expect("a linked page");
                let found = linked
                    .lines()
                    .filter_map(|line| line.strip_prefix('#'))
                    .any(|heading| slug(heading) == anchor);
                assert!(found, "{}: {target}", page.display());
            }
        }
    }
}

/// A heading as links name it.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    words
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn the_annotated_expansion_is_the_real_one() {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let real = bare(&read("cache-macros/src/tests/expected/repository_reader.rs"));
    let page = read("docs/expansion.md");
    let mut lines = 0;
    for block in page.split("```rust,ignore\n").skip(1) {
        let (block, _) = block.split_once("```").expect("a closed block");
        for line in block.lines().map(|line| line.replace("P::", "::cache_runtime::__private::")) {
            if !line.trim().is_empty() && !line.trim_start().starts_with("// ") {
                assert!(real.contains(&bare(&line)), "not in the expansion: {line}");
                lines += 1;
            }
        }
    }
    assert!(lines > 30);
}

#[test]
fn tests_named_in_the_pages_are_there() {
    let mut sources = String::new();
    // The folder `tests` holds packages too, `tests/races` among them.
    let mut folders: Vec<PathBuf> = ["audit", "cache-macros", "cache-runtime", "examples", "tests"]
        .map(|folder| root().join(folder))
        .into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the repository") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                sources += &fs::read_to_string(&path).expect("a source file");
            }
        }
    }
    for page in pages() {
        let text = fs::read_to_string(&page).expect("the page was just listed");
        for name in text.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() >= 4) {
            if name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
                assert!(sources.contains(&format!("fn {name}(")), "{}: no test `{name}`", page.display());
            }
        }
    }
}
