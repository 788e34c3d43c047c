//! What was asked for on the command line?

use crate::words::{Engine, Fault, Function, Point, QueueKind};
use std::fmt::{Display, Write as _};
use test_servers::Fsync;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Rounds altogether, over all queues, databases and faults.
    pub(crate) rounds: u32,
    pub(crate) queues: Vec<QueueKind>,
    pub(crate) databases: Vec<Engine>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) workers: usize,
    pub(crate) seed: u64,
    /// Redis' disk is slow, and Redis is killed; when it brings its file there.
    pub(crate) slow_fsync: Option<Fsync>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rounds: 300,
            queues: vec![QueueKind::RedisFsync, QueueKind::Sql],
            databases: Engine::ALL.to_vec(),
            faults: Fault::ALL.to_vec(),
            workers: 3,
            seed: 1,
            slow_fsync: None,
        }
    }
}

impl Options {
    /// Reads the command line, in the spellings `--name value` and `--name=value`.
    pub(crate) fn parse(args: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut args = args.iter().map(String::as_str);
        while let Some(arg) = args.next() {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (arg, None),
            };
            match name {
                "--everysec-slow-fsync" => {
                    options.slow_fsync = Some(Fsync::EverySecond);
                    continue;
                }
                "--always-slow-fsync" => {
                    options.slow_fsync = Some(Fsync::Always);
                    continue;
                }
                _ => {}
            }
            let value = || value.or_else(|| args.next()).ok_or_else(|| format!("`{name}` needs a value"));
            options.take(name, value)?;
        }
        Ok(options)
    }

    fn take<'v>(
        &mut self,
        name: &str,
        value: impl FnOnce() -> Result<&'v str, String>,
    ) -> Result<(), String> {
        match name {
            "--rounds" => self.rounds = number(name, value()?, 1_000_000)?,
            "--workers" => self.workers = number(name, value()?, 16)?,
            "--seed" => self.seed = number(name, value()?, u64::MAX)?,
            "--queue" => self.queues = some(name, value()?, QueueKind::named, QueueKind::ALL)?,
            "--database" => self.databases = some(name, value()?, Engine::named, Engine::ALL)?,
            "--faults" => self.faults = some(name, value()?, Fault::named, Fault::ALL)?,
            _ => return Err(format!("`{name}` is not an option; see `--help`")),
        }
        Ok(())
    }
}

/// What `--help` prints.
pub(crate) fn help() -> String {
    let mut text = String::from(
        "Kills, stops and cuts off what write-behind consists of, and looks for acknowledged writes that are gone.\n\n\
         usage: cache-kills [--rounds 300] [--queue redis_fsync,sql] [--database sqlite,postgres] [--seed 1] ..\n\n\
         --rounds N             how many rounds, over all queues, databases and faults\n\
         --queue LIST           which queues, or `all`\n\
         --database LIST        which databases, or `all`\n\
         --faults LIST          which faults, or `all`\n\
         --workers N            how many processes write and flush\n\
         --seed N               the order and moments of the faults\n\
         --everysec-slow-fsync  Redis with `appendfsync everysec` on a slow disk is killed, while nobody flushes\n\
         --always-slow-fsync    the same with `appendfsync always`\n",
    );
    list(&mut text, "queues", QueueKind::ALL.iter().map(|one| (one.word(), one.meaning())));
    list(&mut text, "databases", Engine::ALL.iter().map(|one| (one.word(), one.meaning())));
    list(&mut text, "faults", Fault::ALL.iter().map(|one| (one.word(), one.meaning())));
    list(&mut text, "points", Point::ALL.iter().map(|one| (one.word(), one.meaning())));
    list(&mut text, "functions", Function::ALL.iter().map(|one| (one.word(), one.meaning())));
    text.push_str(
        "\nThe exit code is 0 when every promise was kept, 1 when one was not, also where the queue says so, 2 when the rounds could not be run.\n",
    );
    text
}

fn list<'t>(text: &mut String, title: &str, all: impl Iterator<Item = (&'t str, &'t str)>) {
    let _ = writeln!(text, "\n{title}");
    for (word, meaning) in all {
        let _ = writeln!(text, "  {word:<18} {meaning}");
    }
}

fn number<N: TryFrom<u64>>(name: &str, value: &str, most: u64) -> Result<N, String> {
    let number = value.parse::<u64>().ok().filter(|number| (1..=most).contains(number));
    let number = number.and_then(|number| N::try_from(number).ok());
    number.ok_or_else(|| format!("`{name}` is {value:?}; expected a number from 1 to {most}"))
}

fn some<T: Copy + Display>(
    name: &str,
    value: &str,
    named: impl Fn(&str) -> Option<T>,
    all: &[T],
) -> Result<Vec<T>, String> {
    if value == "all" {
        return Ok(all.to_vec());
    }
    let one = |word: &str| {
        named(word).ok_or_else(|| {
            let known: Vec<String> = all.iter().map(T::to_string).collect();
            format!("`{name}` has {word:?}; expected `all`, or some of {}, with commas", known.join(", "))
        })
    };
    value.split(',').map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read_in_both_spellings() {
        let options = parse("--rounds 5 --queue=sql,memory --database sqlite --faults kill,calm").unwrap();
        assert_eq!(
            (options.rounds, options.queues.as_slice()),
            (5, &[QueueKind::Sql, QueueKind::Memory][..])
        );
        assert_eq!(
            (options.databases, options.faults),
            (vec![Engine::Sqlite], vec![Fault::Kill, Fault::Calm])
        );
        assert_eq!(parse("").unwrap(), Options::default());
    }

    #[test]
    fn what_can_not_be_is_refused_with_what_can() {
        for (line, expected) in [
            ("--round 5", "`--round`"),
            ("--rounds", "value"),
            ("--queue disk", "redis_fsync"),
            ("--seed x", "from 1"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}
