//! Chores of the workspace: `cargo xtask help` lists them.

mod checks;
mod run;
mod tools;
mod workspace;

use run::{Failure, Runner};
use std::{env, process::ExitCode};

const HELP: &str = "\
cargo xtask <command>

  test [step..]     all checks in order, or only the steps named; stops at the first that fails
  <step>            one step of `test`:
                      tools     find redis-server, postgres and cargo-nextest, install what is missing
                      fmt       formatting
                      clippy    clippy on everything, warnings denied
                      features  cache-runtime with no, each, and all of its features
                      tests     unit, UI, snapshot, property, conformance and shop tests
                      doctest   the examples in the documentation and the README
                      doc       the documentation itself, warnings denied
  bless [filter]    accept what the UI tests and snapshots say now
  bench [name] [-- args]   run all benchmarks, or one; the peers they compare with are built for it
  bench compile [-- args]  what the attributes cost the compiler; not among all benchmarks
  bench --check     only see whether the benchmarks compile
  help              this text

Tests start servers of their own on loopback ports. TEST_REDIS_SERVER (a program) and TEST_POSTGRES_BIN
(a folder of programs) name others than those found. NO_INSTALL=1 keeps `tools` from installing anything.
";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match obey(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn obey(words: &[&str]) -> Result<(), Failure> {
    let mut runner = Runner::new();
    match words {
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        ["test"] => checks::run_steps(&mut runner, checks::STEPS),
        ["test", names @ ..] => {
            let steps: Result<Vec<_>, _> = names.iter().map(|name| step(name)).collect();
            checks::run_steps(&mut runner, &steps?)
        }
        ["bless", filter @ ..] => checks::bless(&mut runner, filter),
        ["bench", rest @ ..] => checks::bench(&mut runner, rest),
        [name] => checks::run_steps(&mut runner, &[step(name)?]),
        [name, ..] => Err(Failure::new(format!("`{name}` takes no arguments; see `cargo xtask help`"))),
    }
}

fn step(name: &str) -> Result<checks::Step, Failure> {
    let found = checks::STEPS.iter().find(|step| step.name == name);
    found.copied().ok_or_else(|| Failure::new(format!("there is no step `{name}`; see `cargo xtask help`")))
}
