//! Transactions on PostgreSQL beside a real Redis that can be cut off, and commits whose outcome nobody knows.

use crate::{
    fixtures::{eventually, patient},
    ledger::Ledger,
};
use cache_runtime::Cache;
use redis::AsyncTypedCommands as _;
use sqlx::{PgPool, Postgres, postgres::PgPoolOptions};
use std::time::Duration;
use test_servers::{Mode, Proxy, Redis};

struct Bench {
    postgres: test_servers::Postgres,
    redis: Redis,
    cut: Proxy,
}

impl Bench {
    async fn start() -> Self {
        let (postgres, redis) = tokio::join!(test_servers::Postgres::start(), Redis::start());
        let cut = Proxy::start(redis.addr()).await;
        Self { postgres, redis, cut }
    }

    /// A process whose way to Redis can be cut, and one whose can't.
    async fn two(&self, intent: Duration) -> (Ledger<Postgres>, Ledger<Postgres>) {
        let db = pool(&self.postgres.url()).await;
        let mut deadlines = patient();
        deadlines.fence = Duration::from_millis(150).min(intent / 4);
        let build = |url: String| {
            Cache::builder().namespace("tx").redis(url).deadlines(deadlines).intent(intent).build()
        };
        let here = Ledger::<Postgres>::create(db, build(self.cut.url()).await.unwrap()).await;
        let elsewhere = here.through(build(self.redis.url()).await.unwrap());
        (here, elsewhere)
    }
}

async fn pool(url: &str) -> PgPool {
    PgPoolOptions::new().max_connections(5).connect(url).await.unwrap()
}

/// The database behind a proxy.
async fn through(bench: &Bench, cut: &Proxy) -> PgPool {
    let (port, cut) = (bench.postgres.port().to_string(), cut.addr().port().to_string());
    pool(&bench.postgres.url().replace(&port, &cut)).await
}

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_transaction_is_seen_when_it_has_committed_and_not_before() {
    let bench = Bench::start().await;
    let (here, elsewhere) = bench.two(LONG).await;
    assert_eq!(elsewhere.balance(1).await.unwrap(), 10);
    let mut tx = here.cache.begin(&here.db).await.unwrap();
    here.add(&mut tx, 1, -10).await.unwrap();
    here.add(&mut tx, 2, 10).await.unwrap();
    assert_eq!((elsewhere.balance(1).await.unwrap(), elsewhere.balance(2).await.unwrap()), (10, 0));
    assert_eq!(here.balance_in(&mut tx, 2).await.unwrap(), 10);
    tx.commit().await.unwrap();
    assert_eq!((elsewhere.balance(1).await.unwrap(), elsewhere.balance(2).await.unwrap()), (0, 10));
    here.loads();
    assert_eq!((elsewhere.balance(1).await.unwrap(), here.balance(2).await.unwrap()), (0, 10));
    assert_eq!(here.loads(), 0, "both are cached");
    assert_eq!(elsewhere.total().await.unwrap(), 10);
}

#[tokio::test]
async fn a_transaction_that_the_database_refuses_frees_its_keys_at_once() {
    let bench = Bench::start().await;
    let (here, elsewhere) = bench.two(LONG).await;
    let mut tx = here.cache.begin(&here.db).await.unwrap();
    here.add(&mut tx, 1, -100).await.unwrap_err(); // below zero
    let error = tx.commit().await.unwrap_err();
    assert!(error.to_string().contains("aborted"), "{error}");
    assert_eq!(elsewhere.balance(1).await.unwrap(), 10);
    here.loads();
    assert_eq!(elsewhere.balance(1).await.unwrap(), 10);
    assert_eq!(here.loads(), 0, "stored again");
}

#[tokio::test]
async fn a_commit_whose_outcome_nobody_knows_keeps_its_keys_out_of_the_cache() {
    let bench = Bench::start().await;
    let (here, elsewhere) = bench.two(LONG).await;
    let cut = Proxy::start(bench.postgres.addr()).await;
    let through = through(&bench, &cut).await;
    // Nothing strict, so that the commit is all that is sent.
    let mut tx = here.cache.begin(&through).await.unwrap();
    here.open(&mut tx, 3).await.unwrap();
    // The request passes; its answer, and the connection, are lost.
    cut.set(Mode::CutAfterRequest);
    tx.commit().await.unwrap_err();
    elsewhere.loads();
    elsewhere.total().await.unwrap();
    elsewhere.total().await.unwrap();
    assert_eq!(elsewhere.loads(), 2, "it may have committed, or may still");
}

/// Makes commits wait for a lock.
const SLOW_COMMIT: &str = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$; \
     CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON account DEFERRABLE INITIALLY DEFERRED \
     FOR EACH ROW EXECUTE FUNCTION wait()";

#[tokio::test]
async fn a_commit_that_goes_on_after_its_caller_has_left_is_covered() {
    let bench = Bench::start().await;
    let (here, elsewhere) = bench.two(LONG).await;
    sqlx::raw_sql(SLOW_COMMIT).execute(&here.db).await.unwrap();
    let mut lock = here.db.acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(1)").execute(&mut *lock).await.unwrap();
    let mut tx = here.cache.begin(&here.db).await.unwrap();
    here.add(&mut tx, 1, 5).await.unwrap();
    let committing = tokio::spawn(tx.commit());
    let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    let begun = std::time::Instant::now();
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut *lock).await.unwrap() == 0 {
        assert!(begun.elapsed() < LONG, "the commit has begun");
    }
    committing.abort();
    assert!(committing.await.unwrap_err().is_cancelled());
    here.cache.settle().await;
    elsewhere.loads();
    assert_eq!(elsewhere.balance(1).await.unwrap(), 10, "not committed yet");
    sqlx::query("SELECT pg_advisory_unlock(1)").execute(&mut *lock).await.unwrap();
    let begun = std::time::Instant::now();
    while elsewhere.balance(1).await.unwrap() == 10 {
        assert!(
            begun.elapsed() < LONG,
            "the statement goes on without its caller, and nothing old is stored"
        );
    }
}

#[tokio::test]
async fn a_caller_that_leaves_before_the_commit_is_sent_frees_its_keys_at_once() {
    let bench = Bench::start().await;
    let (here, elsewhere) = bench.two(LONG).await;
    let cut = Proxy::start(bench.postgres.addr()).await;
    let through = through(&bench, &cut).await;
    let mut tx = here.cache.begin(&through).await.unwrap();
    here.add(&mut tx, 1, 5).await.unwrap();
    cut.set(Mode::BlackHole);
    let committing = tokio::time::timeout(Duration::from_millis(100), tx.commit()).await;
    assert!(committing.is_err(), "nobody answers");
    here.cache.settle().await;
    elsewhere.loads();
    elsewhere.balance(1).await.unwrap();
    elsewhere.balance(1).await.unwrap();
    assert_eq!(elsewhere.loads(), 1, "it can't commit any more");
}

#[tokio::test]
async fn a_transaction_that_would_rather_not_commit_unannounced_is_rolled_back() {
    let bench = Bench::start().await;
    let (here, elsewhere) = bench.two(LONG).await;
    let mut tx = here.cache.begin(&here.db).await.unwrap();
    here.reset(&mut tx, 1).await.unwrap();
    bench.cut.set(Mode::Refuse);
    let error = tx.commit().await.unwrap_err();
    assert!(error.to_string().contains("could not be announced"), "{error}");
    let balance: i64 =
        sqlx::query_scalar("SELECT balance FROM account WHERE id = 1").fetch_one(&here.db).await.unwrap();
    assert_eq!(balance, 10);
    assert_eq!(elsewhere.balance(1).await.unwrap(), 10);
}

#[tokio::test]
async fn a_transaction_that_may_commit_unannounced_commits() {
    let bench = Bench::start().await;
    let (here, elsewhere) = bench.two(LONG).await;
    let mut tx = here.cache.begin(&here.db).await.unwrap();
    here.add(&mut tx, 1, 5).await.unwrap();
    bench.cut.set(Mode::Refuse);
    tx.commit().await.unwrap();
    assert_eq!(here.balance(1).await.unwrap(), 15, "this process doesn't ask what it could not tell");
    // It was announced before the cut, and is until that ends: others read the row.
    assert_eq!(elsewhere.balance(1).await.unwrap(), 15);
    bench.cut.set(Mode::Pass);
    eventually("it is told", || here.cache.stats().unsent_invalidations == 0).await;
    assert_eq!(elsewhere.balance(1).await.unwrap(), 15);
}

/// Writes down, in the commit itself, how long the server lets the session be silent.
const WITNESS: &str = "CREATE TABLE seen (idle TEXT, statement TEXT); \
     CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     INSERT INTO seen VALUES (current_setting('idle_in_transaction_session_timeout'), current_setting('statement_timeout')); \
     RETURN NULL; END $$; \
     CREATE CONSTRAINT TRIGGER witness AFTER UPDATE ON account DEFERRABLE INITIALLY DEFERRED \
     FOR EACH ROW EXECUTE FUNCTION witness()";

#[tokio::test]
async fn the_server_ends_a_commit_that_comes_too_late_for_its_announcement() {
    let bench = Bench::start().await;
    let (here, _) = bench.two(LONG).await;
    sqlx::raw_sql(WITNESS).execute(&here.db).await.unwrap();
    let mut tx = here.cache.begin(&here.db).await.unwrap();
    here.add(&mut tx, 1, 5).await.unwrap();
    tx.commit().await.unwrap();
    let seen: (String, String) = sqlx::query_as("SELECT * FROM seen").fetch_one(&here.db).await.unwrap();
    assert_eq!(seen, ("4s".to_owned(), "4s".to_owned()), "0.4 of the 10 s that it is announced");
    // Nothing strict was written: nothing is limited.
    sqlx::raw_sql("DELETE FROM seen").execute(&here.db).await.unwrap();
    let mut tx = here.cache.begin(&here.db).await.unwrap();
    sqlx::query("UPDATE account SET balance = 3 WHERE id = 1").execute(&mut **tx).await.unwrap();
    tx.commit().await.unwrap();
    let seen: (String, String) = sqlx::query_as("SELECT * FROM seen").fetch_one(&here.db).await.unwrap();
    assert_eq!(seen, ("0".to_owned(), "0".to_owned()));
}

#[tokio::test]
async fn nothing_is_left_in_redis_by_transactions_that_are_over() {
    let bench = Bench::start().await;
    let (here, elsewhere) = bench.two(LONG).await;
    for _ in 0..3 {
        let mut tx = here.cache.begin(&here.db).await.unwrap();
        here.add(&mut tx, 1, 5).await.unwrap();
        elsewhere.balance(1).await.unwrap();
        tx.commit().await.unwrap();
    }
    let client = redis::Client::open(bench.redis.url()).unwrap();
    let mut con = client.get_multiplexed_async_connection().await.unwrap();
    assert!(con.keys("tx:c:*:w:*").await.unwrap().is_empty());
}
