//! Where the workspace is, what is in it, and how cargo is called there.

use crate::run::Failure;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The package with the benchmarks: its peers take long to build, so `test` leaves it out.
pub(crate) const BENCHES: &str = "cache-benches";

/// The runtime's own sources once more, under a scheduler of threads.
pub(crate) const RACES: &str = "race-tests";

/// What the attributes cost the compiler: a program, since it measures other processes.
pub(crate) const COMPILE_BENCH: &str = "compile-bench";

pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// `cargo <words>`, to be run at the root.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(words).current_dir(root());
    command
}

/// `cargo <words>` with the one selection that all steps share, so that cargo builds each thing once.
pub(crate) fn cargo_everything(words: &[&str]) -> Result<Command, Failure> {
    let mut command = cargo(words);
    command.args(["--workspace", "--all-features"]);
    // Cargo refuses to exclude what is not there.
    if has_member(BENCHES)? {
        command.args(["--exclude", BENCHES]);
    }
    Ok(command)
}

pub(crate) fn has_member(name: &str) -> Result<bool, Failure> {
    let mut command = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let output =
        command.output().map_err(|error| Failure::new(format!("cargo could not be run: {error}")))?;
    if !output.status.success() {
        return Err(Failure::new(String::from_utf8_lossy(&output.stderr)));
    }
    let metadata = String::from_utf8_lossy(&output.stdout);
    Ok(metadata.contains(&format!("\"name\":\"{name}\",\"version\"")))
}

/// The features that a member's manifest declares, `default` left out.
pub(crate) fn features(member: &str) -> Result<Vec<String>, Failure> {
    let path = root().join(member).join("Cargo.toml");
    let manifest = fs::read_to_string(&path);
    let manifest = manifest.map_err(|error| Failure::new(format!("`{}`: {error}", path.display())))?;
    Ok(features_in(&manifest))
}

fn features_in(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[features]").skip(1);
    let section = lines.take_while(|line| !line.starts_with('['));
    let names = section.filter_map(|line| {
        let (name, value) = line.split_once('=')?;
        value.trim_start().starts_with('[').then(|| name.trim().trim_matches('"').to_owned())
    });
    names.filter(|name| !name.starts_with('#') && name != "default").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_read_from_their_section_only() {
        let manifest = "[package]\nname = \"x\"\n[features]\ndefault = [\"a\"]\na = [\n  \"b\",\n]\n# c = []\nb = []\n\
            [dependencies]\nd = []\n";
        assert_eq!(features_in(manifest), ["a", "b"]);
    }

    #[test]
    fn members_of_the_workspace_are_known() {
        assert!(has_member("xtask").is_ok_and(|found| found));
        assert!(has_member("no-such-member").is_ok_and(|found| !found));
    }
}
