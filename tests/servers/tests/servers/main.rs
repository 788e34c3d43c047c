//! Does every server start, get hurt and come back as its documentation says?

mod postgres;
mod proxy;
mod redis;

use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A connection that speaks Redis's inline commands.
struct Client(TcpStream);

impl Client {
    async fn connect(addr: SocketAddr) -> std::io::Result<Self> {
        Ok(Self(TcpStream::connect(addr).await?))
    }

    async fn send(&mut self, command: &str) -> std::io::Result<()> {
        self.0.write_all(format!("{command}\r\n").as_bytes()).await
    }

    /// What comes in next; an empty string is the end of the connection.
    async fn receive(&mut self) -> std::io::Result<String> {
        let mut reply = vec![0; 4096];
        let read = self.0.read(&mut reply).await?;
        Ok(String::from_utf8_lossy(&reply[..read]).into_owned())
    }

    async fn ask(&mut self, command: &str) -> std::io::Result<String> {
        self.send(command).await?;
        self.receive().await
    }
}

/// One command over a connection of its own.
async fn ask(addr: SocketAddr, command: &str) -> std::io::Result<String> {
    Client::connect(addr).await?.ask(command).await
}
