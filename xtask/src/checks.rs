//! What `cargo xtask test` checks, in which order, and with which commands.

use crate::{
    run::{Failure, Runner, run},
    tools,
    workspace::{BENCHES, COMPILE_BENCH, RACES, cargo, cargo_everything, features, has_member},
};

/// One check, under the name that the command line knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    work: fn() -> Result<(), Failure>,
}

/// All checks: the quick ones first, and each after what it shares builds with.
pub(crate) const STEPS: &[Step] = &[
    Step { name: "tools", work: tools::ensure },
    Step { name: "fmt", work: fmt },
    Step { name: "clippy", work: clippy },
    Step { name: "features", work: each_feature },
    Step { name: "tests", work: tests },
    Step { name: "doctest", work: doctest },
    Step { name: "doc", work: doc },
];

/// Runs steps until one fails, then sums up.
pub(crate) fn run_steps(runner: &mut Runner, steps: &[Step]) -> Result<(), Failure> {
    let ended = steps.iter().try_for_each(|step| runner.step(step.name, step.work));
    runner.summary();
    ended
}

/// Accepts what the UI tests and snapshots say now.
pub(crate) fn bless(runner: &mut Runner, filter: &[&str]) -> Result<(), Failure> {
    runner.step("bless", || {
        let mut command = cargo(&["test", "-p", "cache-tests", "-p", "cache-macros", "--all-features"]);
        command.args(["--no-fail-fast", "--tests", "--"]).args(filter);
        run(command.env("TRYBUILD", "overwrite").env("UPDATE_EXPECT", "1"))
    })
}

/// Runs the benchmarks, or only compiles them.
pub(crate) fn bench(runner: &mut Runner, words: &[&str]) -> Result<(), Failure> {
    runner.step("bench", || {
        if !has_member(BENCHES)? {
            return Err(Failure::new(format!("the workspace has no member `{BENCHES}`")));
        }
        match words {
            ["--check"] => {
                let both = ["check", "-p", BENCHES, "-p", COMPILE_BENCH, "--all-targets", "--all-features"];
                run(&mut cargo(&both))
            }
            ["compile", rest @ ..] => run(cargo(&["run", "--quiet", "-p", COMPILE_BENCH]).args(rest)),
            [name, rest @ ..] if !name.starts_with('-') => {
                run(cargo(&["bench", "-p", BENCHES, "--all-features", "--bench", name]).args(rest))
            }
            rest => run(cargo(&["bench", "-p", BENCHES, "--all-features"]).args(rest)),
        }
    })
}

fn fmt() -> Result<(), Failure> {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Result<(), Failure> {
    run(cargo_everything(&["clippy"])?.args(["--all-targets", "--", "-D", "warnings"]))
}

/// Clippy rather than `cargo check`, since it can deny warnings without building the dependencies again.
fn each_feature() -> Result<(), Failure> {
    let check = |words: &[&str]| {
        let mut command = cargo(&["clippy", "--quiet", "-p", "cache-runtime", "--lib"]);
        run(command.args(words).args(["--", "-D", "warnings"]))
    };
    check(&["--no-default-features"])?;
    for feature in features("cache-runtime")? {
        check(&["--no-default-features", "--features", &feature])?;
    }
    check(&["--all-features"])
}

fn tests() -> Result<(), Failure> {
    if tools::has_nextest() {
        run(&mut cargo_everything(&["nextest", "run"])?)
    } else {
        println!("cargo-nextest is not here: running the same tests with `cargo test`, without time limits");
        run(cargo_everything(&["test"])?.args(["--lib", "--bins", "--tests"]))
    }
}

fn doctest() -> Result<(), Failure> {
    // `--doc` runs even what a manifest keeps from it: the races copy sources whose examples use the runtime.
    run(cargo_everything(&["test", "--doc"])?.args(["--exclude", RACES]))
}

fn doc() -> Result<(), Failure> {
    run(cargo_everything(&["doc", "--no-deps"])?.env("RUSTDOCFLAGS", "-D warnings"))
}
