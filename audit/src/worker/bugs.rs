//! Mistakes that a cache can make, planted on purpose: a checker that doesn't find them finds nothing.

use crate::words::words;
use cache_runtime::store::{EntryKey, Fill, PhysicalKeys, RedisStore, Store as _, Target};
use redis::{Client, aio::MultiplexedConnection};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::OnceCell;

words! {
    /// The bugs that can be planted.
    Bug {
        SkipLease = "skip-lease",
        DropInvalidation = "drop-invalidation",
        EarlyAck = "early-ack",
        LateFill = "late-fill",
        SkipIntent = "skip-intent",
    }
}

impl Bug {
    /// What goes wrong.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::SkipLease => {
                "a value that was refused, because a write had come in between, is stored all the same"
            }
            Self::DropInvalidation => "every fifth invalidation is lost, and taken for done",
            Self::EarlyAck => "writes are acknowledged before their invalidation is carried out, 30 ms later",
            Self::SkipIntent => "strict writes are not announced, and taken for announced",
            Self::LateFill => {
                "every value is stored a second time, 50 ms later, as a delayed copy of the command would"
            }
        }
    }
}

/// The bug at work.
pub(crate) struct Spoiler {
    bug: Bug,
    keys: PhysicalKeys,
    client: Client,
    /// Past all scripts; made when first needed.
    connection: Arc<OnceCell<MultiplexedConnection>>,
    count: AtomicU64,
}

impl Spoiler {
    pub(crate) fn new(bug: Bug, client: Client, keys: PhysicalKeys) -> Self {
        Self { bug, keys, client, connection: Arc::default(), count: AtomicU64::new(0) }
    }

    pub(crate) fn bug(&self) -> Bug {
        self.bug
    }

    /// Whether this one is lost.
    pub(crate) fn loses(&self) -> bool {
        self.count.fetch_add(1, Ordering::Relaxed) % 5 == 4
    }

    /// A plain `SET`, whatever has happened since the value was loaded.
    pub(crate) async fn set(&self, key: &EntryKey, fill: &Fill) {
        let command = self.command(key, fill);
        send(&self.client, &self.connection, &command).await;
    }

    /// The same after a while.
    pub(crate) fn set_later(&self, key: &EntryKey, fill: &Fill) {
        let command = self.command(key, fill);
        let (client, connection) = (self.client.clone(), self.connection.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            send(&client, &connection, &command).await;
        });
    }

    /// An invalidation that comes too late.
    pub(crate) fn invalidate_later(
        &self,
        redis: Arc<RedisStore>,
        targets: Vec<Target>,
        hold: Option<Duration>,
    ) {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let _ = redis.invalidate(&targets, hold).await;
        });
    }

    fn command(&self, key: &EntryKey, fill: &Fill) -> redis::Cmd {
        let mut set = redis::cmd("SET");
        set.arg(self.keys.data(&key.text, key.partition, key.fingerprint)).arg(&*fill.entry);
        if let Some(ttl) = fill.ttl {
            set.arg("PX").arg(u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
        }
        set
    }
}

async fn send(client: &Client, connection: &OnceCell<MultiplexedConnection>, command: &redis::Cmd) {
    let connect = || client.get_multiplexed_async_connection();
    if let Ok(connection) = connection.get_or_try_init(connect).await {
        // A bug that doesn't get through does no harm.
        let _: redis::RedisResult<()> = command.query_async(&mut connection.clone()).await;
    }
}

impl fmt::Debug for Spoiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Spoiler").field(&self.bug).finish()
    }
}
