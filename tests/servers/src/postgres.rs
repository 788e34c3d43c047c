//! How tests get a real PostgreSQL of their own, and how they hurt it.

use crate::{
    error::StartError,
    home::{Home, Owner},
    port::Port,
    process::{POLL, Process, blocking},
    programs, template,
};
use rustix::process::Signal;
use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// How long a server may take to accept connections, recovery after a crash included.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often another port is tried.
const TRIES: u32 = 5;

/// A PostgreSQL server that belongs to one test.
///
/// It listens on `127.0.0.1` on a port the operating system chose and trusts every local connection; the
/// superuser is `postgres`. It ends when this value is dropped. When the test panics, the end of its log is
/// printed. As root it runs as the user `postgres`, or `nobody`, since it refuses to run as root.
#[derive(Debug)]
pub struct Postgres {
    server: Arc<Server>,
}

/// Settings for a [`Postgres`] that differ from the defaults for tests.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct PostgresBuilder {
    fsync: bool,
    settings: Vec<(String, String)>,
}

#[derive(Debug)]
struct Server {
    process: Process,
    port: Port,
    bin: PathBuf,
    owner: Option<Owner>,
    settings: PostgresBuilder,
}

impl Postgres {
    /// Starts a server with an empty database `postgres`.
    ///
    /// # Panics
    ///
    /// When the server does not start; the message says what to install, or shows the server's log.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Starts a server with an empty database `postgres`, or says why it does not start.
    pub async fn try_start() -> Result<Self, StartError> {
        Self::builder().try_start().await
    }

    /// A server with settings of its own.
    pub fn builder() -> PostgresBuilder {
        PostgresBuilder::default()
    }

    /// `postgres://postgres@127.0.0.1:<port>/postgres`.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// The URL of the database `name`.
    pub fn url_of(&self, name: &str) -> String {
        format!("postgres://postgres@{}/{name}", self.addr())
    }

    /// Where the server listens.
    pub fn addr(&self) -> SocketAddr {
        self.server.port.addr()
    }

    /// The port the server listens on; it stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.server.port.number()
    }

    /// The process id of the server's first process, or `None` while it is stopped or killed.
    pub fn pid(&self) -> Option<u32> {
        self.server.process.pid()
    }

    /// The folder with the server's log and data.
    pub fn dir(&self) -> &Path {
        self.server.process.home().path()
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        self.server.process.log()
    }

    /// Creates an empty database and returns its URL.
    ///
    /// # Panics
    ///
    /// When the database cannot be created, for instance because it exists.
    pub async fn create_database(&self, name: &str) -> String {
        let server = Arc::clone(&self.server);
        let database = name.to_owned();
        if let Err(error) = blocking(move || server.create_database(&database)).await {
            panic!("{error}");
        }
        self.url_of(name)
    }

    /// Kills the server's first process (`SIGKILL`); its connections' processes then end by themselves, and
    /// the next start recovers from the log. What was committed stays, as no machine has failed.
    pub fn kill9(&self) {
        self.server.process.kill();
    }

    /// Shuts the server down in good order, cutting its connections (`SIGINT`), and returns when it is gone.
    pub fn stop(&self) {
        self.server.process.end(Signal::INT, Duration::from_secs(10));
    }

    /// Starts the server again on its port, with its data; one that still runs is stopped first.
    ///
    /// # Panics
    ///
    /// When the server does not start.
    pub async fn restart(&self) {
        let server = Arc::clone(&self.server);
        if let Err(error) = blocking(move || server.restart()).await {
            panic!("{error}");
        }
    }
}

impl PostgresBuilder {
    /// Adds a setting, such as `setting("max_connections", "20")`.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Brings commits to disk before they are acknowledged; by default tests do without.
    pub fn fsync(mut self) -> Self {
        self.fsync = true;
        self
    }

    /// Starts the server.
    ///
    /// # Panics
    ///
    /// When the server does not start; the message says what to install, or shows the server's log.
    pub async fn start(self) -> Postgres {
        match self.try_start().await {
            Ok(postgres) => postgres,
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts the server, or says why it does not start.
    pub async fn try_start(self) -> Result<Postgres, StartError> {
        blocking(move || self.launch()).await
    }

    fn launch(self) -> Result<Postgres, StartError> {
        let bin = programs::postgres_bin()?;
        let owner = template::owner()?;
        let home = Home::new(owner, "QUIT")?;
        template::copy_to(&bin, owner, &home.path().join("data"))?;
        let process = Process::new("postgres", home);
        let mut tries = 1;
        let mut server = Server { process, port: reserve()?, bin, owner, settings: self };
        loop {
            match server.run() {
                Ok(()) => return Ok(Postgres { server: Arc::new(server) }),
                // Somebody else may have been quicker on that port.
                Err(StartError::Exited { ref log, .. }) if log.contains("in use") && tries < TRIES => {
                    tries += 1;
                    server.port = reserve()?;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Server {
    /// Starts the process and waits until it says that it accepts connections.
    fn run(&self) -> Result<(), StartError> {
        let home = self.process.home().path();
        let mut command = Command::new(self.bin.join("postgres"));
        command.arg("-D").arg(home.join("data")).args(["-p", &self.port.number().to_string()]);
        command.arg("-k").arg(home);
        for setting in DEFAULTS {
            command.args(["-c", setting]);
        }
        if !self.settings.fsync {
            command.args(["-c", "fsync=off", "-c", "full_page_writes=off"]);
        }
        for (name, value) in &self.settings.settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        // What a killed server left here says "ready" too, under another process id.
        let pid = self.process.spawn(&mut command, self.owner)?;
        self.process.wait_until(PATIENCE, || self.is_ready(pid))
    }

    /// Whether `postmaster.pid` (line 1 the process, 4 the port, 8 the state) says that our process accepts
    /// connections on our port. A server that cannot bind its port never gets there.
    fn is_ready(&self, pid: u32) -> bool {
        let file = self.process.home().path().join("data/postmaster.pid");
        let Ok(text) = fs::read_to_string(file) else { return false };
        let line = |number: usize| text.lines().nth(number - 1).map(str::trim);
        line(1) == Some(pid.to_string().as_str())
            && line(4) == Some(self.port.number().to_string().as_str())
            && line(8) == Some("ready")
            && TcpStream::connect_timeout(&self.port.addr(), PATIENCE).is_ok()
    }

    /// A killed server's connections hold its shared memory for a moment longer, which keeps a new one out.
    fn restart(&self) -> Result<(), StartError> {
        self.process.end(Signal::INT, Duration::from_secs(10));
        let begin = Instant::now();
        loop {
            match self.run() {
                Err(StartError::Exited { ref log, .. })
                    if log.contains("still in use") && begin.elapsed() < PATIENCE =>
                {
                    thread::sleep(POLL * 10);
                }
                ended => return ended,
            }
        }
    }

    fn create_database(&self, name: &str) -> Result<(), StartError> {
        let mut command = Command::new(self.bin.join("createdb"));
        command.args([
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.number().to_string(),
            "-U",
            "postgres",
            "--",
            name,
        ]);
        template::finish("createdb", &mut command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killed outright it would leave its shared memory behind.
        self.process.end(Signal::QUIT, Duration::from_secs(5));
    }
}

const DEFAULTS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "shared_buffers=16MB",
    "dynamic_shared_memory_type=mmap",
    "wal_level=minimal",
    "max_wal_senders=0",
    "log_min_messages=warning",
];

fn reserve() -> Result<Port, StartError> {
    Port::reserve().map_err(StartError::io("get a loopback port"))
}
