//! Who makes the connection, verifies what is behind it, and looks after it?
//!
//! The connection's driver runs beside the callers when they have a multi-threaded runtime: waking another thread twice
//! costs a lone caller nearly half of its speed. It holds no timers, so nothing there fires under a paused clock. When
//! that runtime ends the keeper connects again on its own.

use super::{
    arguments::touch,
    durability::{Durability, DurabilityFacts, DurabilityLevel, SETTINGS, is_first_rewrite, refusal},
    error::{is_full, no_replica},
    link::State,
    names::FORMAT,
    options::RedisOptions,
    scripts::SCRIPTS,
};
use crate::store::Partition;
use redis::{AsyncConnectionConfig, Cmd, RedisError, RedisResult, Value, aio::MultiplexedConnection};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
    task::JoinHandle,
    time,
};

/// Commands that wait for their turn on the wire before callers have to wait to hand theirs in.
const PIPELINE: usize = 1024;
/// How often Redis is asked again for its durability while that isn't enough.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// The task that owns the connection.
pub(super) struct Keeper {
    pub(super) options: RedisOptions,
    /// The runtime of the callers, as long as it lives.
    pub(super) beside: Option<Handle>,
    pub(super) state: watch::Sender<State>,
    pub(super) found: watch::Sender<Durability>,
    /// Redis had no append-only file when it was asked: one that is turned on then takes a while to hold everything.
    pub(super) turned_off: bool,
    pub(super) doubt: Arc<Notify>,
    /// What a queue needs that was refused.
    pub(super) wants: watch::Receiver<Option<DurabilityLevel>>,
}

/// Why a connection was not made.
enum Failure {
    Link(RedisError),
    Namespace(String),
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        Self::Link(error)
    }
}

impl Keeper {
    pub(super) async fn run(mut self) {
        let mut pause = self.options.retry_first;
        loop {
            match self.connect().await {
                Ok(mut connection) => {
                    pause = self.options.retry_first;
                    self.state.send_replace(State::Up(connection.clone()));
                    let error = self.stay(&mut connection).await;
                    tracing::debug!(namespace = self.options.keys.namespace(), %error, "the connection to redis is lost");
                    self.found.send_replace(Durability::Unverified);
                    self.state.send_replace(State::Connecting);
                    continue;
                }
                Err(Failure::Link(error)) => {
                    tracing::debug!(namespace = self.options.keys.namespace(), %error, "redis is out of reach");
                    self.state.send_replace(State::Down(Arc::new(error)));
                }
                Err(Failure::Namespace(reason)) => {
                    tracing::warn!(
                        namespace = self.options.keys.namespace(),
                        reason,
                        "the namespace is refused"
                    );
                    self.state.send_replace(State::Refused(reason.into()));
                }
            }
            time::sleep(pause.mul_f64(0.75 + 0.5 * fastrand::f64())).await;
            pause = (pause * 2).min(self.options.retry_last);
        }
    }

    async fn connect(&mut self) -> Result<MultiplexedConnection, Failure> {
        let mut connection = self.dial().await?;
        // A server that accepts and then falls silent would hold up the verification for ever.
        in_time(self.options.connect_timeout, self.verify(&mut connection)).await?;
        Ok(connection)
    }

    /// Connects on the runtime that is to drive the connection; only the keeper's own clock limits the time.
    async fn dial(&mut self) -> RedisResult<MultiplexedConnection> {
        loop {
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(None)
                .set_response_timeout(None)
                .set_pipeline_buffer_size(PIPELINE);
            let client = self.options.client.clone();
            let dialling = async move { client.get_multiplexed_async_connection_with_config(&config).await };
            let driver = self.beside.clone().unwrap_or_else(Handle::current);
            let mut dialling = AbortOnDrop(driver.spawn(dialling));
            match time::timeout(self.options.connect_timeout, &mut dialling.0).await {
                Ok(Ok(connected)) => return connected,
                Ok(Err(_)) if self.beside.take().is_some() => {}
                Ok(Err(_)) | Err(_) => return Err(timed_out()),
            }
        }
    }

    /// Loads the scripts, compares what the namespace was made with, and gives each partition its epoch.
    async fn verify(&mut self, connection: &mut MultiplexedConnection) -> Result<(), Failure> {
        self.ask_role(connection).await?;
        let mut load = redis::pipe();
        for script in SCRIPTS.all() {
            load.add_command(script.load());
        }
        load.query_async::<Vec<Value>>(connection).await?;

        let meta = self.options.keys.meta();
        let (format, partitions) = (FORMAT, Partition::COUNT.to_string());
        let recorded: [Option<String>; 2] =
            redis::cmd("HMGET").arg(&meta).arg("format").arg("partitions").query_async(connection).await?;
        match recorded {
            [None, None] => {
                let mut record = redis::cmd("HSET");
                record.arg(&meta).arg("format").arg(format).arg("partitions").arg(&partitions);
                match record.query_async::<Value>(connection).await {
                    Ok(_) => {}
                    // Nothing is recorded, so nothing differs; the next connection tries again.
                    Err(error) if is_full(&error) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            [Some(f), Some(p)] if f == format && p == partitions => {}
            [f, p] => {
                let or_none = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
                let (f, p) = (or_none(f), or_none(p));
                return Err(Failure::Namespace(format!(
                    "the namespace was made with format {f} and {p} partitions, this release has format {format} and {partitions}"
                )));
            }
        }

        let mut all = redis::pipe();
        for partition in Partition::all() {
            all.add_command(touch(&self.options.keys, partition, None));
        }
        all.query_async::<Vec<Value>>(connection).await?;
        Ok(self.ask_durability(connection).await?)
    }

    /// How safely Redis keeps what it acknowledges. Managed servers forbid the question.
    async fn ask_durability(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let mut config = redis::cmd("CONFIG");
        config.arg("GET").arg(&SETTINGS);
        let answer = self.ask(connection, &config).await?;
        let facts = answer.and_then(|answer| redis::from_redis_value(answer).ok());
        let mut facts = facts.and_then(|config| DurabilityFacts::read(&config));
        if let Some(facts) = facts.as_mut().filter(|facts| facts.appendonly) {
            let persistence = self.ask(connection, redis::cmd("INFO").arg("persistence")).await?;
            let persistence = persistence.and_then(|answer| redis::from_redis_value::<String>(answer).ok());
            // Who may not ask has to believe the configuration.
            facts.first_rewrite = persistence.is_some_and(|said| is_first_rewrite(&said, self.turned_off));
        }
        self.turned_off = facts.as_ref().is_some_and(|facts| !facts.appendonly || facts.first_rewrite);
        let found = facts.map_or(Durability::Forbidden, Durability::Known);
        if *self.found.borrow() == found {
            return Ok(());
        }
        if let Durability::Known(facts) = &found
            && facts.evicts_anything()
        {
            tracing::warn!(
                namespace = self.options.keys.namespace(),
                policy = facts.maxmemory_policy,
                "redis may evict announcements of writes, and readers may then see a new value, then an old one; use `volatile-lru` or `noeviction`"
            );
        }
        self.found.send_replace(found);
        Ok(())
    }

    /// Returns when the connection is dead: closed, or silent for too long.
    async fn stay(&mut self, connection: &mut MultiplexedConnection) -> RedisError {
        let (mut swept, mut asked) = (Instant::now(), Instant::now());
        let end = NotifyOnDrop(self.doubt.clone());
        let _end_of_the_driver = self.beside.as_ref().map(|runtime| {
            AbortOnDrop(runtime.spawn(async move {
                let _end = end;
                std::future::pending::<()>().await;
            }))
        });
        loop {
            let wanted_again = wanted_again(self.wants.clone(), self.found.subscribe(), asked);
            tokio::select! {
                () = time::sleep(self.options.ping_every) => {}
                () = self.doubt.notified() => {}
                () = wanted_again => {
                    asked = Instant::now();
                    if let Err(error) = self.ask_durability(connection).await {
                        return error;
                    }
                }
            }
            if let Err(error) = self.ask_role(connection).await {
                return error;
            }
            if swept.elapsed() >= self.options.sweep_every {
                swept = Instant::now();
                for partition in Partition::all() {
                    let sweep = {
                        let keys = &self.options.keys;
                        SCRIPTS.sweep.call(&[keys.holds(partition), keys.tokens(partition)])
                    };
                    if let Err(error) = self.ask(connection, &sweep).await {
                        return error;
                    }
                }
            }
        }
    }

    /// Whether it lives, and is still the primary.
    async fn ask_role(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let role = self.ask(connection, &redis::cmd("ROLE")).await?;
        role.map_or(Ok(()), |role| no_replica(&role))
    }

    /// An answer of any kind is a sign of life.
    async fn ask(&self, connection: &mut MultiplexedConnection, cmd: &Cmd) -> RedisResult<Option<Value>> {
        match time::timeout(self.options.ping_timeout, connection.send_packed_command(cmd)).await {
            Ok(Err(error)) if error.is_unrecoverable_error() => Err(error),
            Ok(answer) => Ok(answer.ok()),
            Err(_) => Err(timed_out()),
        }
    }
}

/// Returns when Redis should be asked for its durability again.
async fn wanted_again(
    mut wants: watch::Receiver<Option<DurabilityLevel>>,
    found: watch::Receiver<Durability>,
    asked: Instant,
) {
    let lacks = |level: &Option<DurabilityLevel>| {
        level.is_some_and(|level| refusal(level, &found.borrow()).is_some())
    };
    if wants.wait_for(lacks).await.is_err() {
        // Nobody is left who could want it.
        std::future::pending::<()>().await;
    }
    time::sleep(ASK_AGAIN.saturating_sub(asked.elapsed())).await;
}

/// Nothing waits without an end for a server that has fallen silent.
pub(super) async fn in_time<T, E: From<RedisError>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    time::timeout(limit, work).await.unwrap_or_else(|_| Err(timed_out().into()))
}

fn timed_out() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Dropped together with the runtime that it lives on.
struct NotifyOnDrop(Arc<Notify>);

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}
