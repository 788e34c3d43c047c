//! How the harness is started; `docs/kills.md` says what it is for.

mod check;
mod clock;
mod database;
mod disk;
mod fleet;
mod ledger;
mod options;
mod report;
mod round;
mod run;
mod servers;
mod words;
mod worker;

use options::Options;
use std::process::ExitCode;
use worker::Orders;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some((first, rest)) = args.split_first()
        && first == worker::WORKER
    {
        return work(rest);
    }
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{}", options::help());
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(&args) {
        Ok(options) => options,
        Err(error) => return fail(&error),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run::run(&options))) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => fail(&error.to_string()),
    }
}

fn work(args: &[String]) -> ExitCode {
    let Some(orders) = Orders::from_args(args) else {
        return fail("`worker` is what the harness calls itself; see `--help`");
    };
    match worker::run(&orders) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("a worker could not work: {error}")),
    }
}

fn fail(error: &str) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(2)
}
