//! The servers of a run: the database, and Redis where the queue is there.

use crate::{
    database,
    disk::Disk,
    words::{Engine, QueueKind},
    worker::Orders,
};
use sqlx::AnyPool;
use std::{
    error::Error,
    fs,
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};
use test_servers::{Fsync, Postgres, Proxy, Redis};

/// How long Redis takes no writes at most before it is killed.
const PAUSE: Duration = Duration::from_secs(20);

/// The database under the workers, ended when dropped.
#[derive(Debug)]
enum Database {
    Postgres(Box<Postgres>),
    Sqlite(PathBuf),
}

/// What runs beside the workers.
#[derive(Debug)]
pub(crate) struct Servers {
    database: Database,
    pub(crate) redis: Option<Redis>,
    /// The disk of Redis, if it can be made slow.
    pub(crate) disk: Option<Disk>,
    pub(crate) db: AnyPool,
}

impl Servers {
    /// Starts what the queue and the database need, with empty tables.
    pub(crate) async fn start(queue: QueueKind, engine: Engine) -> Result<Self, Box<dyn Error>> {
        let redis = match queue {
            QueueKind::RedisFsync => Some(Redis::builder().appendonly(Fsync::Always).try_start().await?),
            QueueKind::Redis => Some(Redis::builder().appendonly(Fsync::EverySecond).try_start().await?),
            QueueKind::Sql | QueueKind::Memory => None,
        };
        Self::with_redis(redis, None, engine).await
    }

    /// The same with a Redis whose disk can be made slow.
    pub(crate) async fn with_disk(disk: Disk, fsync: Fsync) -> Result<Self, Box<dyn Error>> {
        let redis = Redis::builder().appendonly(fsync);
        let redis = disk.environment().into_iter().fold(redis, |redis, (name, value)| redis.env(name, value));
        Self::with_redis(Some(redis.try_start().await?), Some(disk), Engine::Sqlite).await
    }

    async fn with_redis(
        redis: Option<Redis>,
        disk: Option<Disk>,
        engine: Engine,
    ) -> Result<Self, Box<dyn Error>> {
        let database = Database::start(engine).await?;
        let db = database::open(&database.url(), 3)?;
        database::create(&db, engine).await?;
        Ok(Self { database, redis, disk, db })
    }

    /// The database server, if it is one.
    pub(crate) fn postgres(&self) -> Option<&Postgres> {
        match &self.database {
            Database::Postgres(server) => Some(server),
            Database::Sqlite(_) => None,
        }
    }

    /// Lets no more writes in, and returns when the system has all that Redis has acknowledged: under `everysec` it answers before it writes for as
    /// long as the last second's fsync takes, on any disk, and that would be gone with it.
    pub(crate) async fn redis_has_written(&self) -> Result<(), Box<dyn Error>> {
        let Some(redis) = &self.redis else { return Ok(()) };
        redis.ask(&format!("CLIENT PAUSE {} WRITE", PAUSE.as_millis()))?;
        let end = Instant::now() + PAUSE / 2;
        loop {
            let persistence = redis.ask("INFO persistence")?;
            if ["aof_buffer_length:0", "aof_pending_bio_fsync:0"]
                .iter()
                .all(|line| persistence.lines().any(|l| l == *line))
            {
                return Ok(());
            }
            if Instant::now() > end {
                return Err("Redis has not written its append-only file in time".into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub(crate) fn queue_addr(&self, queue: QueueKind) -> Option<SocketAddr> {
        match queue {
            QueueKind::RedisFsync | QueueKind::Redis => self.redis.as_ref().map(Redis::addr),
            QueueKind::Sql => self.data_addr(),
            QueueKind::Memory => None,
        }
    }

    pub(crate) fn data_addr(&self) -> Option<SocketAddr> {
        self.postgres().map(Postgres::addr)
    }

    /// Writes the addresses into a worker's orders, by way of proxies where there are any.
    pub(crate) fn address(&self, orders: &mut Orders, queue: Option<&Proxy>, data: Option<&Proxy>) {
        let through = |proxy: Option<&Proxy>| match (proxy, self.postgres()) {
            (Some(proxy), Some(_)) => proxy.postgres_url("postgres"),
            _ => self.database.url(),
        };
        orders.database = through(data);
        orders.queue_database = through(queue.filter(|_| orders.queue == QueueKind::Sql));
        if let Some(redis) = &self.redis {
            orders.redis = queue.map_or_else(|| redis.url(), Proxy::url);
        }
    }
}

impl Database {
    async fn start(engine: Engine) -> Result<Self, Box<dyn Error>> {
        match engine {
            Engine::Postgres => {
                let server = Postgres::builder().setting("max_connections", "200");
                Ok(Self::Postgres(Box::new(server.try_start().await?)))
            }
            Engine::Sqlite => {
                let folder = format!("cache-kills-{}-{:x}", std::process::id(), fastrand::u64(..));
                let folder = std::env::temp_dir().join(folder);
                fs::create_dir_all(&folder)?;
                Ok(Self::Sqlite(folder))
            }
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Postgres(server) => server.url(),
            Self::Sqlite(folder) => format!("sqlite://{}/rows.db?mode=rwc", folder.display()),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Sqlite(folder) = self {
            let _ = fs::remove_dir_all(folder);
        }
    }
}
