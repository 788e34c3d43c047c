//! What the environment says about the database, the cache and the port.

use std::{
    env, fmt,
    path::{Path, PathBuf},
};

use crate::db::Engine;

/// What the shop's keys in Redis begin with.
pub const NAMESPACE: &str = "shop";

/// The port to try when `PORT` isn't set.
const USUAL_PORT: u16 = 3000;

/// Everything the shop needs to know before it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the catalogue is.
    pub database: DatabaseUrl,
    /// Where cached values are.
    pub caching: Caching,
    /// Where writes wait that the database gets later.
    pub queueing: Queueing,
    /// Which loopback port to listen on.
    pub port: Port,
}

/// Where cached values are; it prints without the password.
#[derive(Clone, PartialEq, Eq)]
pub enum Caching {
    /// Nowhere: every call reaches the database.
    Off,
    /// In this process.
    Memory,
    /// In this process, and in a Redis that several instances share.
    Redis {
        /// Such as `redis://127.0.0.1:6379`.
        url: String,
        /// What its keys begin with, so that others can use the same server.
        namespace: String,
    },
}

impl fmt::Display for Caching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Memory => f.write_str("in memory"),
            Self::Redis { url, namespace } => write!(f, "{} as `{namespace}`", without_password(url)),
        }
    }
}

impl fmt::Debug for Caching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Caching({self})")
    }
}

/// Where sessions and view counters wait until they are flushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Queueing {
    /// In a table of the shop's own database: nothing else is needed, and a killed shop loses nothing.
    #[default]
    Database,
    /// In the Redis of the cache, which acknowledges what it has on its disk.
    RedisFsync,
    /// In the Redis of the cache, which acknowledges what it has received.
    Redis,
    /// In this process: a killed shop loses what it has not flushed.
    Memory,
}

impl Queueing {
    const NAMES: [(&'static str, Self); 4] = [
        ("database", Self::Database),
        ("redis_fsync", Self::RedisFsync),
        ("redis", Self::Redis),
        ("memory", Self::Memory),
    ];

    /// Whether the writes wait in the Redis of the cache.
    pub const fn is_in_redis(self) -> bool {
        matches!(self, Self::RedisFsync | Self::Redis)
    }

    fn parse(name: &str) -> Result<Self, ConfigError> {
        let known = Self::NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, queueing)| *queueing).ok_or_else(|| {
            ConfigError(format!(
                "`QUEUE` must be `database`, `redis_fsync`, `redis` or `memory`, not `{name}`"
            ))
        })
    }
}

impl fmt::Display for Queueing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, queueing)| queueing == self).map_or("", |(name, _)| name);
        f.write_str(name)
    }
}

/// Which loopback port to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// This one if it is free, else any.
    Usual(u16),
    /// This one or none; 0 is any.
    Exactly(u16),
}

/// What is wrong with the environment.
#[derive(Debug)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the environment, and for what isn't there a `.env` file in this folder or above it.
    pub fn from_env() -> Result<Self, ConfigError> {
        let file = dotenv_file()?;
        let lookup = |name: &str| {
            let from_file = || file.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            env::var(name).ok().or_else(from_file).filter(|value| !value.is_empty())
        };
        Self::from_lookup(lookup)
    }

    /// Reads variables from wherever `lookup` finds them.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let database = match lookup("DATABASE_URL") {
            Some(url) => DatabaseUrl::parse(&url)?,
            None => DatabaseUrl::default(),
        };
        let caching = match lookup("REDIS_URL") {
            Some(url) if url.starts_with("redis://") => {
                Caching::Redis { url, namespace: NAMESPACE.to_owned() }
            }
            Some(_) => return Err(ConfigError("`REDIS_URL` must begin with `redis://`".into())),
            None => Caching::Memory,
        };
        let queueing = lookup("QUEUE").map_or(Ok(Queueing::default()), |name| Queueing::parse(&name))?;
        if queueing.is_in_redis() && !matches!(caching, Caching::Redis { .. }) {
            return Err(ConfigError(format!(
                "`QUEUE` is `{queueing}`, which needs a Redis: name it in `REDIS_URL`"
            )));
        }
        let port = match lookup("PORT") {
            Some(port) => Port::Exactly(port.parse().map_err(|_| {
                ConfigError(format!("`PORT` must be a number from 0 to 65535, not `{port}`"))
            })?),
            None => Port::Usual(USUAL_PORT),
        };
        Ok(Self { database, caching, queueing, port })
    }
}

fn dotenv_file() -> Result<Vec<(String, String)>, ConfigError> {
    match dotenvy::dotenv_iter() {
        Ok(lines) => lines
            .collect::<Result<_, _>>()
            .map_err(|error| ConfigError(format!("`.env` can't be read: {error}"))),
        Err(error) if error.not_found() => Ok(Vec::new()),
        Err(error) => Err(ConfigError(format!("`.env` can't be read: {error}"))),
    }
}

/// An address of a database the shop can use; it prints without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    url: String,
    engine: Engine,
}

impl Default for DatabaseUrl {
    /// A file below the working folder, so that the catalogue is still there tomorrow.
    fn default() -> Self {
        Self::file(&Path::new("shop-data").join("shop.db"))
    }
}

impl DatabaseUrl {
    /// Checks that the address names SQLite or PostgreSQL.
    pub fn parse(url: &str) -> Result<Self, ConfigError> {
        let engine = match url.split_once(':') {
            Some(("sqlite", _)) => Engine::Sqlite,
            Some(("postgres" | "postgresql", _)) => Engine::Postgres,
            _ => {
                return Err(ConfigError(
                    "`DATABASE_URL` must begin with `sqlite://` or `postgres://`".into(),
                ));
            }
        };
        if engine == Engine::Sqlite && url.contains(":memory:") {
            return Err(ConfigError(
                "`DATABASE_URL` must name a file: each connection would have its own `:memory:`".into(),
            ));
        }
        // An SQLite file that isn't there yet is created, unless the address says otherwise.
        let url = if engine == Engine::Sqlite && !url.contains('?') {
            format!("{url}?mode=rwc")
        } else {
            url.to_owned()
        };
        Ok(Self { url, engine })
    }

    /// An SQLite file.
    pub fn file(path: &Path) -> Self {
        // The path stands in a URL: what has a meaning there is escaped.
        let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        Self { url: format!("sqlite:{path}?mode=rwc"), engine: Engine::Sqlite }
    }

    /// Which database it is.
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// The address as the driver wants it, password included.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The SQLite file.
    pub fn path(&self) -> Option<PathBuf> {
        let path = self.url.strip_prefix("sqlite:").filter(|_| self.engine == Engine::Sqlite)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next()?.replace("%23", "#").replace("%3F", "?").replace("%25", "%");
        Some(path.into())
    }

    /// The folder it is in.
    pub fn folder(&self) -> Option<PathBuf> {
        self.path()?.parent().map(Into::into)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(self.url.split('?').next().unwrap_or_default()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// `postgres://shop:secret@host/db` as `postgres://shop@host/db`.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            format!("{scheme}://{}@{host}{path}", user.split(':').next().unwrap_or_default())
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_means_a_file_and_memory() {
        let config = config(&[]).expect("the defaults are valid");
        assert_eq!(config.database.to_string(), "sqlite:shop-data/shop.db");
        assert_eq!(config.database.folder(), Some("shop-data".into()));
        assert_eq!((config.caching, config.port), (Caching::Memory, Port::Usual(3000)));
        assert_eq!(config.queueing, Queueing::Database);
    }

    #[test]
    fn servers_are_taken_from_their_addresses() {
        let config = config(&[
            ("DATABASE_URL", "postgres://shop:secret@db:5432/shop"),
            ("REDIS_URL", "redis://cache"),
            ("QUEUE", "redis_fsync"),
            ("PORT", "0"),
        ])
        .expect("these are valid");
        assert_eq!(config.database.engine(), Engine::Postgres);
        assert_eq!(config.caching, Caching::Redis { url: "redis://cache".into(), namespace: "shop".into() });
        assert_eq!((config.queueing, config.port), (Queueing::RedisFsync, Port::Exactly(0)));
        assert_eq!(config.queueing.to_string(), "redis_fsync");
    }

    #[test]
    fn passwords_are_not_printed() {
        let config = config(&[
            ("DATABASE_URL", "postgres://shop:secret@db:5432/shop"),
            ("REDIS_URL", "redis://:secret@cache"),
        ])
        .expect("these are valid");
        assert!(!format!("{config:?} {}", config.database).contains("secret"));
        assert_eq!(config.database.to_string(), "postgres://shop@db:5432/shop");
        assert_eq!(without_password("redis://:secret@cache:6379"), "redis://@cache:6379");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (name, value) in [
            ("DATABASE_URL", "mysql://db"),
            ("DATABASE_URL", "shop.db"),
            ("DATABASE_URL", "sqlite::memory:"),
            ("REDIS_URL", "localhost:6379"),
            ("QUEUE", "disk"),
            ("QUEUE", "redis"),
            ("QUEUE", "redis_fsync"),
            ("PORT", "http"),
            ("PORT", "70000"),
        ] {
            let error = config(&[(name, value)]).expect_err(value).to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
