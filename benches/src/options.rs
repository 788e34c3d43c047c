//! What was asked for on the command line.

/// `--quick`, and words that choose tables and contenders.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A few seconds, to see whether everything runs; the figures mean little.
    pub quick: bool,
    words: Vec<String>,
}

impl Options {
    /// Reads the command line. Cargo's own `--bench` is left out.
    pub fn from_args() -> Self {
        let (flags, words): (Vec<_>, Vec<_>) =
            std::env::args().skip(1).partition(|word| word.starts_with("--"));
        Self { quick: flags.iter().any(|flag| flag == "--quick"), words }
    }

    /// Whether a table or contender was asked for: no word asks for all.
    pub fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }

    /// One of two numbers.
    pub fn pick<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}
