//! Do mistakes get their messages, and do all the places where attributes may stand compile?
//!
//! `TRYBUILD=overwrite cargo test -p cache-tests --test ui` writes the messages anew; read them before committing.
//! `cargo test -p cache-tests --test ui -- every_mistake trybuild=unknown_placeholder` runs the cases of that name.

use std::{fs, path::PathBuf};

/// Said only where the feature `sqlx` is off, as in `once.rs`, which hears it.
const WITHOUT_SQLX: &str = "db_without_its_feature.rs";

#[test]
fn every_mistake_has_its_message() {
    let cases = trybuild::TestCases::new();
    for topic in inside("ui/fail") {
        for case in inside(topic) {
            let is_case = case.extension().is_some_and(|end| end == "rs");
            if is_case && case.file_name().is_some_and(|name| name != WITHOUT_SQLX) {
                cases.compile_fail(case);
            }
        }
    }
}

#[test]
fn every_place_for_an_attribute_compiles() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
}

fn inside(folder: impl Into<PathBuf>) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.into()).expect("the suite is beside this file");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
