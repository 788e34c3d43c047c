//! How the shop starts, and how it stops without losing anything.

use std::{fmt, io, net::Ipv4Addr, net::SocketAddr, ops::Deref, time::Duration};

use cache_runtime::{Cache, Queue, RunningFlusher, ShutdownReport};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time};

use crate::{
    config::{Caching, Config, NAMESPACE, Port, Queueing},
    db::Db,
    repository::Repositories,
    web,
};

/// How long open connections may keep a stopping shop waiting.
const LAST_ORDERS: Duration = Duration::from_secs(5);

/// What every request handler gets: the repositories, and what they stand on.
#[derive(Clone, Debug)]
pub struct Shop {
    repositories: Repositories,
    /// The database, which counts its statements.
    pub db: Db,
    /// The cache, which counts its hits.
    pub cache: Cache,
}

impl Deref for Shop {
    type Target = Repositories;

    fn deref(&self) -> &Repositories {
        &self.repositories
    }
}

impl Shop {
    /// Opens the database and the cache, and serves nobody.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        if let Some(folder) = config.database.folder() {
            std::fs::create_dir_all(&folder)
                .map_err(|error| StartError::Folder(folder.display().to_string(), error))?;
        }
        let db = Db::open(&config.database)
            .await
            .map_err(|error| StartError::Database(config.database.to_string(), error))?;
        Self::over(db, config).await
    }

    /// Opens what a shop has left, and creates nothing: for looking at its queue.
    pub async fn look_at(config: &Config) -> Result<Self, StartError> {
        let database = || config.database.to_string();
        if config.queueing == Queueing::Memory {
            return Err(StartError::Unseen);
        }
        if config.database.path().is_some_and(|path| !path.exists()) {
            return Err(StartError::NoDatabase(database()));
        }
        let db = Db::unopened(&config.database).map_err(|error| StartError::Database(database(), error))?;
        if config.queueing == Queueing::Database {
            match db.has_queue().await {
                Ok(true) => {}
                Ok(false) => return Err(StartError::NoQueue(database())),
                Err(error) => return Err(StartError::Database(database(), error)),
            }
        }
        let shop = Self::over(db, config).await?;
        let answers = shop.cache.write_behind().status().await;
        answers.map_err(|error| StartError::Queue(config.caching.to_string(), error))?;
        Ok(shop)
    }

    async fn over(db: Db, config: &Config) -> Result<Self, StartError> {
        let queue = queue(config.queueing, &db);
        let cache = cache(&config.caching, queue).await.map_err(StartError::Cache)?;
        Ok(Self { repositories: Repositories::new(&db, &cache), db, cache })
    }
}

/// One cache for all repositories.
async fn cache(caching: &Caching, queue: Queue) -> cache_runtime::Result<Cache> {
    let builder = Cache::builder().namespace(NAMESPACE).write_behind(queue);
    match caching {
        Caching::Off => Ok(Cache::disabled()),
        Caching::Memory => builder.build().await,
        Caching::Redis { url, namespace } => builder.namespace(namespace).redis(url).build().await,
    }
}

/// Where sessions and view counters wait.
fn queue(queueing: Queueing, db: &Db) -> Queue {
    match queueing {
        Queueing::Database => Queue::sql(db.pool()),
        Queueing::RedisFsync => Queue::redis_fsync(),
        Queueing::Redis => Queue::redis(),
        Queueing::Memory => Queue::memory(),
    }
}

/// A running shop.
#[derive(Debug)]
pub struct App {
    shop: Shop,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
    /// Writes what waits to the database, also what a killed shop has left.
    _flusher: RunningFlusher,
}

impl App {
    /// Opens the database and the cache, and serves on a loopback port until [`App::shutdown`].
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let shop = Shop::open(config).await?;
        let listener = listen(config.port).await.map_err(|error| StartError::Listen(config.port, error))?;
        let address = listener.local_addr().map_err(|error| StartError::Listen(config.port, error))?;
        let (sender, asked_to_stop) = oneshot::channel();
        let Repositories { sessions, views, .. } = shop.repositories.clone();
        let flusher = shop.cache.flusher().serve(sessions).serve(views).spawn();
        let router = web::router(shop.clone());
        let server = tokio::spawn(async move {
            // A dropped sender means the same as a sent message: stop.
            let stopped = async { drop(asked_to_stop.await) };
            axum::serve(listener, router).with_graceful_shutdown(stopped).await
        });
        Ok(Self { shop, address, stop: sender, server, _flusher: flusher })
    }

    /// The address that it serves on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for a browser.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The repositories behind the pages.
    pub const fn shop(&self) -> &Shop {
        &self.shop
    }

    /// Answers what was asked, writes what write-behind still holds, and closes the database; in this order.
    pub async fn shutdown(mut self) -> ShutdownReport {
        let _ = self.stop.send(());
        if time::timeout(LAST_ORDERS, &mut self.server).await.is_err() {
            self.server.abort();
        }
        let report = self.shop.cache.shutdown().await;
        self.shop.db.close().await;
        report
    }
}

async fn listen(port: Port) -> io::Result<TcpListener> {
    match port {
        Port::Exactly(port) => TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await,
        Port::Usual(port) => match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
            }
            bound => bound,
        },
    }
}

/// Why the shop can't open.
#[derive(Debug)]
pub enum StartError {
    /// The folder for the SQLite file can't be made.
    Folder(String, io::Error),
    /// The database can't be reached or set up.
    Database(String, sqlx::Error),
    /// The cache can't be built; that its Redis is down is no reason.
    Cache(cache_runtime::Error),
    /// There is no such SQLite file.
    NoDatabase(String),
    /// The database has no tables of a queue.
    NoQueue(String),
    /// The Redis with the queue doesn't answer.
    Queue(String, cache_runtime::Error),
    /// The queue is inside another process.
    Unseen,
    /// Nobody lets us have this port.
    Listen(Port, io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder, error) => write!(f, "can't create the folder `{folder}`: {error}"),
            Self::Database(url, error) => write!(f, "can't open the database {url}: {error}"),
            Self::Cache(error) => write!(f, "can't build the cache: {error}"),
            Self::NoDatabase(url) => write!(
                f,
                "there is no database {url}; `DATABASE_URL` names that of the shop, or start this where the shop was started"
            ),
            Self::NoQueue(url) => write!(
                f,
                "the database {url} has no queue: no shop has opened one there, or its writes wait elsewhere, which `QUEUE` names"
            ),
            Self::Queue(redis, error) => write!(f, "the queue in {redis} doesn't answer: {error}"),
            Self::Unseen => f.write_str(
                "`QUEUE` is `memory`: what waits there, and what was given up, is known to the shop alone that runs, and gone with it",
            ),
            Self::Listen(Port::Exactly(port) | Port::Usual(port), error) => {
                write!(f, "can't listen on port {port}: {error}")
            }
        }
    }
}

impl std::error::Error for StartError {}
