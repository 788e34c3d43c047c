//! How tests get a real Redis of their own, and how they hurt it.

use crate::{
    error::StartError,
    home::Home,
    port::Port,
    process::{Process, blocking},
    programs,
    wire::{ask, redis_process},
};
use rustix::process::Signal;
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

/// How long a server may take to answer, an append-only file's loading included.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often another port is tried.
const TRIES: u32 = 5;

/// A Redis server that belongs to one test.
///
/// It listens on `127.0.0.1` on a port the operating system chose, keeps nothing on disk unless asked, and
/// ends when this value is dropped. When the test panics, the end of its log is printed.
#[derive(Debug)]
pub struct Redis {
    server: Arc<Server>,
}

/// When a Redis with an append-only file brings it to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fsync {
    /// Before every reply.
    Always,
    /// Once a second.
    EverySecond,
    /// When the operating system likes.
    Never,
}

/// Settings for a [`Redis`] that differ from a bare cache's.
#[derive(Debug, Default, Clone)]
#[must_use]
pub struct RedisBuilder {
    settings: Vec<(String, String)>,
    environment: Vec<(String, String)>,
}

#[derive(Debug)]
struct Server {
    process: Process,
    port: Port,
    program: PathBuf,
    settings: Vec<(String, String)>,
    environment: Vec<(String, String)>,
}

impl Redis {
    /// Starts a server without persistence.
    ///
    /// # Panics
    ///
    /// When the server does not start; the message says what to install, or shows the server's log.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Starts a server without persistence, or says why it does not start.
    pub async fn try_start() -> Result<Self, StartError> {
        Self::builder().try_start().await
    }

    /// A server with settings of its own.
    pub fn builder() -> RedisBuilder {
        RedisBuilder::default()
    }

    /// `redis://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("redis://{}", self.addr())
    }

    /// Where the server listens.
    pub fn addr(&self) -> SocketAddr {
        self.server.port.addr()
    }

    /// The port the server listens on; it stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.server.port.number()
    }

    /// The server's process id, or `None` while it is stopped or killed.
    pub fn pid(&self) -> Option<u32> {
        self.server.process.pid()
    }

    /// The folder with the server's log and, if it keeps any, its data.
    pub fn dir(&self) -> &Path {
        self.server.process.home().path()
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        self.server.process.log()
    }

    /// Sends one command, such as `FLUSHALL` or `CONFIG SET maxmemory 1mb`, over a connection of its own, and returns the answer as
    /// text. Waits for a second at most, and needs no runtime.
    ///
    /// # Errors
    ///
    /// When the server does not answer; what it answers, also with an error, is the text.
    pub fn ask(&self, command: &str) -> io::Result<String> {
        ask(self.addr(), command)
    }

    /// Kills the server (`SIGKILL`) and returns when it is gone; its port then refuses connections.
    pub fn kill9(&self) {
        self.server.process.kill();
    }

    /// Shuts the server down in good order (`SIGTERM`) and returns when it is gone.
    pub fn stop(&self) {
        self.server.process.end(Signal::TERM, Duration::from_secs(10));
    }

    /// Freezes the server (`SIGSTOP`): connections stay open and new ones are accepted by the system, but
    /// nothing is answered until [`resume`](Self::resume).
    pub fn pause(&self) {
        self.server.process.pause();
    }

    /// Lets a paused server go on (`SIGCONT`); what it was sent meanwhile is answered now.
    pub fn resume(&self) {
        self.server.process.signal(Signal::CONT);
    }

    /// Starts the server again on its port, in its folder; one that still runs is killed first.
    ///
    /// # Panics
    ///
    /// When the server does not start.
    pub async fn restart_on_same_port(&self) {
        let server = Arc::clone(&self.server);
        if let Err(error) = blocking(move || server.run()).await {
            panic!("{error}");
        }
    }
}

impl RedisBuilder {
    /// Adds a line of `redis.conf`, such as `arg("maxmemory", "1mb")`.
    pub fn arg(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Sets a variable in the server's environment.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Keeps an append-only file, which survives [`Redis::restart_on_same_port`].
    pub fn appendonly(self, fsync: Fsync) -> Self {
        let fsync = match fsync {
            Fsync::Always => "always",
            Fsync::EverySecond => "everysec",
            Fsync::Never => "no",
        };
        self.arg("appendonly", "yes").arg("appendfsync", fsync)
    }

    /// Starts the server.
    ///
    /// # Panics
    ///
    /// When the server does not start; the message says what to install, or shows the server's log.
    pub async fn start(self) -> Redis {
        match self.try_start().await {
            Ok(redis) => redis,
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts the server, or says why it does not start.
    pub async fn try_start(self) -> Result<Redis, StartError> {
        blocking(move || self.launch()).await
    }

    fn launch(self) -> Result<Redis, StartError> {
        let program = programs::redis_server()?;
        let mut tries = 1;
        loop {
            let server = Server {
                process: Process::new("redis-server", Home::new(None, "KILL")?),
                port: Port::reserve().map_err(StartError::io("get a loopback port"))?,
                program: program.clone(),
                settings: self.settings.clone(),
                environment: self.environment.clone(),
            };
            match server.run() {
                Ok(()) => return Ok(Redis { server: Arc::new(server) }),
                // Somebody else may have been quicker on that port.
                Err(StartError::Exited { ref log, .. }) if log.contains("in use") && tries < TRIES => {
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Server {
    /// Starts the process and waits until the server that answers on our port is the one we started.
    fn run(&self) -> Result<(), StartError> {
        let mut command = Command::new(&self.program);
        command.args(["--port", &self.port.number().to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", ""]);
        command.arg("--dir").arg(self.process.home().path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        for (name, value) in &self.settings {
            command.arg(format!("--{name}")).arg(value);
        }
        let pid = self.process.spawn(&mut command, None)?;
        let ours = || matches!(redis_process(self.port.addr()), Ok(Some(answering)) if answering == pid);
        self.process.wait_until(PATIENCE, ours)
    }
}
