//! Is one mistake one error also where the compiler works incrementally, as in every ordinary debug build?
//!
//! The UI suite compiles without it, and there the compiler drops what it has said word by word before; here it doesn't.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Mistakes that the compiler finds.
const MISTAKES: &[&str] = &[
    "behind/argument_not_serializable",
    "behind/batch_not_serializable",
    "behind/batch_of_another_struct",
    "behind/batch_without_the_tuple",
    "behind/body_is_not_send",
    "behind/repository_not_clone",
    "behind/upcast_of_another_type",
    "behind/value_not_serializable",
    "conditions/ttl_closure_not_a_duration",
    "conditions/unless_not_a_condition",
    "consistency/not_a_transaction",
    "consistency/reject_without_an_error_for_it",
    "consistency/version_not_a_number",
    "strategy/db_without_its_feature",
    "strategy/error_without_from",
    "strategy/repository_not_clone",
    "strategy/timeout_without_an_error_for_it",
    "types/batch_of_no_map",
    "types/elements_that_are_no_key_parts",
    "types/map_with_values_that_are_not_serializable",
    "types/not_a_key_part",
    "types/value_not_clone",
    "types/value_not_send",
    "types/value_not_serializable",
    "types/value_not_serializable_in_a_repository",
];

/// What the UI suite, which has the feature, can't hear.
const WITHOUT_SQLX: &str = "strategy/db_without_its_feature";
const NO_FEATURE: &str = "`db` needs the feature `sqlx` of `cache-runtime`";

#[test]
fn one_mistake_is_one_error_in_incremental_builds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("once");
    let mut modules = String::new();
    for (mistake, number) in MISTAKES.iter().zip(0..) {
        let path = root.join("ui/fail").join(mistake).with_extension("rs");
        let _ = writeln!(modules, "#[path = {path:?}]\nmod mistake{number};");
    }
    let runtime = root.join("../cache-runtime");
    let manifest = format!(
        "[package]\nname = \"once\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\ncache-runtime = {{ path = {runtime:?} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n"
    );
    fs::create_dir_all(package.join("src")).expect("a folder");
    fs::write(package.join("src/lib.rs"), modules).expect("the modules");
    fs::write(package.join("Cargo.toml"), manifest).expect("the manifest");
    fs::copy(root.join("../Cargo.lock"), package.join("Cargo.lock")).expect("the versions of the workspace");
    let checked = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--message-format=short", "--target-dir", "target"])
        .current_dir(&package)
        .env("CARGO_INCREMENTAL", "1")
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&checked.stderr);
    let mut wrong = String::new();
    for mistake in MISTAKES {
        let errors =
            said.lines().filter(|line| line.contains(&format!("{mistake}.rs:")) && line.contains("error"));
        let errors: Vec<&str> = errors.collect();
        if errors.len() != 1 {
            let _ = writeln!(wrong, "{mistake}: {} errors", errors.len());
        }
        if *mistake == WITHOUT_SQLX && !errors.iter().any(|said| said.contains(NO_FEATURE)) {
            let _ = writeln!(wrong, "{mistake}: {errors:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{said}");
}
