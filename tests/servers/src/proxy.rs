//! How tests break the network between a client and its server.

mod pipe;

use crate::{
    port::{Port, reusable},
    process::blocking,
};
use pipe::{Shared, carry};
use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc as sync_mpsc,
    },
    thread,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime,
    sync::{mpsc, watch},
    task::JoinSet,
};

/// What a [`Proxy`] does to the bytes that pass through it.
///
/// A change takes effect on open connections too, before the call that makes it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Mode {
    /// Everything passes.
    #[default]
    Pass,
    /// Every reply arrives this much later; requests pass at once.
    Delay(Duration),
    /// Connections are accepted and stay open, and nothing passes in either direction. What was sent
    /// meanwhile is held, and arrives late when the mode changes, as it would after a lost cable.
    BlackHole,
    /// All connections are closed and new ones refused.
    Refuse,
    /// Requests reach the server, and each connection is closed when its first reply comes back: the client
    /// cannot know whether the server did what it asked.
    CutAfterRequest,
    /// The same to one connection only, whichever gets a reply first; after that everything passes.
    CutOnce,
    /// At most this many bytes per second, per connection and direction.
    Throttle(u32),
}

/// A TCP proxy on a loopback port of its own, in front of one server.
///
/// It runs on a thread of its own with the real clock and keeps its port for life, also while it refuses.
#[derive(Debug)]
pub struct Proxy {
    port: Port,
    commands: Option<mpsc::UnboundedSender<Command>>,
    mode: Arc<watch::Sender<Mode>>,
    counters: Arc<Counters>,
    thread: Option<thread::JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Counters {
    connections: AtomicU64,
    cuts: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
}

enum Command {
    Set(Mode, Done),
    CutAll(Done),
    Look(Done),
}

type Done = sync_mpsc::Sender<io::Result<()>>;

impl Proxy {
    /// Starts a proxy that passes everything on to `upstream`.
    ///
    /// The server need not run yet: it is connected to once per accepted connection.
    ///
    /// # Panics
    ///
    /// When the system has no port or thread to give.
    pub async fn start(upstream: SocketAddr) -> Self {
        match blocking(move || Self::launch(upstream)).await {
            Ok(proxy) => proxy,
            Err(error) => panic!("could not start a proxy: {error}"),
        }
    }

    fn launch(upstream: SocketAddr) -> io::Result<Self> {
        let port = Port::reserve()?;
        let mode = Arc::new(watch::Sender::new(Mode::Pass));
        let counters = Arc::new(Counters::default());
        let (commands, received) = mpsc::unbounded_channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let number = port.number();
        let listener = runtime.block_on(async { listen(number) })?;
        let shared = Shared { upstream, mode: Arc::clone(&mode), counters: Arc::clone(&counters) };
        let thread = thread::Builder::new().name("proxy".to_owned()).spawn(move || {
            runtime.block_on(run(number, listener, shared, received));
        })?;
        Ok(Self { port, commands: Some(commands), mode, counters, thread: Some(thread) })
    }

    /// Where the proxy listens.
    pub fn addr(&self) -> SocketAddr {
        self.port.addr()
    }

    /// `redis://127.0.0.1:<port>`, for a proxy in front of Redis.
    pub fn url(&self) -> String {
        format!("redis://{}", self.addr())
    }

    /// `postgres://postgres@127.0.0.1:<port>/<database>`, for a proxy in front of PostgreSQL.
    pub fn postgres_url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.addr())
    }

    /// What the proxy does now.
    pub fn mode(&self) -> Mode {
        *self.mode.borrow()
    }

    /// Changes what the proxy does; on return the change has taken effect.
    ///
    /// # Panics
    ///
    /// When the port cannot be listened on again after [`Mode::Refuse`].
    pub fn set(&self, mode: Mode) {
        self.command(|done| Command::Set(mode, done));
    }

    /// [`Mode::Pass`].
    pub fn pass(&self) {
        self.set(Mode::Pass);
    }

    /// [`Mode::Delay`].
    pub fn delay(&self, by: Duration) {
        self.set(Mode::Delay(by));
    }

    /// [`Mode::BlackHole`].
    pub fn black_hole(&self) {
        self.set(Mode::BlackHole);
    }

    /// [`Mode::Refuse`].
    pub fn refuse(&self) {
        self.set(Mode::Refuse);
    }

    /// [`Mode::CutAfterRequest`].
    pub fn cut_after_request(&self) {
        self.set(Mode::CutAfterRequest);
    }

    /// [`Mode::CutOnce`].
    pub fn cut_once(&self) {
        self.set(Mode::CutOnce);
    }

    /// [`Mode::Throttle`].
    pub fn throttle(&self, bytes_per_second: u32) {
        self.set(Mode::Throttle(bytes_per_second));
    }

    /// Closes all open connections; new ones fare as the mode says.
    pub fn cut_all(&self) {
        self.command(Command::CutAll);
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> u64 {
        self.count(|counters| &counters.connections)
    }

    /// How many connections [`Mode::CutAfterRequest`] and [`Mode::CutOnce`] have cut so far.
    pub fn cuts(&self) -> u64 {
        self.count(|counters| &counters.cuts)
    }

    /// How many bytes went from clients to the server so far.
    pub fn bytes_up(&self) -> u64 {
        self.count(|counters| &counters.up)
    }

    /// How many bytes went from the server to clients so far.
    pub fn bytes_down(&self) -> u64 {
        self.count(|counters| &counters.down)
    }

    /// Reads a counter by way of the proxy's thread, so that what a client has seen is counted.
    fn count(&self, counter: impl FnOnce(&Counters) -> &AtomicU64) -> u64 {
        self.command(Command::Look);
        counter(&self.counters).load(Ordering::Relaxed)
    }

    fn command(&self, make: impl FnOnce(Done) -> Command) {
        let (done, answer) = sync_mpsc::channel();
        let sent = self.commands.as_ref().is_some_and(|commands| commands.send(make(done)).is_ok());
        match answer.recv() {
            Ok(Ok(())) if sent => {}
            Ok(Err(error)) => panic!("the proxy could not listen again: {error}"),
            _ => panic!("the proxy's thread has ended"),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Accepts and obeys until the proxy is dropped.
async fn run(
    port: u16,
    listener: TcpListener,
    shared: Shared,
    mut commands: mpsc::UnboundedReceiver<Command>,
) {
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            command = commands.recv() => match command {
                None => return,
                Some(Command::Look(done)) => {
                    let _ = done.send(Ok(()));
                }
                Some(Command::CutAll(done)) => {
                    connections.shutdown().await;
                    let _ = done.send(Ok(()));
                }
                Some(Command::Set(mode, done)) => {
                    let changed = if mode == Mode::Refuse {
                        listener = None;
                        connections.shutdown().await;
                        Ok(())
                    } else if listener.is_none() {
                        listen(port).map(|again| listener = Some(again))
                    } else {
                        Ok(())
                    };
                    shared.mode.send_replace(mode);
                    let _ = done.send(changed);
                }
            },
            client = accept(listener.as_ref()) => {
                shared.counters.connections.fetch_add(1, Ordering::Relaxed);
                connections.spawn(carry(client, shared.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    match listener {
        None => std::future::pending().await,
        Some(listener) => loop {
            if let Ok((client, _)) = listener.accept().await {
                return client;
            }
            // Out of file handles, most likely: others have to close theirs first.
            tokio::time::sleep(Duration::from_millis(10)).await;
        },
    }
}

fn listen(port: u16) -> io::Result<TcpListener> {
    reusable(port)?.listen(1024)
}
