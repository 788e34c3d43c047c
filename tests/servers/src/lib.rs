//! Starts the real servers that tests need: Redis, PostgreSQL, and a proxy that breaks their network.
//!
//! Every server listens on a loopback port the operating system chose, keeps its files in a folder of its
//! own, and is ended by process id when its value is dropped, or by a watchdog when the test process is
//! killed. Nothing here touches a server that it did not start.
//!
//! ```no_run
//! # async fn example() {
//! use test_servers::{Proxy, Redis};
//!
//! let redis = Redis::start().await;
//! let proxy = Proxy::start(redis.addr()).await;
//! // hand `proxy.url()` to the code under test, then
//! proxy.black_hole();
//! # }
//! ```
//!
//! Starting and stopping run on blocking threads with the real clock, and the proxy has a thread of its own,
//! so all of it works in tests that pause tokio's clock. Unix only.

mod error;
mod home;
mod port;
mod postgres;
mod process;
mod programs;
mod proxy;
mod redis;
mod template;
mod wire;

pub use error::StartError;
pub use postgres::{Postgres, PostgresBuilder};
pub use proxy::{Mode, Proxy};
pub use redis::{Fsync, Redis, RedisBuilder};
