//! How one connection's bytes pass, and what each mode does to them.

use super::{Counters, Mode};
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until},
};

const CHUNK: usize = 16 * 1024;
/// How many chunks may be on their way in one direction before the sender has to wait.
const ON_THE_WAY: usize = 1024;

/// What all connections of one proxy share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) upstream: SocketAddr,
    pub(super) mode: Arc<watch::Sender<Mode>>,
    pub(super) counters: Arc<Counters>,
}

/// Bytes on their way: when they may arrive, and what they are.
type Chunk = (Instant, Vec<u8>);

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

/// Serves one client until both sides have ended, one is broken, or a mode cuts it.
pub(super) async fn carry(client: TcpStream, shared: Shared) {
    let _ = try_carry(client, &shared).await;
}

async fn try_carry(client: TcpStream, shared: &Shared) -> io::Result<()> {
    out_of_the_black_hole(&mut shared.mode.subscribe()).await;
    let server = TcpStream::connect(shared.upstream).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (send_up, receive_up) = mpsc::channel(ON_THE_WAY);
    let (send_down, receive_down) = mpsc::channel(ON_THE_WAY);
    tokio::try_join!(
        read(Direction::Up, from_client, send_up, shared),
        write(Direction::Up, to_server, receive_up, shared),
        read(Direction::Down, from_server, send_down, shared),
        write(Direction::Down, to_client, receive_down, shared),
    )?;
    Ok(())
}

/// Takes bytes in until the sender ends.
async fn read(
    direction: Direction,
    mut from: OwnedReadHalf,
    chunks: mpsc::Sender<Chunk>,
    shared: &Shared,
) -> io::Result<()> {
    let mut modes = shared.mode.subscribe();
    loop {
        out_of_the_black_hole(&mut modes).await;
        let mut bytes = Vec::with_capacity(CHUNK);
        tokio::select! {
            biased;
            _ = modes.changed() => continue,
            read = from.read_buf(&mut bytes) => if read? == 0 {
                return Ok(());
            },
        }
        let mut due = Instant::now();
        if direction == Direction::Down {
            if is_cut(shared) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            if let Mode::Delay(by) = *modes.borrow() {
                due += by;
            }
        }
        chunks.send((due, bytes)).await.map_err(io::Error::other)?;
    }
}

/// Hands bytes on when they are due, then says that no more will come.
async fn write(
    direction: Direction,
    mut to: OwnedWriteHalf,
    mut chunks: mpsc::Receiver<Chunk>,
    shared: &Shared,
) -> io::Result<()> {
    let mut modes = shared.mode.subscribe();
    while let Some((due, bytes)) = chunks.recv().await {
        sleep_until(due).await;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            out_of_the_black_hole(&mut modes).await;
            let (piece, pause) = piece_of(rest, *modes.borrow());
            let written = tokio::select! {
                biased;
                _ = modes.changed() => continue,
                written = to.write(piece) => written?,
            };
            rest = &rest[written..];
            shared.counters.carried(direction, written);
            sleep(pause).await;
        }
    }
    to.shutdown().await
}

/// How much may be written at once, and how long to rest after it.
fn piece_of(bytes: &[u8], mode: Mode) -> (&[u8], Duration) {
    let Mode::Throttle(per_second) = mode else { return (bytes, Duration::ZERO) };
    let per_second = per_second.max(1);
    // Twenty times a second looks like a slow line rather than like a stop and a burst.
    let most = usize::try_from(per_second / 20).unwrap_or(usize::MAX).max(1);
    let piece = &bytes[..bytes.len().min(most)];
    (piece, Duration::from_secs(1) * u32::try_from(piece.len()).unwrap_or(u32::MAX) / per_second)
}

/// Whether the reply that has just come in cuts its connection.
fn is_cut(shared: &Shared) -> bool {
    let cut = *shared.mode.borrow() == Mode::CutAfterRequest
        || shared.mode.send_if_modified(|mode| {
            let once = *mode == Mode::CutOnce;
            if once {
                *mode = Mode::Pass;
            }
            once
        });
    if cut {
        shared.counters.cuts.fetch_add(1, Ordering::Relaxed);
    }
    cut
}

async fn out_of_the_black_hole(modes: &mut watch::Receiver<Mode>) {
    // An error would say that the proxy is gone, and its connections with it.
    let _ = modes.wait_for(|mode| *mode != Mode::BlackHole).await;
}

impl Counters {
    fn carried(&self, direction: Direction, bytes: usize) {
        let counter = match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        };
        counter.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}
