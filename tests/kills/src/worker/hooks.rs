//! Where a worker ends itself or stands still, exactly when it was told to.

use super::{log::Log, repository::Row};
use crate::{
    database,
    words::{Act, Engine, Function, Point},
};
use rustix::process::{Signal, getpid, kill_process};
use sqlx::{AnyConnection, Executor as _};
use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
};
use tokio::{runtime, sync::Notify};

/// What the worker was told to do, and where.
#[derive(Debug)]
pub(crate) struct Hooks {
    told: Mutex<Option<(Point, Act)>>,
    /// The network was arranged as the point needs it.
    pub(crate) go: Notify,
    database: String,
    log: Arc<Log>,
}

impl Hooks {
    pub(crate) fn new(database: String, log: Arc<Log>) -> Self {
        Self { told: Mutex::default(), go: Notify::new(), database, log }
    }

    pub(crate) fn tell(&self, told: Option<(Point, Act)>) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = told;
    }

    /// Does what it was told to do here, once.
    pub(crate) fn at(&self, point: Point) {
        if let Some(act) = self.take(point) {
            self.act(point, act);
        }
    }

    fn take(&self, point: Point) -> Option<Act> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.take_if(|(at, _)| *at == point).map(|(_, act)| act)
    }

    fn act(&self, point: Point, act: Act) {
        self.log.say(format_args!("! {point}"));
        let signal = match act {
            Act::Die => Signal::KILL,
            Act::Halt => Signal::STOP,
        };
        let _ = kill_process(getpid(), signal);
    }

    /// At the end of a batch function, before its transaction is committed.
    pub(crate) async fn writing(self: &Arc<Self>, function: Function, batch: &[Row]) -> sqlx::Result<()> {
        self.at(Point::Writing);
        if let (Some(act), Some(row)) = (self.take(Point::Committed), batch.last()) {
            self.log.say(format_args!("@"));
            self.go.notified().await;
            let (hooks, row) = (self.clone(), row.clone());
            thread::spawn(move || hooks.watch(act, function, &row));
        }
        Ok(())
    }

    /// Waits until a row of a batch is committed.
    fn watch(&self, act: Act, function: Function, row: &Row) {
        let Ok(runtime) = runtime::Builder::new_current_thread().enable_all().build() else { return };
        let committed = async {
            let mut connection = database::impatient(&self.database).await?;
            while !self.is_committed(&mut connection, function, row).await? {
                thread::yield_now();
            }
            if act == Act::Halt {
                let _ = connection.execute("ROLLBACK").await;
            }
            self.act(Point::Committed, act);
            Ok::<(), sqlx::Error>(())
        };
        let _ = runtime.block_on(committed);
    }

    /// In SQLite whoever has found the batch keeps the lock, so that nobody can settle it meanwhile.
    async fn is_committed(
        &self,
        connection: &mut AnyConnection,
        function: Function,
        row: &Row,
    ) -> sqlx::Result<bool> {
        let locks = Engine::of_url(&self.database) == Engine::Sqlite;
        if locks && connection.execute("BEGIN IMMEDIATE").await.is_err() {
            return Ok(false);
        }
        let found = sqlx::query("SELECT 1 FROM history WHERE wrote = $1 AND id = $2 AND number = $3");
        let found = found.bind(function.word()).bind(row.id).bind(row.number);
        let found = found.fetch_optional(&mut *connection).await?.is_some();
        if locks && !found {
            connection.execute("ROLLBACK").await?;
        }
        Ok(found)
    }
}
