//! What write-behind keeps in a database through sqlx: a queue of acknowledged writes, and how far batches came.

mod accept;
mod claims;
mod database;
mod enqueue;
mod gather;
mod letters;
mod progress;
mod queue;
mod rows;
mod schema;
mod settle;
mod turns;
mod work;

pub use database::{SqlDatabase, SqlDialect, SqlValue};
pub use progress::{advance, is_fenced, is_missing, last_batch, prepare};
pub use queue::SqlQueue;
pub use schema::schema_sql;
