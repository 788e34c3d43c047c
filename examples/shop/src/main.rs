//! The program: arguments in, exit code out.

use std::{env, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    match shop::cli::run(env::args().skip(1)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: {error}");
            ExitCode::FAILURE
        }
    }
}
