//! How a Redis server is asked who it is, without a client library.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(1);

/// The process id of the Redis server at `addr`, once it answers `PING` with `PONG`.
pub(crate) fn redis_process(addr: SocketAddr) -> io::Result<Option<u32>> {
    let mut stream = connect(addr)?;
    if send(&mut stream, "PING")? != "PONG" {
        return Ok(None);
    }
    let info = send(&mut stream, "INFO server")?;
    Ok(info.lines().find_map(|line| line.strip_prefix("process_id:")?.trim().parse().ok()))
}

/// Sends one command to the Redis server at `addr`, and returns the answer as text.
pub(crate) fn ask(addr: SocketAddr, command: &str) -> io::Result<String> {
    send(&mut connect(addr)?, command)
}

fn connect(addr: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

/// Sends one inline command; a simple string, an error or a bulk string comes back as text, nothing as an empty one.
fn send(stream: &mut BufReader<TcpStream>, command: &str) -> io::Result<String> {
    stream.get_mut().write_all(format!("{command}\r\n").as_bytes())?;
    let mut head = String::new();
    stream.read_line(&mut head)?;
    let head = head.trim_end();
    let Some(length) = head.strip_prefix('$') else {
        return Ok(head.trim_start_matches(['+', '-']).to_owned());
    };
    if length == "-1" {
        return Ok(String::new());
    }
    let length: usize = length.parse().map_err(io::Error::other)?;
    let mut body = vec![0; length + 2];
    stream.read_exact(&mut body)?;
    body.truncate(length);
    String::from_utf8(body).map_err(io::Error::other)
}
