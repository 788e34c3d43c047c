//! How a port is chosen, and kept while its server is down.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};
use tokio::net::TcpSocket;

/// A loopback port that the operating system gave out.
///
/// On Linux the port stays bound (without listening) for as long as this value lives: a server may bind it
/// too, because both set `SO_REUSEADDR`, but the system gives it to nobody else, neither as somebody's
/// listening port nor as the near end of a connection. A stopped server's port therefore refuses, and can be
/// taken again.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    _held: Option<TcpSocket>,
}

impl Port {
    pub(crate) fn reserve() -> io::Result<Self> {
        let socket = reusable(0)?;
        let number = socket.local_addr()?.port();
        Ok(Self { number, _held: cfg!(target_os = "linux").then_some(socket) })
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.number).into()
    }
}

/// A socket bound to the loopback port `number`, next to the one that holds it.
pub(crate) fn reusable(number: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, number).into())?;
    Ok(socket)
}
