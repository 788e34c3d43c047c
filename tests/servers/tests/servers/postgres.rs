//! PostgreSQL starts, dies and comes back with what was committed.

use std::{fs, process::Command};
use test_servers::Postgres;

/// Runs SQL through `psql`, which comes with every server.
fn sql(url: &str, statement: &str) -> String {
    let output = Command::new("psql").args(["-X", "-A", "-t", "-q", "-d", url, "-c", statement]).output();
    let output = output.expect("psql runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[tokio::test]
async fn committed_rows_survive_a_kill_and_a_stop() {
    let postgres = Postgres::start().await;
    let url = postgres.url();
    assert_eq!(url, format!("postgres://postgres@127.0.0.1:{}/postgres", postgres.port()));
    sql(&url, "create table t (n int); insert into t values (1)");
    postgres.kill9();
    assert_eq!(postgres.pid(), None);
    postgres.restart().await;
    assert_eq!(sql(&url, "select n from t"), "1");
    postgres.stop();
    postgres.restart().await;
    assert_eq!(sql(&url, "select n from t"), "1");
}

#[tokio::test]
async fn databases_of_one_server_are_apart() {
    let postgres = Postgres::builder().setting("max_connections", "13").start().await;
    let shop = postgres.create_database("shop").await;
    assert_eq!(sql(&shop, "select current_database()"), "shop");
    assert_eq!(sql(&postgres.url(), "show max_connections"), "13");
}

#[tokio::test]
async fn servers_made_from_one_template_are_apart_and_leave_nothing() {
    let (one, other) = tokio::join!(Postgres::start(), Postgres::start());
    sql(&one.url(), "create table t (n int)");
    assert_eq!(sql(&other.url(), "select to_regclass('t') is null"), "t");
    let dir = one.dir().to_owned();
    drop(one);
    assert!(!fs::exists(dir).unwrap());
}
