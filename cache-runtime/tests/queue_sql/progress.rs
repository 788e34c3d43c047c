//! Does the database know after a crash which batches it has?

use crate::databases::{SqliteFile, any, postgres};
use cache_runtime::{
    __private::{advance, is_fenced, is_missing, last_batch, prepare},
    SqlDatabase,
    store::Partition,
};
use sqlx::{Pool, Transaction};
use test_servers::Postgres;

fn partition(index: usize) -> Partition {
    Partition::all().nth(index).expect("a namespace has that many partitions")
}

async fn begin<DB: SqlDatabase>(pool: &Pool<DB>) -> Transaction<'static, DB> {
    pool.begin().await.expect("a transaction")
}

/// Writes progress that must not be refused.
async fn advanced<DB: SqlDatabase>(tx: &mut Transaction<'_, DB>, lanes: &[(Partition, u64, u64)]) {
    assert!(advance(tx, "shop", lanes).await.expect("the database answers"));
}

async fn last<DB: SqlDatabase>(pool: &Pool<DB>, index: usize, epoch: u64) -> Option<u64> {
    last_batch(pool, "shop", partition(index), epoch).await.expect("the database answers")
}

async fn only_committed_batches_are_known<DB: SqlDatabase>(pool: &Pool<DB>) {
    let mut tx = begin(pool).await;
    let error = advance(&mut tx, "shop", &[(partition(1), 5, 100)]).await.expect_err("no table");
    assert!(is_missing(&error), "{error}");
    drop(tx);
    prepare(pool).await.expect("the table of progress");
    prepare(pool).await.expect("it is there");
    assert_eq!(last(pool, 0, 5).await, None);

    let mut dropped = begin(pool).await;
    advanced(&mut dropped, &[(partition(1), 5, 100), (partition(0), 5, 101)]).await;
    drop(dropped);
    assert_eq!(last(pool, 0, 5).await, None);
    assert_eq!(last(pool, 1, 5).await, None);

    let mut rolled_back = begin(pool).await;
    advanced(&mut rolled_back, &[(partition(1), 5, 100)]).await;
    rolled_back.rollback().await.expect("the end of the transaction");
    assert_eq!(last(pool, 1, 5).await, None);

    let mut committed = begin(pool).await;
    advanced(&mut committed, &[(partition(1), 5, 100), (partition(0), 5, 101)]).await;
    committed.commit().await.expect("the end of the transaction");
    assert_eq!(last(pool, 1, 6).await, Some(100));
    assert_eq!(last(pool, 0, 5).await, Some(101));
    assert_eq!(last_batch(pool, "another shop", partition(1), 1).await.expect("it answers"), None);

    let mut later = begin(pool).await;
    advanced(&mut later, &[(partition(1), 6, 102)]).await;
    later.commit().await.expect("the end of the transaction");
    assert_eq!(last(pool, 1, 6).await, Some(102));
}

async fn earlier_flusher_is_fenced<DB: SqlDatabase>(pool: &Pool<DB>) {
    prepare(pool).await.expect("the table of progress");
    assert_eq!(last(pool, 3, 7).await, None);
    let mut tx = begin(pool).await;
    let lanes = [(partition(2), 6, 200), (partition(3), 6, 201), (partition(4), 6, 202)];
    assert!(!advance(&mut tx, "shop", &lanes).await.expect("the database answers"));
    tx.rollback().await.expect("the end of the transaction");
    assert_eq!(last(pool, 2, 6).await, None);
    let error = last_batch(pool, "shop", partition(3), 6).await.expect_err("a later one was here");
    assert!(is_fenced(&error), "{error}");
    assert_eq!(last(pool, 3, 7).await, None);
}

async fn all_partitions_advance_together<DB: SqlDatabase>(pool: &Pool<DB>) {
    prepare(pool).await.expect("the table of progress");
    let lanes = Partition::all().enumerate().map(|(n, partition)| (partition, 8, n as u64 + 1));
    let mut lanes: Vec<_> = lanes.collect();
    lanes.reverse();
    let mut tx = begin(pool).await;
    advanced(&mut tx, &lanes).await;
    tx.commit().await.expect("the end of the transaction");
    for index in 0..usize::from(Partition::COUNT) {
        assert_eq!(last(pool, index, 8).await, Some(index as u64 + 1));
    }
}

/// A queue in a process' memory has a row of its own, which nobody needs when the process is gone.
async fn processes_that_are_gone_are_forgotten<DB: SqlDatabase>(pool: &Pool<DB>) {
    const NOW: u64 = 1_800_000_000;
    const DAY: u64 = 24 * 60 * 60;
    prepare(pool).await.expect("the table of progress");
    let process = |namespace: &str, n: u8| format!("{namespace} {n:032x}");
    let of_others = [process("shop", 1), process("other shop", 2), "shop".to_owned(), "shop 3".to_owned()];
    let old = NOW - 40 * DAY;
    for name in of_others.iter().chain([&process("shop", 4)]) {
        let mut tx = begin(pool).await;
        let epoch = if *name == process("shop", 4) { NOW - 20 * DAY } else { old };
        assert!(advance(&mut tx, name, &[(partition(0), epoch, 100)]).await.expect("the database answers"));
        tx.commit().await.expect("the end of the transaction");
    }
    let mine = process("shop", 5);
    for number in [101, 102] {
        let mut tx = begin(pool).await;
        assert!(advance(&mut tx, &mine, &[(partition(0), NOW, number)]).await.expect("the database answers"));
        tx.commit().await.expect("the end of the transaction");
    }
    let known = async |name: &str| last_batch(pool, name, partition(0), NOW).await.expect("it answers");
    assert_eq!(known(&of_others[0]).await, None, "it is gone");
    for name in of_others[1..].iter().chain([&process("shop", 4)]) {
        assert_eq!(known(name).await, Some(100), "{name}");
    }
    assert_eq!(known(&mine).await, Some(102));
    let mut late = begin(pool).await;
    assert!(!advance(&mut late, &mine, &[(partition(0), old, 103)]).await.expect("the database answers"));
}

async fn progress_is_exact<DB: SqlDatabase>(pool: &Pool<DB>) {
    only_committed_batches_are_known(pool).await;
    earlier_flusher_is_fenced(pool).await;
    all_partitions_advance_together(pool).await;
    processes_that_are_gone_are_forgotten(pool).await;
}

#[tokio::test]
async fn sqlite_knows_the_batches_that_were_committed() {
    let file = SqliteFile::new();
    progress_is_exact(&file.pool(3).await).await;
}

#[tokio::test]
async fn postgres_knows_the_batches_that_were_committed() {
    let server = Postgres::start().await;
    progress_is_exact(&postgres(&server).await).await;
}

#[tokio::test]
async fn any_database_knows_the_batches_that_were_committed() {
    let (file, server) = (SqliteFile::new(), Postgres::start().await);
    progress_is_exact(&any(&file.url()).await).await;
    progress_is_exact(&any(&server.url()).await).await;
}

/// Returns when somebody waits for a lock.
async fn somebody_waits(pool: &sqlx::PgPool) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    loop {
        let count: i64 = sqlx::query_scalar(waiting).fetch_one(pool).await.expect("the server answers");
        if count > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn postgres_transaction_under_way_is_waited_for_and_counts_if_it_commits() {
    let server = Postgres::start().await;
    let pool = postgres(&server).await;
    prepare(&pool).await.expect("the table of progress");
    // The first time the row is new, then it is there.
    for (round, epoch) in [(1, 10), (2, 20), (3, 30)] {
        let mut tx = begin(&pool).await;
        advanced(&mut tx, &[(partition(1), epoch, 100 * round)]).await;
        let asked = tokio::spawn({
            let pool = pool.clone();
            async move { last_batch(&pool, "shop", partition(1), epoch + 1).await }
        });
        somebody_waits(&pool).await;
        assert!(!asked.is_finished());
        if round == 3 {
            tx.rollback().await.expect("the end of the transaction");
        } else {
            tx.commit().await.expect("the end of the transaction");
        }
        let known = asked.await.expect("it doesn't panic").expect("the database answers");
        assert_eq!(known, Some(100 * round.min(2)));
    }
}

#[tokio::test]
async fn postgres_transaction_that_comes_late_is_refused() {
    let server = Postgres::start().await;
    let pool = postgres(&server).await;
    prepare(&pool).await.expect("the table of progress");
    for isolation in ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"] {
        let begin = format!("BEGIN ISOLATION LEVEL {isolation}");
        let mut tx = pool.begin_with(sqlx::AssertSqlSafe(begin)).await.expect("a transaction");
        // Its snapshot is older than what follows.
        sqlx::query("SELECT 1").execute(&mut *tx).await.expect("the server answers");
        assert_eq!(last(&pool, 1, 12).await, None);
        match advance(&mut tx, "shop", &[(partition(1), 11, 100)]).await {
            Ok(written) => assert!(!written, "{isolation}"),
            // What the server can't serialize it refuses itself.
            Err(error) => {
                assert_eq!(
                    error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(),
                    Some("40001")
                );
            }
        }
        tx.rollback().await.expect("the end of the transaction");
        assert_eq!(last(&pool, 1, 12).await, None);
    }
}

#[tokio::test]
async fn sqlite_transaction_under_way_is_waited_for() {
    let file = SqliteFile::new();
    // Nothing waits by itself: it is asked again.
    let pool = file.impatient_pool(3).await;
    prepare(&pool).await.expect("the table of progress");
    let mut tx = begin(&pool).await;
    advanced(&mut tx, &[(partition(1), 10, 100)]).await;
    let asked = last_batch(&pool, "shop", partition(1), 11);
    let ended = async {
        tokio::task::yield_now().await;
        tx.commit().await
    };
    let (known, ended) = tokio::join!(asked, ended);
    ended.expect("the end of the transaction");
    assert_eq!(known.expect("the database answers"), Some(100));
    let mut late = begin(&pool).await;
    assert!(!advance(&mut late, "shop", &[(partition(1), 10, 101)]).await.expect("the database answers"));
}
