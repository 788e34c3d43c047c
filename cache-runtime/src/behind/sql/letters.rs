//! What becomes of writes that were given up.

use super::{
    database::{SqlDatabase, SqlValue},
    enqueue::show_again,
    queue::Base,
    rows::{self, DELTA, NOTHING, RECORD, write_columns},
    settle::{Reached, Touched, save, unshow},
    work::{Line, Work, alone, number, of_key, part, partition, store_error, values},
};
use crate::store::{Dead, EntryKey, Partition, QueuedWrite, Replayed, StoreError};
use sqlx::AssertSqlSafe;
use std::time::Duration;

/// Gives up the writes for which the condition holds, with parameters from `$3`; answers how many. Their keys are touched, not yet forgotten.
pub(super) async fn bury<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    line: &mut Line,
    (which, more): (&str, Vec<SqlValue>),
    error: &str,
    halt: bool,
    touched: &mut Touched,
) -> sqlx::Result<u64> {
    let mut values = values![work.namespace, part(line.partition)];
    values.extend(more);
    // PostgreSQL's text has no zeros.
    let error = error.replace('\0', "\u{fffd}");
    let sql = format!(
        "INSERT INTO cache_dead (namespace, part, id, {RECORD}, error, died, halted, superseded) \
         SELECT namespace, part, id, {RECORD}, $5, $6, $7, 0 FROM cache_queue \
         WHERE namespace = $1 AND part = $2 AND {which} RETURNING key"
    );
    let mut more = values.clone();
    more.extend(values![error, line.now, halt]);
    let keys = work.rows(AssertSqlSafe(sql), more).await?;
    if keys.is_empty() {
        return Ok(0);
    }
    let sql = format!("DELETE FROM cache_queue WHERE namespace = $1 AND part = $2 AND {which}");
    work.rows(AssertSqlSafe(sql), values).await?;
    let buried = keys.len() as u64;
    (line.waiting, line.dead) = (line.waiting.saturating_sub(buried), line.dead + buried);
    for row in keys {
        let key = DB::text(&row, 0)?;
        if halt {
            set_halted(work, line, &key).await?;
        }
        touched.entry(key).or_default();
    }
    Ok(buried)
}

async fn set_halted<DB: SqlDatabase>(work: &mut Work<'_, DB>, line: &Line, key: &str) -> sqlx::Result<()> {
    let sql = "UPDATE cache_pending SET halted = 1 WHERE namespace = $1 AND part = $2 AND key = $3";
    work.rows(sql, values![work.namespace, part(line.partition), key]).await.map(drop)
}

/// A key whose halted dead letters are all gone takes writes again.
async fn unhalt<DB: SqlDatabase>(work: &mut Work<'_, DB>, line: &Line, key: &str) -> sqlx::Result<()> {
    let sql = "UPDATE cache_pending SET halted = 0 WHERE namespace = $1 AND part = $2 AND key = $3 AND NOT EXISTS \
               (SELECT 1 FROM cache_dead d WHERE d.namespace = $1 AND d.part = $2 AND d.key = $3 AND d.halted <> 0)";
    work.rows(sql, values![work.namespace, part(line.partition), key]).await.map(drop)
}

pub(super) async fn overtake<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    key: &EntryKey,
    version: u64,
) -> sqlx::Result<Vec<QueuedWrite>> {
    let Some(mut line) = work.lock(key.partition).await? else { return Ok(Vec::new()) };
    let columns = write_columns!("cache_queue");
    let sql = format!(
        "SELECT {columns} FROM cache_queue WHERE namespace = $1 AND part = $2 AND key = $3 AND version <= $4 ORDER BY id"
    );
    let rows = work
        .rows(AssertSqlSafe(sql), values![work.namespace, part(key.partition), &*key.text, version])
        .await?;
    let overtaken: Vec<_> = rows.iter().map(rows::queued::<DB>).collect::<sqlx::Result<_>>()?;
    let mut touched = Touched::new();
    let which = ("key = $3 AND version <= $4", values![&*key.text, version]);
    let error = "a direct write to the key overtook it";
    if !overtaken.is_empty() {
        bury(work, &mut line, which, error, false, &mut touched).await?;
        unshow(work, &line, &touched).await?;
        save(work, &line, "").await?;
    }
    if line.dead > 0 {
        let sql = "UPDATE cache_dead SET superseded = 1 WHERE namespace = $1 AND part = $2 AND key = $3 \
                   AND whole <> 0 AND halted = 0";
        work.rows(sql, values![work.namespace, part(key.partition), &*key.text]).await?;
    }
    Ok(overtaken)
}

pub(super) async fn dead<DB: SqlDatabase>(queue: &Base<DB>) -> Result<Vec<Dead>, StoreError> {
    let columns = write_columns!("d");
    let sql = |_| {
        format!(
            "SELECT {columns}, part, error, since, died, halted, superseded FROM cache_dead d \
             WHERE namespace = $1 ORDER BY part, id"
        )
    };
    let rows = alone(&queue.pool, "dead", sql, values![&*queue.namespace]).await?;
    let letter = |row: &DB::Row| -> sqlx::Result<Dead> {
        let time = |column| DB::int(row, column).map(|micros| Duration::from_micros(number(micros)));
        Ok(Dead {
            partition: partition(DB::int(row, 7)?)?,
            write: rows::queued::<DB>(row)?,
            error: DB::text(row, 8)?,
            times: (time(9)?, time(10)?),
            halted: DB::int(row, 11)? != 0,
            superseded: DB::int(row, 12)? != 0,
        })
    };
    rows.iter().map(letter).collect::<sqlx::Result<_>>().map_err(|error| store_error("dead", error))
}

pub(super) async fn replay<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    partition: Partition,
    id: u64,
) -> sqlx::Result<Replayed> {
    let Some(mut line) = work.lock(partition).await? else { return Ok(Replayed::Gone) };
    // A whole one that doesn't go back to its place would undo what was written after it.
    let later = of_key("q", "d.key");
    let sql = format!(
        "SELECT d.key, d.version, d.shows, d.halted, d.superseded, COALESCE(p.shows, 0), \
               CASE WHEN d.whole <> 0 AND d.halted = 0 AND (COALESCE(p.halted, 0) <> 0 OR EXISTS \
               (SELECT 1 FROM cache_queue q WHERE {later} AND q.whole <> 0 AND q.version > d.version)) \
               THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END FROM cache_dead d \
               LEFT JOIN cache_pending p ON p.namespace = d.namespace AND p.part = d.part AND p.key = d.key \
               WHERE d.namespace = $1 AND d.part = $2 AND d.id = $3"
    );
    let place = part(partition);
    let rows = work.rows(AssertSqlSafe(sql), values![work.namespace, place, id]).await?;
    let Some(row) = rows.first() else { return Ok(Replayed::Gone) };
    let (key, version) = (DB::text(row, 0)?, number(DB::int(row, 1)?));
    let (delta, halted) = (DB::int(row, 2)? == DELTA, DB::int(row, 3)? != 0);
    let (superseded, pending, newer) = (DB::int(row, 4)? != 0, DB::int(row, 5)?, DB::int(row, 6)? != 0);
    let mixed = pending != NOTHING && (pending == DELTA) != delta;
    if superseded || mixed || newer {
        return Ok(Replayed::Superseded);
    }
    // What halts its key goes back to its place, which is before whatever came later.
    let (place_now, version_now, since) = if halted {
        (id, version, "since")
    } else {
        let next = line.next();
        (next, next, "$6")
    };
    let sql = format!(
        "INSERT INTO cache_queue (namespace, part, id, {RECORD}) SELECT namespace, part, $4, $5, function, key, \
         payload, drops, whole, 0, {since}, variant, shows, entry FROM cache_dead \
         WHERE namespace = $1 AND part = $2 AND id = $3"
    );
    let mut values = values![work.namespace, place, id, place_now, version_now];
    if !halted {
        values.push(line.now.into());
    }
    work.rows(AssertSqlSafe(sql), values).await?;
    forget(work, &mut line, id).await?;
    line.waiting += 1;
    if halted {
        unhalt(work, &line, &key).await?;
    } else {
        show_again(work, &line, place_now).await?;
    }
    save(work, &line, "").await?;
    Ok(Replayed::Queued)
}

/// Forgets a dead letter; answers its key and whether it halted it.
async fn forget<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    line: &mut Line,
    id: u64,
) -> sqlx::Result<Option<(String, bool)>> {
    let sql = "DELETE FROM cache_dead WHERE namespace = $1 AND part = $2 AND id = $3 RETURNING key, halted";
    let rows = work.rows(sql, values![work.namespace, part(line.partition), id]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    line.dead = line.dead.saturating_sub(1);
    Ok(Some((DB::text(row, 0)?, DB::int(row, 1)? != 0)))
}

pub(super) async fn discard<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    partition: Partition,
    id: u64,
) -> sqlx::Result<bool> {
    let Some(mut line) = work.lock(partition).await? else { return Ok(false) };
    let Some((key, halted)) = forget(work, &mut line, id).await? else { return Ok(false) };
    if halted {
        unhalt(work, &line, &key).await?;
        unshow(work, &line, &Touched::from([(key, Reached::default())])).await?;
    }
    save(work, &line, "").await?;
    Ok(true)
}
