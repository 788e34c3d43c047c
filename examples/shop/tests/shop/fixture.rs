//! A shop of its own for each test, and how tests talk to it.

use std::io;

use axum::http::{Method, StatusCode, header};
use serde_json::Value;
use shop::{
    App, Config,
    config::{Caching, DatabaseUrl, Port, Queueing},
    db::Db,
    load::{Client, Reply, Scratch},
};
use tokio::sync::OnceCell;

/// A shop over a temporary SQLite file, caching in memory.
pub(crate) struct Fixture {
    pub(crate) app: App,
    scratch: Scratch,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::start_with(Caching::Memory).await
    }

    pub(crate) async fn start_with(caching: Caching) -> Self {
        let scratch = Scratch::new().expect("the temporary folder can be written");
        std::fs::write(scratch.file(), catalogue().await).expect("the temporary folder can be written");
        let app = start(scratch.database(), caching).await;
        Self { app, scratch }
    }

    /// Stops the shop and opens it again over the same file, with an empty cache.
    pub(crate) async fn restart(self) -> Self {
        self.app.shutdown().await;
        let app = start(self.scratch.database(), Caching::Memory).await;
        Self { app, scratch: self.scratch }
    }

    pub(crate) async fn visitor(&self) -> Visitor {
        Visitor::of(&self.app).await
    }
}

/// A database file as a new shop makes it; made once, because each test wants one.
async fn catalogue() -> &'static [u8] {
    static CATALOGUE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let make = || async {
        let scratch = Scratch::new().expect("the temporary folder can be written");
        Db::open(&scratch.database()).await.expect("a new file can be filled").close().await;
        std::fs::read(scratch.file()).expect("the file is there")
    };
    CATALOGUE.get_or_init(make).await
}

pub(crate) async fn start(database: DatabaseUrl, caching: Caching) -> App {
    let config = Config { database, caching, queueing: Queueing::default(), port: Port::Exactly(0) };
    App::start(&config).await.expect("the shop starts")
}

/// Somebody with a connection and a cookie.
pub(crate) struct Visitor(Client);

impl Visitor {
    pub(crate) async fn of(app: &App) -> Self {
        Self(Client::connect(app.address()).await.expect("the shop listens"))
    }

    /// The same visitor, at another instance.
    pub(crate) async fn goes_to(&mut self, app: &App) -> io::Result<()> {
        self.0.turn_to(app.address()).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> io::Result<Reply> {
        self.0.send(Method::GET, path, None).await
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, body: Value) -> io::Result<Reply> {
        self.0.send(method, path, Some(body)).await
    }

    pub(crate) async fn send_text(
        &mut self,
        method: Method,
        path: &str,
        kind: &str,
        body: &str,
    ) -> io::Result<Reply> {
        self.0.send_text(method, path, Some((kind, body.to_owned()))).await
    }

    pub(crate) async fn fill_in(&mut self, path: &str, form: &str) -> io::Result<Reply> {
        self.send_text(Method::POST, path, "application/x-www-form-urlencoded", form).await
    }

    /// A page that must be there, as its text.
    pub(crate) async fn page(&mut self, path: &str) -> io::Result<String> {
        let reply = self.get(path).await?;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        assert_eq!(header_of(&reply, header::CONTENT_TYPE), "text/html; charset=utf-8", "{path}");
        assert_well_formed(&reply.text);
        Ok(reply.text)
    }

    /// An answer of the API that must be a success.
    pub(crate) async fn json(&mut self, path: &str) -> io::Result<Value> {
        let reply = self.get(path).await?;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        Ok(json(&reply))
    }

    pub(crate) async fn price(&mut self, product: i64) -> io::Result<Value> {
        Ok(self.json(&format!("/api/products/{product}")).await?["price"].clone())
    }
}

pub(crate) fn json(reply: &Reply) -> Value {
    serde_json::from_str(&reply.text).unwrap_or_else(|error| panic!("{error}: {}", reply.text))
}

pub(crate) fn header_of(reply: &Reply, name: header::HeaderName) -> &str {
    reply.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Every tag is closed, in the right order.
fn assert_well_formed(page: &str) {
    const VOID: [&str; 4] = ["meta", "link", "input", "br"];
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    let mut open = Vec::new();
    for tag in page.split('<').skip(2).filter_map(|rest| rest.split('>').next()) {
        let name = tag.trim_start_matches('/').split_whitespace().next().unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{page}");
        } else if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} stay open in {page}");
}
