//! What the shop caches, and who invalidates whom, as files that show in review.
//!
//! `UPDATE_EXPECT=1 cargo test -p shop` writes them anew.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use crate::TestResult;

fn printed(arguments: &[&str]) -> TestResult<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_shop")).args(arguments).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn check(arguments: &[&str], file: &str) -> TestResult {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shop/expected").join(file);
    let now = printed(arguments)?;
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &now)?;
    }
    assert_eq!(fs::read_to_string(&path)?, now, "{} says otherwise", path.display());
    Ok(())
}

#[test]
fn the_table_is_the_one_that_was_reviewed() -> TestResult {
    check(&["inventory"], "inventory.txt")
}

#[test]
fn the_graph_is_the_one_that_was_reviewed() -> TestResult {
    check(&["inventory", "--dot"], "inventory.dot")
}

/// Graphviz needn't be installed: every line is one of four statements, braces close, and arrows join nodes that are there.
#[test]
fn the_graph_is_well_formed() -> TestResult {
    let dot = printed(&["inventory", "--dot"])?;
    let (mut depth, mut nodes, mut arrows) = (0_i32, BTreeSet::new(), Vec::new());
    for line in dot.lines().map(str::trim) {
        let unescaped = line.replace("\\\\", "").replace("\\\"", "");
        assert_eq!(unescaped.matches('"').count() % 2, 0, "an open string: {line}");
        if line.ends_with('{') {
            depth += 1;
        } else if line == "}" {
            depth -= 1;
        } else {
            let statement = line.strip_suffix(';').unwrap_or_else(|| panic!("no statement: {line}"));
            let head = statement.split(" [").next().unwrap_or(statement);
            match head.split_once(" -> ") {
                Some(arrow) => arrows.push(arrow),
                None if !head.contains('=') && !["node", "edge"].contains(&head) => {
                    assert!(nodes.insert(head), "twice: {line}");
                }
                None => {}
            }
        }
        assert!(depth >= 0, "{line}");
    }
    assert_eq!(depth, 0);
    assert!(nodes.len() > 10 && arrows.len() > 10, "{dot}");
    for (from, to) in arrows {
        assert!(nodes.contains(from) && nodes.contains(to), "{from} -> {to}");
    }
    Ok(())
}

#[test]
fn nothing_in_the_shop_is_in_conflict() {
    assert_eq!(cache_runtime::inventory().conflicts(), [""; 0]);
}
