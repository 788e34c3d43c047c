//! What the errors of databases mean, by their codes and as real databases give them.

use super::{Failure, FailureKind};
use sqlx::{
    Connection, Executor, PgConnection, PgPool,
    error::{DatabaseError, ErrorKind},
    sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions},
};
use std::{borrow::Cow, env, error::Error, fmt, fs, process, time::Duration};
use test_servers::Postgres;

/// An error with this code.
#[derive(Debug)]
struct Coded(&'static str);

impl fmt::Display for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Coded {}

impl DatabaseError for Coded {
    fn message(&self) -> &str {
        self.0
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.0.into())
    }

    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

fn kind(error: &sqlx::Error) -> FailureKind {
    Failure::of(error, None).kind
}

fn all_are(codes: &[&'static str], expected: FailureKind) {
    for code in codes {
        assert_eq!(kind(&sqlx::Error::Database(Box::new(Coded(code)))), expected, "{code}");
    }
}

#[test]
fn states_of_a_database_that_can_not_write_now_are_transient() {
    all_are(
        &[
            "08000", "08003", "08006", "08P01", "40001", "40003", "40P01", "55P03", "53000", "53100",
            "53200", "53300", "53400", "57P01", "57P02", "57P03", "57P04", "57P05", "25006", "25P03",
            "58030", "28P01", "3D000",
        ],
        FailureKind::Transient,
    );
}

#[test]
fn states_that_are_the_fault_of_a_write_are_permanent() {
    all_are(
        &[
            "22001", "22003", "22P02", "22021", "23000", "23502", "23503", "23505", "23514", "23P01",
            "40002", "44000", "54000",
        ],
        FailureKind::Permanent,
    );
}

#[test]
fn states_that_may_be_of_one_write_or_of_all_are_unknown() {
    all_are(&["57014", "25P04", "25P02", "42P01", "42501", "P0001", "XX000", "0A000"], FailureKind::Unknown);
}

#[test]
fn codes_of_sqlite_are_told_apart_extended_or_not() {
    // BUSY with recovery and snapshot, LOCKED with shared cache, NOMEM, READONLY after a move, IOERR of fsync, FULL, CANTOPEN.
    let transient = ["5", "261", "517", "6", "262", "7", "8", "1032", "10", "1034", "13", "14", "15", "17"];
    all_are(&transient, FailureKind::Transient);
    // CONSTRAINT: check, foreign key, not null, primary key, unique; TOOBIG, MISMATCH.
    all_are(&["19", "275", "787", "1299", "1555", "2067", "18", "20"], FailureKind::Permanent);
    // ERROR, INTERRUPT, CORRUPT, AUTH, NOTADB, and a trigger's RAISE.
    all_are(&["1", "9", "11", "23", "26", "1811"], FailureKind::Unknown);
}

#[tokio::test]
async fn postgres_that_is_in_the_way_of_itself_is_transient() {
    let server = Postgres::start().await;
    let pool = PgPool::connect(&server.url()).await.expect("a pool");
    let table = "CREATE TABLE stock (id INT PRIMARY KEY, left_over INT NOT NULL CHECK (left_over >= 0)); \
                 INSERT INTO stock VALUES (1, 10)";
    pool.execute(sqlx::raw_sql(table)).await.expect("a table");
    let update = "UPDATE stock SET left_over = left_over - 1 WHERE id = 1";

    // Another has committed since this transaction began to read.
    let mut late = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await.expect("a transaction");
    late.execute("SELECT * FROM stock").await.expect("it reads");
    pool.execute(update).await.expect("it is written");
    let error = late.execute(update).await.expect_err("its snapshot is too old");
    assert_eq!((kind(&error), state(&error)), (FailureKind::Transient, "40001".to_owned()));
    drop(late);

    // Another holds the row for longer than anybody may wait.
    let mut holds = pool.begin().await.expect("a transaction");
    holds.execute(update).await.expect("it is written");
    let mut waits = pool.begin().await.expect("a transaction");
    waits.execute("SET LOCAL lock_timeout = '1ms'").await.expect("it is set");
    let error = waits.execute(update).await.expect_err("the row is held");
    assert_eq!((kind(&error), state(&error)), (FailureKind::Transient, "55P03".to_owned()));
    drop((holds, waits));

    // It is a standby, as far as this transaction can tell.
    let mut reads = pool.begin_with("BEGIN READ ONLY").await.expect("a transaction");
    let error = reads.execute(update).await.expect_err("it only reads");
    assert_eq!((kind(&error), state(&error)), (FailureKind::Transient, "25006".to_owned()));
    drop(reads);

    // Somebody ends the connection.
    let mut ended = PgConnection::connect(&server.url()).await.expect("a connection");
    let process: i32 =
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut ended).await.expect("it answers");
    let end = sqlx::query_scalar::<_, bool>("SELECT pg_terminate_backend($1, 10000)").bind(process);
    assert!(end.fetch_one(&pool).await.expect("the server answers"), "it has ended in time");
    let error = ended.execute(update).await.expect_err("it has ended");
    assert_eq!(kind(&error), FailureKind::Transient, "{error}");

    // What a value is to blame for.
    let error =
        pool.execute("UPDATE stock SET left_over = -1").await.expect_err("there can't be less than none");
    assert_eq!((kind(&error), state(&error)), (FailureKind::Permanent, "23514".to_owned()));
    let error = pool.execute("UPDATE stock SET left_over = 5000000000").await.expect_err("it is too large");
    assert_eq!((kind(&error), state(&error)), (FailureKind::Permanent, "22003".to_owned()));
    let slow = "SET statement_timeout = '1ms'; SELECT pg_sleep(10)";
    let error = pool.execute(sqlx::raw_sql(slow)).await.expect_err("it takes too long");
    assert_eq!((kind(&error), state(&error)), (FailureKind::Unknown, "57014".to_owned()));
}

fn state(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.expect("the database has answered").into_owned()
}

#[tokio::test]
async fn sqlite_whose_write_lock_another_holds_is_transient() {
    let folder = env::temp_dir().join(format!("failures-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let options = SqliteConnectOptions::new().filename(folder.join("shop.db")).busy_timeout(Duration::ZERO);
    let pool: SqlitePool =
        SqlitePoolOptions::new().connect_with(options.clone().create_if_missing(true)).await.expect("a pool");
    let table = "PRAGMA journal_mode = WAL; CREATE TABLE stock (id INTEGER PRIMARY KEY, left_over INT CHECK (left_over >= 0))";
    pool.execute(sqlx::raw_sql(table)).await.expect("a table");
    let insert = "INSERT INTO stock (left_over) VALUES (1)";

    // From the start, and after it has read something that is old by now: SQLITE_BUSY and SQLITE_BUSY_SNAPSHOT.
    let mut late = pool.begin().await.expect("a transaction");
    late.execute("SELECT * FROM stock").await.expect("it reads");
    let mut holds = pool.begin_with("BEGIN IMMEDIATE").await.expect("a transaction");
    holds.execute(insert).await.expect("it is written");
    let error = pool.execute(insert).await.expect_err("another writes");
    assert_eq!((kind(&error), state(&error)), (FailureKind::Transient, "5".to_owned()));
    holds.commit().await.expect("it is committed");
    let error = late.execute(insert).await.expect_err("it has read what was before");
    assert_eq!((kind(&error), state(&error)), (FailureKind::Transient, "517".to_owned()));
    drop(late);

    let error = pool.execute("INSERT INTO stock (left_over) VALUES (-1)").await.expect_err("less than none");
    assert_eq!(kind(&error), FailureKind::Permanent);
    let reader = SqlitePool::connect_with(options.read_only(true)).await.expect("a pool");
    let error = reader.execute(insert).await.expect_err("it only reads");
    assert_eq!((kind(&error), state(&error)), (FailureKind::Transient, "8".to_owned()));
    let _ = fs::remove_dir_all(&folder);
}
