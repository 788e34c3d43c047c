//! How results are printed.

use std::fmt::Write;

/// A Markdown table with one name and several figures a row.
#[derive(Clone, Debug)]
pub struct Table {
    title: String,
    columns: Vec<&'static str>,
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    /// An empty one.
    pub fn new(title: impl Into<String>, columns: &[&'static str]) -> Self {
        Self { title: title.into(), columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row of figures.
    pub fn row(&mut self, name: impl Into<String>, figures: &[f64]) {
        self.words(name, figures.iter().copied().map(figure).collect());
    }

    /// Adds a row of words.
    pub fn words(&mut self, name: impl Into<String>, words: Vec<String>) {
        self.rows.push((name.into(), words));
    }

    /// Prints it on the terminal.
    #[allow(clippy::print_stdout)]
    pub fn print(&self) {
        let mut text = format!("\n### {}\n\n| |", self.title);
        for column in &self.columns {
            let _ = write!(text, " {column} |");
        }
        text.push_str("\n|---|");
        text.push_str(&"--:|".repeat(self.columns.len()));
        for (name, words) in &self.rows {
            let _ = write!(text, "\n| {name} |");
            for word in words {
                let _ = write!(text, " {word} |");
            }
        }
        println!("{text}");
    }
}

/// A number with the digits that mean something.
pub fn figure(number: f64) -> String {
    match number.abs() {
        _ if number.is_nan() => "-".to_owned(),
        0.0 => "0".to_owned(),
        size if size >= 1_000.0 => format!("{number:.0}"),
        size if size >= 100.0 => format!("{number:.1}"),
        size if size >= 0.1 => format!("{number:.2}"),
        _ => format!("{number:.4}"),
    }
}
