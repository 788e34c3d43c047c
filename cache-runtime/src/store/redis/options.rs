//! Where Redis is and how the link to it behaves.

use super::names::{NamespaceError, PhysicalKeys};
use redis::{Client, RedisError};
use std::{fmt, sync::Arc, time::Duration};

/// Where Redis is, the namespace in it, and how patient the link is.
///
/// ```
/// use cache_runtime::store::RedisOptions;
/// use std::time::Duration;
///
/// let options = RedisOptions::new("redis://127.0.0.1:6379", "shop").unwrap().connect_timeout(Duration::from_millis(300));
/// # drop(options);
/// ```
#[derive(Clone, Debug)]
pub struct RedisOptions {
    pub(super) client: Client,
    pub(super) keys: Arc<PhysicalKeys>,
    pub(super) connect_timeout: Duration,
    pub(super) ping_every: Duration,
    pub(super) ping_timeout: Duration,
    pub(super) retry_first: Duration,
    pub(super) retry_last: Duration,
    pub(super) sweep_every: Duration,
    pub(super) foreign_writes: bool,
}

impl RedisOptions {
    /// Redis at this address, such as `redis://user:password@host:6379/0`; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// When the address can't be understood, or the namespace can't be used; see [`PhysicalKeys::new`].
    pub fn new(url: &str, namespace: &str) -> Result<Self, RedisConfigError> {
        Ok(Self {
            client: Client::open(url).map_err(RedisConfigError::Address)?,
            keys: Arc::new(PhysicalKeys::new(namespace).map_err(RedisConfigError::Namespace)?),
            connect_timeout: Duration::from_secs(1),
            ping_every: Duration::from_secs(1),
            ping_timeout: Duration::from_secs(2),
            retry_first: Duration::from_millis(50),
            retry_last: Duration::from_secs(1),
            sweep_every: Duration::from_mins(1),
            foreign_writes: false,
        })
    }

    /// How long one attempt to connect may take; 1 s.
    #[must_use]
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// How often an idle link is tried, and how long a silent one is trusted; 1 s and 2 s.
    #[must_use]
    pub fn ping(mut self, every: Duration, timeout: Duration) -> Self {
        self.ping_every = every;
        self.ping_timeout = timeout;
        self
    }

    /// Also hears of what others than this library do to the entries of the namespace: `DEL`, `SET`, `FLUSHALL` from `redis-cli` or another service.
    ///
    /// Redis then tells every process that follows of every key of the namespace that is written, and that includes every fill of every process, this one's too: what a
    /// process has just stored it keeps in its memory only once it reads it again.
    #[must_use]
    pub fn track_foreign_writes(mut self) -> Self {
        self.foreign_writes = true;
        self
    }

    /// The pause after the first failed attempt to connect, which doubles up to the last; 50 ms and 1 s, jittered.
    #[must_use]
    pub fn retry(mut self, first: Duration, last: Duration) -> Self {
        self.retry_first = first;
        self.retry_last = last;
        self
    }
}

/// Why there can be no [`RedisStore`](super::RedisStore) with these options.
#[derive(Debug)]
#[non_exhaustive]
pub enum RedisConfigError {
    /// The address can't be understood.
    Address(RedisError),
    /// The namespace can't be used.
    Namespace(NamespaceError),
}

impl fmt::Display for RedisConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The address may hold a password: the error of the client doesn't repeat it.
            Self::Address(_) => f.write_str("the address of Redis can't be understood"),
            Self::Namespace(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RedisConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Address(error) => Some(error),
            Self::Namespace(_) => None,
        }
    }
}
