//! What the program can be asked to do.

use std::{
    error::Error,
    fmt,
    io::{self, Write as _},
};

use tokio::signal;

use crate::{App, Config, keys, letters, load};

const USAGE: &str = "\
usage: shop                        serve on http://127.0.0.1:3000, or another port if that one is taken
       shop load [options]         drive traffic at a shop of its own, with the cache and without, and compare
       shop key <text>             the key that an entry such as `product:42` has in Redis
       shop inventory [--dot]      every cached function and what it invalidates, as a table or as a graph for Graphviz
       shop dead-letters [list]    the writes that were acknowledged and that the database refuses
       shop dead-letters show|replay|discard <id>
       shop dead-letters replay|discard --all
       shop help                   this text

options of load:
       --requests N                requests to send with the cache, and an eighth of them without it (default 40000)
       --seconds N                 how long to send with the cache, and as long without it, instead of --requests
       --concurrency N             visitors at a time, 1 to 256 (default 16)
       --mix default|reads|writes  what they do (default: default)

environment, also from a `.env` file:
       DATABASE_URL                sqlite://path or postgres://user:password@host/database (default: shop-data/shop.db)
       REDIS_URL                   redis://host:port, to share the cache between instances (default: in memory)
       QUEUE                       where sessions and view counters wait for the database: database, redis_fsync, redis
                                   (both in the Redis above) or memory (default: database)
       PORT                        the port to serve on; 0 is any";

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Serve,
    Load(load::Options),
    Key(String),
    Inventory(Form),
    DeadLetters(letters::Task),
    Help,
}

/// How the inventory is printed.
#[derive(Debug, PartialEq, Eq)]
enum Form {
    Table,
    Graph,
}

/// Arguments that make no sense, and why.
#[derive(Debug, PartialEq, Eq)]
struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{USAGE}", self.0)
    }
}

impl Error for UsageError {}

/// Does what the arguments ask for.
pub async fn run(arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error + Send + Sync>> {
    match parse(arguments)? {
        Command::Serve => serve().await,
        Command::Load(options) => load::run(options).await,
        Command::Key(text) => key(&text).await,
        Command::Inventory(form) => Ok(inventory(&form)?),
        Command::DeadLetters(task) => letters::run(&task).await,
        Command::Help => {
            println!("{USAGE}");
            Ok(())
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let command = match arguments.next().as_deref() {
        None => Command::Serve,
        Some("load") => return parse_load(arguments).map(Command::Load),
        Some("key") => Command::Key(
            arguments.next().ok_or_else(|| UsageError("`key` needs a text, such as `product:42`".into()))?,
        ),
        Some("inventory") => match arguments.next().as_deref() {
            None => return Ok(Command::Inventory(Form::Table)),
            Some("--dot") => Command::Inventory(Form::Graph),
            Some(other) => return Err(UsageError(format!("`inventory` has no option `{other}`"))),
        },
        Some("dead-letters") => {
            let words: Vec<String> = arguments.by_ref().collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            Command::DeadLetters(letters::Task::parse(&words).map_err(UsageError)?)
        }
        Some("help" | "--help" | "-h") => Command::Help,
        Some(other) => return Err(UsageError(format!("there is no command `{other}`"))),
    };
    match arguments.next() {
        None => Ok(command),
        Some(extra) => Err(UsageError(format!("`{extra}` is one argument too many"))),
    }
}

fn parse_load(mut arguments: impl Iterator<Item = String>) -> Result<load::Options, UsageError> {
    let mut options = load::Options::default();
    while let Some(option) = arguments.next() {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (option, None),
        };
        if !["--requests", "--seconds", "--concurrency", "--mix"].contains(&name.as_str()) {
            return Err(UsageError(format!("`load` has no option `{name}`")));
        }
        let value = value
            .or_else(|| arguments.next())
            .ok_or_else(|| UsageError(format!("`{name}` needs a value")))?;
        let number = |most: u64| match value.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            Ok(_) | Err(_) => {
                Err(UsageError(format!("`{name}` must be a number from 1 to {most}, not `{value}`")))
            }
        };
        match name.as_str() {
            "--requests" => options.until = load::Until::Requests(number(100_000_000)?),
            "--seconds" => options.until = load::Until::Seconds(number(86_400)?),
            "--concurrency" => options.concurrency = number(256)?,
            _ => options.mix = value.parse().map_err(UsageError)?,
        }
    }
    Ok(options)
}

async fn serve() -> Result<(), Box<dyn Error + Send + Sync>> {
    // What the cache has to say: a flush that fails, a dead letter. An application with a log of its own hears it there.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(io::stderr)
        .init();
    let config = Config::from_env()?;
    println!("database: {}", config.database);
    println!("cache:    {}", config.caching);
    println!("queue:    {}", config.queueing);
    let app = App::start(&config).await?;
    let asked_to_stop = asked_to_stop()?;
    println!("serving:  {} (Ctrl-C stops)", app.url());
    asked_to_stop.await;
    println!("stopping: writing what is still pending");
    let report = app.shutdown().await;
    match report.unwritten {
        0 => Ok(()),
        left => Err(format!("{left} sessions and view counters did not reach the database yet").into()),
    }
}

/// Ends with Ctrl-C, or with what a service manager sends. From this call on they no longer kill the process.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    use signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends with Ctrl-C.
#[cfg(not(unix))]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    // If the system can't tell us about Ctrl-C, it still ends the process.
    Ok(async { drop(signal::ctrl_c().await) })
}

async fn key(text: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let key = keys::physical(text).await?;
    println!(
        "{}",
        key.ok_or_else(|| format!("`{text}` is no key of the shop; its keys are {}", keys::EXAMPLES))?
    );
    Ok(())
}

/// Prints it. Whoever reads it through a pipe may stop before the end.
fn inventory(form: &Form) -> io::Result<()> {
    let inventory = cache_runtime::inventory();
    let text = match form {
        Form::Table => inventory.to_string(),
        Form::Graph => inventory.to_dot(),
    };
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, UsageError> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn commands_are_understood() {
        assert_eq!(parsed(""), Ok(Command::Serve));
        assert_eq!(parsed("help"), Ok(Command::Help));
        assert_eq!(parsed("key product:42"), Ok(Command::Key("product:42".into())));
        assert_eq!(parsed("dead-letters"), Ok(Command::DeadLetters(letters::Task::List)));
        assert_eq!(
            parsed("dead-letters replay 7-1"),
            Ok(Command::DeadLetters(letters::Task::Replay(Some("7-1".into()))))
        );
        assert_eq!(
            parsed("dead-letters discard --all"),
            Ok(Command::DeadLetters(letters::Task::Discard(None)))
        );
        assert_eq!(parsed("inventory"), Ok(Command::Inventory(Form::Table)));
        assert_eq!(parsed("inventory --dot"), Ok(Command::Inventory(Form::Graph)));
        let options = load::Options { until: load::Until::Seconds(3), concurrency: 4, mix: load::Mix::Reads };
        assert_eq!(parsed("load --seconds 3 --concurrency=4 --mix reads"), Ok(Command::Load(options)));
    }

    #[test]
    fn nonsense_is_refused_with_the_usage() {
        for line in [
            "serve",
            "key",
            "key a b",
            "help me",
            "inventory --svg",
            "inventory --dot 1",
            "load 5",
            "load --requests",
            "load --requests many",
            "load --requests 0",
            "load --concurrency 1000",
            "load --mix odd",
            "load --speed 5",
            "dead-letters bury",
            "dead-letters replay",
            "dead-letters list all",
        ] {
            let error = parsed(line).expect_err(line).to_string();
            assert!(error.contains("usage: shop"), "{error}");
        }
    }
}
