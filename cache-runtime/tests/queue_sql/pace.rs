//! How fast are writes accepted, compared with writing the rows at once? To be run by hand, without other work beside it:
//! `cargo test --release -p cache-runtime --features sqlx,conformance --test queue_sql -- --ignored --nocapture pace`.

use crate::databases::SqliteFile;
use cache_runtime::{
    __private::{SqlQueue, SqlValue},
    SqlDatabase,
    store::{EntryKey, Fingerprint, NewWrite, Partition, Put, Settled, Shows, Token, WriteQueue},
};
use sqlx::{Pool, SqlSafeStr, postgres::PgPoolOptions};
use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use test_servers::Postgres;

const WRITERS: u64 = 64;
const ROUNDS: usize = 3;
const LONG: Duration = Duration::from_mins(1);

/// How long each figure is measured: `PACE_SECONDS`, or two. Connections are slower until each has planned its statements.
fn round() -> Duration {
    let seconds = std::env::var("PACE_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

fn write(key: u64) -> NewWrite {
    let body = Arc::new([b'x'; 200]);
    NewWrite {
        token: Token::random(),
        key: EntryKey {
            text: format!("row:{key}").into(),
            partition: Partition::of("row"),
            template: Cow::Borrowed("row:<id>"),
            fingerprint: Fingerprint(1),
            groups: Vec::new(),
        },
        function: "Rows::save row:<id>".into(),
        payload: body.to_vec().into(),
        shows: Shows::Value(body.to_vec().into()),
        ttl: None,
        coalesce: true,
        drops: Vec::new(),
        most: u64::MAX,
    }
}

/// What all writers do in a second, each with keys of its own.
async fn per_second<F: Future<Output = ()> + Send>(one: impl Fn(u64) -> F + Send + Sync + 'static) -> f64 {
    let (one, done, ends) = (Arc::new(one), Arc::new(AtomicU64::new(0)), Instant::now() + round());
    let begun = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (one, done) = (one.clone(), done.clone());
            tokio::spawn(async move {
                for n in 0.. {
                    if Instant::now() >= ends {
                        break;
                    }
                    one(n * WRITERS + writer).await;
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("it doesn't panic");
    }
    #[allow(clippy::cast_precision_loss)]
    let done = done.load(Ordering::Relaxed) as f64;
    done / begun.elapsed().as_secs_f64()
}

async fn rows<DB: SqlDatabase>(pool: &Pool<DB>, table: &'static str) -> f64 {
    let pool = pool.clone();
    per_second(move |key| {
        let pool = pool.clone();
        async move {
            let sql = sqlx::AssertSqlSafe(format!(
                "INSERT INTO {table} (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
            ));
            let values = vec![SqlValue::from(key), SqlValue::Bytes(vec![b'x'; 200])];
            let mut connection = pool.acquire().await.expect("a connection");
            DB::rows(&mut connection, sql.into_sql_str(), values).await.expect("it is written");
        }
    })
    .await
}

async fn queued<DB: SqlDatabase>(queue: &Arc<SqlQueue<DB>>) -> f64 {
    let queue = queue.clone();
    per_second(move |key| {
        let queue = queue.clone();
        async move {
            let put = queue.enqueue(&write(key)).await.expect("the queue answers");
            assert!(matches!(put, Put::Queued(_) | Put::Coalesced(_)), "{put:?}");
        }
    })
    .await
}

/// Takes and settles until nothing waits any more; answers how many writes it settled.
async fn flush<DB: SqlDatabase>(queue: Arc<SqlQueue<DB>>, over: Arc<AtomicBool>) -> u64 {
    let (holder, mut flushed) = (Token::random(), 0);
    loop {
        let last = over.load(Ordering::Acquire);
        let claims = queue.claim(holder, LONG, &[]).await.expect("the queue answers");
        let Some(claim) = claims.first() else {
            if last {
                return flushed;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        let waiting = queue.peek(claim.partition, 0, 1000).await.expect("the queue answers");
        let ids: Vec<_> = waiting.iter().map(|waiting| waiting.id).collect();
        let taken = queue.take(claim, &ids).await.expect("the queue answers").expect("it holds the claim");
        let done = |id, version| Settled::Done { id, version };
        let settled: Vec<_> = taken.writes.iter().map(|write| done(write.id, write.version)).collect();
        assert!(queue.settle(claim, Some(taken.number), &settled).await.expect("the queue answers"));
        flushed += settled.len() as u64;
    }
}

async fn measure<DB: SqlDatabase>(pool: &Pool<DB>, name: &str) {
    let mut connection = pool.acquire().await.expect("a connection");
    let table = "CREATE TABLE plain (id BIGINT PRIMARY KEY, body BLOB NOT NULL)";
    let table = if name.contains("postgres") { table.replace("BLOB", "BYTEA") } else { table.to_owned() };
    DB::rows(&mut connection, sqlx::AssertSqlSafe(table).into_sql_str(), Vec::new()).await.expect("a table");
    drop(connection);
    for round in 0..ROUNDS {
        let plain = rows(pool, "plain").await;
        let queue = Arc::new(SqlQueue::new(pool.clone(), &format!("pace:{round}")));
        let alone = queued(&queue).await;
        let together = queue.commits();
        let over = Arc::new(AtomicBool::new(false));
        let flushing = tokio::spawn(flush(queue.clone(), over.clone()));
        let begun = Instant::now();
        let beside = queued(&queue).await;
        over.store(true, Ordering::Release);
        let flushed = flushing.await.expect("it doesn't panic");
        eprintln!(
            "{name}: rows {plain:.0}/s; enqueued {alone:.0}/s ({:.2}; {together} transactions); beside a flusher {beside:.0}/s ({:.2}), \
             {flushed} flushed in {:.1} s",
            alone / plain,
            beside / plain,
            begun.elapsed().as_secs_f64(),
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn pace_in_postgres() {
    let server = Postgres::builder().fsync().start().await;
    for connections in [20, 64] {
        let pool =
            PgPoolOptions::new().max_connections(connections).connect(&server.url()).await.expect("a pool");
        sqlx::query("DROP TABLE IF EXISTS plain").execute(&pool).await.expect("no table");
        measure(&pool, &format!("postgres, {connections} connections")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn pace_in_sqlite() {
    let file = SqliteFile::new();
    measure(&file.safe_pool(8).await, "sqlite").await;
}
