//! What was asked for on the command line?

use crate::{
    database::Engine,
    words::{Fault, Fence, Level, list, named, words},
    worker::Bug,
};
use std::{fmt::Write as _, time::Duration};

words! {
    /// Whether Redis remembers anything when it is killed.
    Keeping {
        Memory = "memory",
        /// An append-only file that is on the disk before a reply is sent.
        File = "file",
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) time: Duration,
    pub(crate) workers: u16,
    pub(crate) faults: Vec<Fault>,
    pub(crate) seed: u64,
    pub(crate) levels: Vec<Level>,
    pub(crate) fence: Fence,
    pub(crate) l1: Option<Duration>,
    pub(crate) database: Engine,
    pub(crate) redis: Keeping,
    pub(crate) keys: u16,
    pub(crate) reads: u32,
    pub(crate) writes: u32,
    pub(crate) bug: Option<Bug>,
    pub(crate) patient: bool,
    pub(crate) until_violation: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(60),
            workers: 3,
            faults: Fault::injected().collect(),
            seed: 1,
            levels: Level::ALL.to_vec(),
            fence: Fence::Proceed,
            l1: Some(Duration::from_secs(1)),
            database: Engine::Postgres,
            redis: Keeping::Memory,
            keys: 16,
            reads: 1_000,
            writes: 30,
            bug: None,
            patient: false,
            until_violation: false,
        }
    }
}

impl Options {
    /// Reads the arguments behind the program's name; the error says what is allowed.
    pub(crate) fn parse(args: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let (name, inline) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (arg.as_str(), None),
            };
            match name {
                "--patient" => options.patient = true,
                "--until-violation" => options.until_violation = true,
                name if NAMES.contains(&name) => {
                    let value = inline.or_else(|| args.next().map(String::as_str));
                    let value = value.ok_or_else(|| format!("`{name}` needs a value; see `--help`"))?;
                    options.set(name, value)?;
                }
                _ => {
                    let names = list(NAMES.iter().chain(&["--patient", "--until-violation", "--help"]));
                    return Err(format!("unknown option `{arg}`; expected {names}"));
                }
            }
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "--seconds" => self.time = Duration::from_secs(number(name, value, 1, 86_400)?),
            "--workers" => self.workers = number(name, value, 1, 16)?,
            "--faults" => self.faults = faults(value)?,
            "--seed" => self.seed = number(name, value, 0, u64::MAX)?,
            "--level" => self.levels = levels(value)?,
            "--fence" => self.fence = one(name, value, Fence::ALL)?,
            "--l1" => self.l1 = lag(value)?,
            "--database" => self.database = one(name, value, Engine::ALL)?,
            "--redis" => self.redis = one(name, value, Keeping::ALL)?,
            "--keys" => self.keys = number(name, value, 1, 1_000)?,
            "--reads" => self.reads = number(name, value, 1, 50_000)?,
            "--writes" => self.writes = number(name, value, 1, 5_000)?,
            _ => self.bug = Some(one(name, value, Bug::ALL)?),
        }
        Ok(())
    }
}

const NAMES: &[&str] = &[
    "--seconds",
    "--workers",
    "--faults",
    "--seed",
    "--level",
    "--fence",
    "--l1",
    "--database",
    "--redis",
    "--keys",
    "--reads",
    "--writes",
    "--bug",
];

/// What `--help` prints.
pub(crate) fn help() -> String {
    let mut text = String::from(
        "Runs a fleet of caches on a real Redis and a real database, breaks them, and checks every read.\n\n\
         usage: cache-audit [--seconds 60] [--workers 3] [--faults all] [--seed 1] ..\n\n\
         --seconds N          how long\n\
         --workers N          how many processes; every second one answers from its memory, too\n\
         --faults LIST        `all`, `none`, or some of those below, with commas\n\
         --seed N             the order and length of the faults\n\
         --level LEVEL        `lease`, `strict` or `both`\n\
         --fence ANSWER       `proceed` or `reject`: strict writes that Redis can't be told of\n\
         --l1 off|TIME        how long a worker's memory may answer by itself, such as `1s` or `500ms`\n\
         --database ENGINE    `postgres` or `sqlite`\n\
         --redis KEEPING      `memory`, or `file`: what it was told survives its death\n\
         --keys N             rows per level\n\
         --reads N            reads per second and worker\n\
         --writes N           writes per second and worker\n\
         --bug NAME           plants a bug, which must be found\n\
         --patient            no call to Redis has a short deadline, for busy machines\n\
         --until-violation    ends with the first violation\n\nfaults\n",
    );
    for fault in Fault::injected() {
        let _ = writeln!(text, "  {:<18} {}", fault.word(), fault.meaning());
    }
    text.push_str("\nbugs\n");
    for bug in Bug::ALL {
        let _ = writeln!(text, "  {:<18} {}", bug.word(), bug.meaning());
    }
    text.push_str(
        "\nThe exit code is 0 when every promise held or was broken as the design admits, 1 when one was \
        violated, 2 when the audit could not be made.\n",
    );
    text
}

fn number<N: TryFrom<u64>>(name: &str, value: &str, least: u64, most: u64) -> Result<N, String> {
    let number = value.parse::<u64>().ok().filter(|number| (least..=most).contains(number));
    let number = number.and_then(|number| N::try_from(number).ok());
    number.ok_or_else(|| format!("`{name}` is {value:?}; expected a number from {least} to {most}"))
}

fn one<T: Copy + std::fmt::Display>(name: &str, value: &str, all: &[T]) -> Result<T, String> {
    named(all, value).ok_or_else(|| format!("`{name}` is {value:?}; expected one of {}", list(all)))
}

fn faults(value: &str) -> Result<Vec<Fault>, String> {
    match value {
        "all" => Ok(Fault::injected().collect()),
        "none" => Ok(Vec::new()),
        some => some
            .split(',')
            .map(|word| {
                Fault::injected().find(|fault| fault.word() == word).ok_or_else(|| {
                    let known = list(Fault::injected());
                    format!(
                        "`--faults` has {word:?}; expected `all`, `none`, or some of {known}, with commas"
                    )
                })
            })
            .collect(),
    }
}

fn levels(value: &str) -> Result<Vec<Level>, String> {
    match value {
        "both" => Ok(Level::ALL.to_vec()),
        word => named(Level::ALL, word)
            .map(|level| vec![level])
            .ok_or_else(|| format!("`--level` is {value:?}; expected one of {}, `both`", list(Level::ALL))),
    }
}

/// `off`, `1s`, `500ms`.
fn lag(value: &str) -> Result<Option<Duration>, String> {
    let parse =
        |digits: &str, unit: fn(u64) -> Duration| digits.parse::<u64>().ok().filter(|n| *n > 0).map(unit);
    let lag = match value {
        "off" => return Ok(None),
        _ => match (value.strip_suffix("ms"), value.strip_suffix('s')) {
            (Some(digits), _) => parse(digits, Duration::from_millis),
            (None, Some(digits)) => parse(digits, Duration::from_secs),
            (None, None) => None,
        },
    };
    lag.map(Some)
        .ok_or_else(|| format!("`--l1` is {value:?}; expected `off`, or a time such as `1s` or `500ms`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read_in_both_spellings() {
        let options = parse("--seconds 5 --faults=kill,cut --l1 500ms --bug early-ack --patient").unwrap();
        assert_eq!(options.time, Duration::from_secs(5));
        assert_eq!(options.faults, [Fault::Kill, Fault::Cut]);
        assert_eq!(options.l1, Some(Duration::from_millis(500)));
        assert_eq!(options.bug, Some(Bug::EarlyAck));
        assert!(options.patient);
        assert_eq!(parse("--l1 off --faults none").unwrap().l1, None);
        assert_eq!(parse("").unwrap(), Options::default());
    }

    #[test]
    fn what_can_not_be_is_refused_with_what_can() {
        for (line, expected) in [
            ("--second 5", "`--seconds`"),
            ("--seconds", "needs a value"),
            ("--seconds 0", "from 1 to"),
            ("--workers many", "from 1 to 16"),
            ("--faults kill,fire", "`redis-stop`"),
            ("--faults slow", "`all`"),
            ("--level strictest", "`both`"),
            ("--fence perhaps", "`reject`"),
            ("--l1 1", "`500ms`"),
            ("--database mysql", "`sqlite`"),
            ("--redis disk", "`file`"),
            ("--bug butterfly", "`skip-lease`"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}
