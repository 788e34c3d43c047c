//! The smallest HTTP client that keeps its connection and its cookie, for the load and the tests.

use std::{io, net::SocketAddr};

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, StatusCode, header},
};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// One visitor's connection.
#[derive(Debug)]
pub struct Client {
    server: SocketAddr,
    connection: SendRequest<Full<Bytes>>,
    cookie: Option<String>,
}

/// What the server said.
#[derive(Clone, Debug)]
pub struct Reply {
    /// How it went.
    pub status: StatusCode,
    /// What is said about the text.
    pub headers: HeaderMap,
    /// The text.
    pub text: String,
}

impl Client {
    /// Opens the connection.
    pub async fn connect(server: SocketAddr) -> io::Result<Self> {
        Ok(Self { server, connection: connection(server).await?, cookie: None })
    }

    /// Leaves for another server, with the cookie.
    pub async fn turn_to(&mut self, server: SocketAddr) -> io::Result<()> {
        self.connection = connection(server).await?;
        self.server = server;
        Ok(())
    }

    /// Throws the cookie away: the next request comes from somebody new.
    pub fn forget(&mut self) {
        self.cookie = None;
    }

    /// Sends a request, with a JSON body if there is one.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> io::Result<Reply> {
        let body = body.map(|json| ("application/json", json.to_string()));
        self.send_text(method, path, body).await
    }

    /// Sends a request with a body of any kind.
    pub async fn send_text(
        &mut self,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> io::Result<Reply> {
        if self.connection.is_closed() {
            self.connection = connection(self.server).await?;
        }
        let mut request =
            hyper::Request::builder().method(method).uri(path).header(header::HOST, self.server.to_string());
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some((kind, _)) = &body {
            request = request.header(header::CONTENT_TYPE, *kind);
        }
        let text = body.map(|(_, text)| text).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(text))).map_err(io::Error::other)?;

        self.connection.ready().await.map_err(io::Error::other)?;
        let (head, body) =
            self.connection.send_request(request).await.map_err(io::Error::other)?.into_parts();
        let text = body.collect().await.map_err(io::Error::other)?.to_bytes();
        if let Some(set) = head.headers.get(header::SET_COOKIE).and_then(|value| value.to_str().ok()) {
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        let text = String::from_utf8(text.to_vec()).map_err(io::Error::other)?;
        Ok(Reply { status: head.status, headers: head.headers, text })
    }
}

async fn connection(server: SocketAddr) -> io::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    // It ends with the sender; what goes wrong on it is reported to the request.
    tokio::spawn(connection);
    Ok(sender)
}
