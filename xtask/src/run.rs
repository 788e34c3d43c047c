//! How a step is run, timed and summed up.

use std::{
    fmt,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// What went wrong, in words for the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs steps one after the other and remembers how long each took.
#[derive(Debug, Default)]
pub(crate) struct Runner {
    done: Vec<(String, Duration, bool)>,
}

impl Runner {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Runs `work` as the step `name`.
    pub(crate) fn step(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        println!("\n==> {name}");
        let begin = Instant::now();
        let ended = work();
        let took = begin.elapsed();
        self.done.push((name.to_owned(), took, ended.is_ok()));
        ended.map_err(|Failure(why)| Failure(format!("step `{name}` failed after {}: {why}", seconds(took))))
    }

    /// Prints what ran, how long it took, and how it ended.
    pub(crate) fn summary(&self) {
        println!("\n==> summary");
        for (name, took, passed) in &self.done {
            let word = if *passed { "ok" } else { "FAILED" };
            println!("{name:<12} {:>9}  {word}", seconds(*took));
        }
        let total = self.done.iter().map(|(_, took, _)| *took).sum();
        println!("{:<12} {:>9}", "total", seconds(total));
    }
}

/// Runs a command with its output on the terminal; a failure quotes the command, to be run again by hand.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command.stdin(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure(format!("`{shown}` ended with {status}"))),
        Err(error) => Err(Failure(format!("`{shown}` could not be run: {error}"))),
    }
}

/// Whether a command runs and succeeds; its output is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

/// A command as one would type it.
fn show(command: &Command) -> String {
    let set = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}={}", name.to_string_lossy(), quoted(&value?.to_string_lossy())))
    });
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    let words = command.get_args().map(|word| quoted(&word.to_string_lossy()));
    set.chain([program]).chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
