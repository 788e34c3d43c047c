//! Do writes that come at once go into one transaction, and does each get an answer of its own, whatever becomes of the others?

use crate::databases::{SqliteFile, any, postgres};
use cache_runtime::{
    __private::SqlQueue,
    SqlDatabase,
    store::{
        EntryKey, Fingerprint, NewWrite, Partition, Put, Shows, StoreError, StoreErrorKind, Token, WriteQueue,
    },
};
use futures_util::future::{join, join_all};
use sqlx::{AssertSqlSafe, Executor, PgPool, Pool, SqlSafeStr, SqlitePool, Transaction};
use std::{borrow::Cow, sync::Arc, time::Duration};
use test_servers::Postgres;

fn write(key: usize, payload: &str) -> NewWrite {
    NewWrite {
        token: Token::random(),
        key: EntryKey {
            text: format!("product:{key}").into(),
            partition: Partition::of("product"),
            template: Cow::Borrowed("product:<id>"),
            fingerprint: Fingerprint(1),
            groups: Vec::new(),
        },
        function: "Products::save product:<id>".into(),
        payload: payload.to_owned().into(),
        shows: Shows::Absent,
        ttl: None,
        coalesce: true,
        drops: Vec::new(),
        most: 10_000,
    }
}

fn some(count: usize) -> Vec<NewWrite> {
    (0..count).map(|n| write(n, "it")).collect()
}

async fn enqueue_all<DB: SqlDatabase>(
    queue: &SqlQueue<DB>,
    writes: &[NewWrite],
) -> Vec<Result<Put, StoreError>> {
    join_all(writes.iter().map(|write| queue.enqueue(write))).await
}

/// A number from the database.
async fn count<DB: SqlDatabase>(pool: &Pool<DB>, sql: &'static str) -> i64 {
    let mut connection = pool.acquire().await.expect("a connection");
    let rows = DB::rows(&mut connection, sql.into_sql_str(), Vec::new()).await.expect("the database answers");
    DB::int(&rows[0], 0).expect("a number")
}

const WAITING: &str = "SELECT CAST(count(*) AS BIGINT) FROM cache_queue";

/// Keeps the queue from writing until it ends.
async fn hold<DB: SqlDatabase>(pool: &Pool<DB>) -> Transaction<'static, DB> {
    // There is a line to be held.
    let queue = SqlQueue::new(pool.clone(), "shop");
    assert!(matches!(queue.enqueue(&write(1_000_000, "first")).await, Ok(Put::Queued(_))));
    let mut tx = pool.begin().await.expect("a transaction");
    let sql = "UPDATE cache_lines SET epoch = epoch";
    DB::rows(&mut tx, sql.into_sql_str(), Vec::new()).await.expect("the line is held");
    tx
}

async fn many_take_few_transactions<DB: SqlDatabase>(pool: &Pool<DB>) {
    let held = hold(pool).await;
    let queue = Arc::new(SqlQueue::new(pool.clone(), "shop"));
    // Sixty-four tasks: the first can't commit before the others have come.
    let callers: Vec<_> = some(64)
        .into_iter()
        .map(|write| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.enqueue(&write).await })
        })
        .collect();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(queue.commits(), 0);
    held.commit().await.expect("the line is free");
    let mut versions = Vec::new();
    for caller in callers {
        let put = caller.await.expect("it doesn't panic");
        let Ok(Put::Queued(version)) = put else { panic!("{put:?}") };
        versions.push(version);
    }
    assert!(versions.is_sorted(), "they came in this order: {versions:?}");
    assert!(queue.commits() <= 2, "{} transactions", queue.commits());
    assert_eq!(count(pool, WAITING).await, 65);
}

#[tokio::test]
async fn writes_that_come_at_once_take_few_transactions_in_sqlite() {
    let file = SqliteFile::new();
    many_take_few_transactions(&file.pool(4).await).await;
}

#[tokio::test]
async fn writes_that_come_at_once_take_few_transactions_in_postgres() {
    let server = Postgres::start().await;
    let pool = postgres(&server).await;
    many_take_few_transactions(&pool).await;
    // The database says so, too: the first write had one of its own.
    let transactions = count(&pool, "SELECT count(DISTINCT xmin::text) FROM cache_queue").await;
    assert!(transactions <= 3, "{transactions} transactions");
}

#[tokio::test]
async fn more_than_one_transaction_holds_are_accepted_in_order() {
    let file = SqliteFile::new();
    let queue = SqlQueue::new(file.pool(2).await, "shop");
    let mut writes = some(1_200);
    // These two alone have more bytes than one takes.
    writes.extend([1_200, 1_201].map(|n| write(n, &"long".repeat(500_000))));
    let puts = enqueue_all(&queue, &writes).await;
    let versions: Vec<_> = puts
        .into_iter()
        .map(|put| if let Ok(Put::Queued(version)) = put { version } else { panic!("{put:?}") })
        .collect();
    assert!(versions.is_sorted());
    assert_eq!(queue.commits(), 5, "512, 512, 176, and two by themselves");
}

/// The write that the database refuses.
const POISON: usize = 3;

async fn one_is_refused<DB: SqlDatabase>(pool: &Pool<DB>) {
    let queue = SqlQueue::new(pool.clone(), "shop");
    let writes = some(8);
    let puts = enqueue_all(&queue, &writes).await;
    let mut last = 0;
    for (n, put) in puts.into_iter().enumerate() {
        match put {
            Ok(Put::Queued(version)) if n != POISON => {
                assert!(version > last, "they came in this order");
                last = version;
            }
            Err(error) if n == POISON => assert_eq!(error.kind(), StoreErrorKind::Refused),
            other => panic!("{n}: {other:?}"),
        }
    }
    assert_eq!(count(pool, WAITING).await, 7);
    assert_eq!(queue.depths().await.expect("the queue answers")[0].writes, 7);
}

#[tokio::test]
async fn write_that_sqlite_refuses_fails_alone() {
    let file = SqliteFile::new();
    let pool: SqlitePool = file.pool(2).await;
    drop(hold(&pool).await);
    let refuse = format!(
        "DELETE FROM cache_queue; DELETE FROM cache_lines; CREATE TRIGGER refuse BEFORE INSERT ON cache_queue \
         WHEN NEW.key = 'product:{POISON}' BEGIN SELECT RAISE(ABORT, 'not this one'); END"
    );
    pool.execute(sqlx::raw_sql(AssertSqlSafe(refuse))).await.expect("a trigger");
    one_is_refused(&pool).await;
}

#[tokio::test]
async fn write_that_postgres_refuses_fails_alone() {
    let server = Postgres::start().await;
    let pool: PgPool = postgres(&server).await;
    drop(hold(&pool).await);
    let refuse = format!(
        "DELETE FROM cache_queue; DELETE FROM cache_lines; \
         ALTER TABLE cache_queue ADD CONSTRAINT refuse CHECK (key <> 'product:{POISON}')"
    );
    pool.execute(sqlx::raw_sql(AssertSqlSafe(refuse))).await.expect("a constraint");
    one_is_refused(&pool).await;
}

#[tokio::test]
async fn name_with_a_zero_is_refused_alone() {
    let (file, server) = (SqliteFile::new(), Postgres::start().await);
    for pool in [any(&file.url()).await, any(&server.url()).await] {
        let queue = SqlQueue::new(pool, "shop");
        let mut writes = some(3);
        writes[1].key.text = "product:\0".into();
        let puts = enqueue_all(&queue, &writes).await;
        assert!(matches!(&puts[..], [Ok(Put::Queued(_)), Err(_), Ok(Put::Queued(_))]), "{puts:?}");
    }
}

#[tokio::test]
async fn database_that_is_gone_is_the_answer_of_all_callers() {
    let server = Postgres::start().await;
    let pool = postgres(&server).await;
    let queue = SqlQueue::new(pool.clone(), "shop");
    assert!(matches!(queue.enqueue(&write(100, "it")).await, Ok(Put::Queued(_))));
    pool.close().await;
    for put in enqueue_all(&queue, &some(8)).await {
        assert_eq!(put.expect_err("the pool is closed").kind(), StoreErrorKind::Unavailable);
    }
}

async fn cancelled_callers_take_nothing_with_them<DB: SqlDatabase>(pool: &Pool<DB>) {
    let held = hold(pool).await;
    let queue = Arc::new(SqlQueue::new(pool.clone(), "shop"));
    let mut callers: Vec<_> = some(8)
        .into_iter()
        .map(|write| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.enqueue(&write).await })
        })
        .collect();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    // The one that came first, whose transaction is under way, and another.
    for n in [5, 0] {
        let caller = callers.remove(n);
        caller.abort();
        assert!(caller.await.is_err());
    }
    held.commit().await.expect("the line is free");
    for caller in callers {
        assert!(matches!(caller.await.expect("it doesn't panic"), Ok(Put::Queued(_))));
    }
    assert!(queue.commits() <= 2);
}

#[tokio::test]
async fn cancelled_callers_take_nothing_with_them_in_sqlite() {
    let file = SqliteFile::new();
    cancelled_callers_take_nothing_with_them(&file.pool(4).await).await;
}

#[tokio::test]
async fn cancelled_callers_take_nothing_with_them_in_postgres() {
    let server = Postgres::start().await;
    cancelled_callers_take_nothing_with_them(&postgres(&server).await).await;
}

#[tokio::test]
async fn caller_that_is_gone_before_its_transaction_has_written_nothing() {
    let file = SqliteFile::new();
    let pool = file.pool(4).await;
    let held = hold(&pool).await;
    let queue = SqlQueue::new(pool.clone(), "shop");
    let (first, second, third) = (write(1, "it"), write(2, "it"), write(3, "it"));
    let mut first = queue.enqueue(&first);
    assert!(futures_util::poll!(&mut first).is_pending());
    for _ in 0..100 {
        // The first one's transaction waits for the database.
        tokio::task::yield_now().await;
    }
    let (mut second, third) = (queue.enqueue(&second), queue.enqueue(&third));
    assert!(futures_util::poll!(&mut second).is_pending());
    drop(second);
    let ends = async { held.commit().await.expect("the database is free") };
    let ((first, third), ()) = join(join(first, third), ends).await;
    assert!(matches!((first, third), (Ok(Put::Queued(_)), Ok(Put::Queued(_)))));
    assert_eq!(count(&pool, "SELECT count(*) FROM cache_queue WHERE key = 'product:2'").await, 0);
    assert_eq!(count(&pool, WAITING).await, 3);
}

#[tokio::test]
async fn nothing_is_written_after_the_queue_is_gone() {
    let file = SqliteFile::new();
    let pool = file.pool(4).await;
    let held = hold(&pool).await;
    let queue = SqlQueue::new(pool.clone(), "shop");
    let write = write(1, "it");
    let mut call = queue.enqueue(&write);
    assert!(futures_util::poll!(&mut call).is_pending());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    drop(call);
    drop(queue);
    held.commit().await.expect("the database is free");
    // Whoever writes now has waited for the transaction that was given up.
    let next = SqlQueue::new(pool.clone(), "shop");
    assert!(matches!(next.enqueue(&self::write(2, "it")).await, Ok(Put::Queued(_))));
    assert_eq!(count(&pool, "SELECT count(*) FROM cache_queue WHERE key = 'product:1'").await, 0);
}

#[test]
fn runtime_of_the_first_caller_may_end_before_the_others_are_answered() {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
    };
    let (one, other) = (runtime(), runtime());
    let file = SqliteFile::new();
    let pool = other.block_on(file.pool(4));
    let held = other.block_on(hold(&pool));
    let queue = Arc::new(SqlQueue::new(pool.clone(), "shop"));
    // Each call is made, and then waits, on a runtime of its own.
    let call = |runtime: &tokio::runtime::Runtime, key| {
        let queue = queue.clone();
        let mut call = Box::pin(async move { queue.enqueue(&write(key, "it")).await });
        runtime.block_on(async { assert!(futures_util::poll!(&mut call).is_pending()) });
        runtime.spawn(call)
    };
    let first = call(&one, 1);
    let second = call(&other, 2);
    one.shutdown_timeout(Duration::from_secs(10));
    other.block_on(async {
        held.commit().await.expect("the database is free");
        assert!(first.await.is_err(), "its runtime has ended");
        let second = second.await.expect("it doesn't panic");
        assert!(matches!(second, Ok(Put::Queued(_))), "{second:?}");
    });
}
