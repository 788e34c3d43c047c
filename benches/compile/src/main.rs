//! What do the attributes cost the compiler, beside the same functions without them and beside those of `cached`?

mod variants;
mod workspace;

// Taken as files, because their package has peers in it that take minutes to build.
#[allow(unreachable_pub)]
#[path = "../../src/foreign.rs"]
mod foreign;
#[allow(unreachable_pub, dead_code)]
#[path = "../../src/stats.rs"]
mod stats;
#[allow(unreachable_pub, dead_code)]
#[path = "../../src/table.rs"]
mod table;

use foreign::{Foreign, children_time};
use stats::{median, quantile};
use std::{env, process::ExitCode, time::Instant};
use table::{Table, figure};
use variants::{ALL, METHODS, Variant};
use workspace::{Failed, Workspace};

const HELP: &str = "\
cargo xtask bench compile -- [options] [variant..]

  --functions N   functions per crate, a multiple of ten (100)
  --rounds N      how often each crate is compiled (9)
  --build         measure `cargo build`, too
  --quick         20 functions, 3 rounds: to see whether it works

Variants are chosen by parts of their names; plain functions and `cached` always run, as what others are compared with.
";

fn main() -> ExitCode {
    match Options::from_words(env::args().skip(1)).and_then(|options| measure(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{failed}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug)]
struct Options {
    functions: usize,
    rounds: usize,
    build: bool,
    words: Vec<String>,
}

impl Options {
    fn from_words(mut given: impl Iterator<Item = String>) -> Result<Self, Failed> {
        let mut options = Self { functions: 100, rounds: 9, build: false, words: Vec::new() };
        while let Some(word) = given.next() {
            let mut number = || -> Result<usize, Failed> {
                Ok(given.next().ok_or_else(|| format!("`{word}` needs a number"))?.parse()?)
            };
            match word.as_str() {
                "--functions" => options.functions = number()?.max(1).next_multiple_of(METHODS),
                "--rounds" => options.rounds = number()?.max(1),
                "--build" => options.build = true,
                "--quick" => (options.functions, options.rounds) = (20, 3),
                flag if flag.starts_with('-') => return Err(HELP.into()),
                _ => options.words.push(word),
            }
        }
        Ok(options)
    }

    fn variants(&self) -> Vec<Variant> {
        let named = |variant: &Variant| {
            self.words.is_empty() || self.words.iter().any(|word| variant.name().contains(word.as_str()))
        };
        let base = |variant: &Variant| ALL.iter().any(|other| named(other) && other.base() == Some(*variant));
        let always = |variant: &Variant| matches!(variant, Variant::Plain | Variant::Cached);
        ALL.iter().copied().filter(|variant| named(variant) || base(variant) || always(variant)).collect()
    }
}

/// What one variant took, a figure a round, in milliseconds.
#[derive(Clone, Debug, Default)]
struct Taken {
    wall: Vec<f64>,
    processor: Vec<f64>,
}

fn measure(options: &Options) -> Result<(), Failed> {
    let variants = options.variants();
    let workspace = Workspace::generate(&variants, options.functions)?;
    let mut commands = vec!["check"];
    if options.build {
        commands.push("build");
    }
    for command in commands {
        for variant in &variants {
            eprint!("\r{command}: dependencies of {:<20}", variant.name());
            workspace.compile(command, *variant)?;
        }
        let foreign = Foreign::default();
        let taken = rounds(options, &variants, |variant| workspace.compile(command, variant))?;
        let title = format!(
            "`cargo {command}` of one crate with {} functions; other programs used {:.0}% of the machine",
            options.functions,
            foreign.percent()
        );
        print_times(title, options, &variants, &taken);
    }
    let texts: Result<Vec<String>, Failed> =
        variants.iter().map(|variant| workspace.expanded(*variant)).collect();
    print_expansions(options, &variants, &texts?);
    Ok(())
}

/// Every variant once a round, and each round begins with another one.
fn rounds(
    options: &Options,
    variants: &[Variant],
    compile: impl Fn(Variant) -> Result<(), Failed>,
) -> Result<Vec<Taken>, Failed> {
    let mut taken = vec![Taken::default(); variants.len()];
    for round in 0..options.rounds {
        eprint!("\rround {}/{} {:<30}", round + 1, options.rounds, "");
        let mut turns: Vec<_> = variants.iter().zip(&mut taken).collect();
        let first = round % turns.len();
        turns.rotate_left(first);
        for (variant, taken) in turns {
            let (begun, used) = (Instant::now(), children_time());
            compile(*variant)?;
            taken.wall.push(begun.elapsed().as_secs_f64() * 1e3);
            taken.processor.push((children_time() - used) * 1e3);
        }
    }
    eprintln!();
    Ok(taken)
}

fn print_times(title: String, options: &Options, variants: &[Variant], taken: &[Taken]) {
    let of = |variant: Variant| {
        variants.iter().zip(taken).find(|(other, _)| **other == variant).map(|(_, taken)| taken)
    };
    let extra = |variant: Variant| {
        let (own, base) = (of(variant)?, of(variant.base()?)?);
        Some((median(&own.wall) - median(&base.wall), median(&own.processor) - median(&base.processor)))
    };
    let columns = [
        "ms",
        "min..max",
        "processor ms",
        "extra ms",
        "extra processor ms",
        "per function",
        "ratio to cached's",
        "processor",
    ];
    let mut table = Table::new(title, &columns);
    let peer = extra(Variant::Cached);
    for (variant, taken) in variants.iter().zip(taken) {
        let mut words = vec![
            figure(median(&taken.wall)),
            format!("{:.0}..{:.0}", quantile(&taken.wall, 0.0), quantile(&taken.wall, 1.0)),
            figure(median(&taken.processor)),
        ];
        words.extend(match (extra(*variant), peer) {
            (Some((wall, processor)), Some((peer_wall, peer_processor))) => [
                wall,
                processor,
                processor / count(options.functions),
                wall / peer_wall,
                processor / peer_processor,
            ]
            .map(figure),
            _ => [f64::NAN; 5].map(figure),
        });
        table.words(variant.title(), words);
    }
    table.print();
}

fn print_expansions(options: &Options, variants: &[Variant], texts: &[String]) {
    let title = format!("Expansion of one crate with {} functions, as `rustc` prints it", options.functions);
    let mut table =
        Table::new(title, &["lines", "KiB", "extra lines per function", "extra bytes per function"]);
    let size = |text: &String| (count(text.lines().count()), count(text.len()));
    for (variant, text) in variants.iter().zip(texts) {
        let (lines, bytes) = size(text);
        let base =
            variant.base().and_then(|base| variants.iter().zip(texts).find(|(other, _)| **other == base));
        let (more_lines, more_bytes) = base.map_or((f64::NAN, f64::NAN), |(_, text)| {
            let (base_lines, base_bytes) = size(text);
            ((lines - base_lines) / count(options.functions), (bytes - base_bytes) / count(options.functions))
        });
        table.row(variant.title(), &[lines, bytes / 1024.0, more_lines, more_bytes]);
    }
    table.print();
}

#[allow(clippy::cast_precision_loss)]
fn count(number: usize) -> f64 {
    number as f64
}
