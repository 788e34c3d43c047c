//! How the tables come to be.

use crate::databases::{SqliteFile, any, postgres};
use cache_runtime::{
    __private::SqlQueue,
    SqlDatabase, SqlDialect,
    conformance::queue::{QueueSubject, line},
    schema_sql,
    store::WriteQueue,
};
use futures_util::future::join_all;
use sqlx::{Executor, Pool};
use test_servers::Postgres;

/// Uses a queue, and the progress of batches.
async fn use_it<DB: SqlDatabase>(pool: &Pool<DB>, namespace: &str) {
    line::depths_tell_what_waits(&QueueSubject::in_real_time(SqlQueue::new(pool.clone(), namespace))).await;
    cache_runtime::__private::prepare(pool).await.expect("the table of progress");
}

#[tokio::test]
async fn schema_may_be_part_of_a_migration_and_run_again() {
    let (file, server) = (SqliteFile::new(), Postgres::start().await);
    let (sqlite, postgres) = (file.pool(2).await, postgres(&server).await);
    for n in 0..2 {
        sqlite.execute(sqlx::raw_sql(schema_sql(SqlDialect::Sqlite))).await.expect("the schema");
        postgres.execute(sqlx::raw_sql(schema_sql(SqlDialect::Postgres))).await.expect("the schema");
        use_it(&sqlite, &format!("shop:{n}")).await;
        use_it(&postgres, &format!("shop:{n}")).await;
    }
}

#[tokio::test]
async fn tables_are_made_once_when_many_start_together() {
    let (file, server) = (SqliteFile::new(), Postgres::start().await);
    let (sqlite, postgres) = (file.impatient_pool(8).await, postgres(&server).await);
    let names: Vec<_> = (0..8).map(|n| format!("shop:{n}")).collect();
    join_all(names.iter().map(|name| use_it(&postgres, name))).await;
    join_all(names.iter().map(|name| use_it(&sqlite, name))).await;
}

#[tokio::test]
async fn postgres_user_who_may_not_create_tables_uses_those_of_the_migration() {
    let server = Postgres::start().await;
    let owner = postgres(&server).await;
    owner.execute(sqlx::raw_sql(schema_sql(SqlDialect::Postgres))).await.expect("the schema");
    let rights = "CREATE ROLE app LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC; \
                  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app";
    owner.execute(sqlx::raw_sql(rights)).await.expect("the rights");
    let url = server.url().replace("postgres@", "app@");
    use_it(&any(&url).await, "shop").await;
}

#[tokio::test]
async fn namespaces_share_tables_and_nothing_else() {
    let file = SqliteFile::new();
    let pool = file.pool(2).await;
    use_it(&pool, "one").await;
    use_it(&pool, "two").await;
    let of_a_third = SqlQueue::new(pool, "three");
    assert!(of_a_third.depths().await.expect("the queue answers").is_empty());
    assert!(of_a_third.dead().await.expect("the queue answers").is_empty());
}
