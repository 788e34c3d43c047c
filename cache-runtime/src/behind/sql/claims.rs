//! Who flushes a partition, and what is taken.

use super::{
    database::{SqlDatabase, SqlDialect},
    enqueue::token_text,
    queue::Base,
    rows::{self, write_columns},
    work::{Column, Work, alone, locked, now, number, part, partition, rows_of, store_error, table, values},
};
use crate::store::{Claim, Depth, Partition, QueuedWrite, StoreError, Taken, Token, Waiting};
use sqlx::AssertSqlSafe;
use std::{collections::HashMap, sync::atomic::Ordering, time::Duration};

/// How often tokens that are over are forgotten, in microseconds.
const SWEEP: u64 = 10_000_000;

/// Takes and keeps claims. The rows are locked in order of partition, so that two that claim don't wait for each other.
fn claim_sql(dialect: SqlDialect) -> String {
    let (now, locked) = (now(dialect), locked(dialect));
    format!(
        "UPDATE cache_lines SET \
         holder = CASE WHEN waiting > 0 OR batch <> 0 THEN $2 ELSE '' END, \
         epoch = CASE WHEN (waiting = 0 AND batch = 0) OR (holder = $2 AND holder_ends > clock.moment) THEN epoch \
         WHEN clock.moment / 1000000 > epoch THEN clock.moment / 1000000 ELSE epoch + 1 END, \
         holder_ends = clock.moment + $3 \
         FROM (SELECT {now} AS moment) clock \
         WHERE namespace = $1 AND (holder IN ('', $2) OR holder_ends <= clock.moment) \
         AND (waiting > 0 OR batch <> 0 OR (holder = $2 AND holder_ends > clock.moment)) \
         AND part IN (SELECT part FROM cache_lines WHERE namespace = $1 AND (holder IN ('', $2) OR holder_ends <= {now}) \
         AND (waiting > 0 OR batch <> 0 OR holder = $2) ORDER BY part{locked}) \
         RETURNING part, epoch, waiting, batch, batch_epoch, batch_function, batch_writes, holder_ends - $3"
    )
}

pub(super) async fn claim<DB: SqlDatabase>(
    queue: &Base<DB>,
    holder: Token,
    lease: Duration,
    except: &[Partition],
) -> Result<Vec<Claim>, StoreError> {
    let lease = u64::try_from(lease.as_micros()).unwrap_or(u64::MAX).min(1 << 52);
    let values = values![&*queue.namespace, token_text(holder), lease];
    let turn = queue.turn().await;
    let rows = alone(&queue.pool, "claim", claim_sql, values).await?;
    let (mut claims, mut moment) = (Vec::new(), 0);
    for row in &rows {
        moment = moment.max(DB::int(row, 7).map(number).map_err(|error| store_error("claim", error))?);
        claims.extend(claimed::<DB>(row).map_err(|error| store_error("claim", error))?);
    }
    claims.sort_by_key(|claim| claim.partition);
    for claim in claims.extract_if(.., |claim| except.contains(&claim.partition)) {
        let sql = "UPDATE cache_lines SET holder = '' WHERE namespace = $1 AND part = $2 AND holder = $3";
        let values = values![&*queue.namespace, part(claim.partition), token_text(holder)];
        alone(&queue.pool, "claim", |_| sql.to_owned(), values).await?;
    }
    if moment >= queue.swept.load(Ordering::Relaxed) + SWEEP {
        queue.swept.store(moment, Ordering::Relaxed);
        let sweep = |_| "DELETE FROM cache_tokens WHERE namespace = $1 AND ends <= $2".to_owned();
        alone(&queue.pool, "claim", sweep, values![&*queue.namespace, moment]).await?;
    }
    drop(turn);
    Ok(claims)
}

/// The claim in a row; none if nothing is to be done there, and it was given back.
fn claimed<DB: SqlDatabase>(row: &DB::Row) -> sqlx::Result<Option<Claim>> {
    let (epoch, batch) = (number(DB::int(row, 1)?), rows::batch::<DB>(row, [3, 4, 5, 6])?);
    if DB::int(row, 2)? == 0 && batch.is_none() {
        return Ok(None);
    }
    let unfinished = batch.filter(|batch| batch.epoch != epoch);
    Ok(Some(Claim { partition: partition(DB::int(row, 0)?)?, epoch, unfinished }))
}

pub(super) async fn yield_claims<DB: SqlDatabase>(queue: &Base<DB>, holder: Token) -> Result<(), StoreError> {
    let sql = |dialect| {
        let locked = locked(dialect);
        format!(
            "UPDATE cache_lines SET holder = '' WHERE namespace = $1 AND holder = $2 AND part IN \
             (SELECT part FROM cache_lines WHERE namespace = $1 AND holder = $2 ORDER BY part{locked})"
        )
    };
    let _turn = queue.turn().await;
    alone(&queue.pool, "yield_claims", sql, values![&*queue.namespace, token_text(holder)]).await.map(drop)
}

pub(super) async fn peek<DB: SqlDatabase>(
    queue: &Base<DB>,
    partition: Partition,
    after: u64,
    most: usize,
) -> Result<Vec<Waiting>, StoreError> {
    // Counted, and so looked up for each write: it isn't to be joined.
    let sql = "SELECT id, function, key, CAST(LENGTH(payload) AS BIGINT) FROM cache_queue q \
               WHERE namespace = $1 AND part = $2 AND id > $3 AND (SELECT COUNT(*) FROM cache_pending p \
               WHERE p.namespace = $1 AND p.part = $2 AND p.key = q.key AND p.halted <> 0) = 0 ORDER BY id LIMIT $4";
    let values = values![&*queue.namespace, part(partition), after, most as u64];
    let rows = alone(&queue.pool, "peek", |_| sql.to_owned(), values).await?;
    let waiting = |row: &DB::Row| -> sqlx::Result<Waiting> {
        Ok(Waiting {
            id: number(DB::int(row, 0)?),
            function: DB::text(row, 1)?.into(),
            key: DB::text(row, 2)?.into(),
            bytes: u32::try_from(DB::int(row, 3)?).unwrap_or(u32::MAX),
        })
    };
    rows.iter().map(waiting).collect::<sqlx::Result<_>>().map_err(|error| store_error("peek", error))
}

/// The statement that reads writes by their ids.
fn writes_sql(dialect: SqlDialect) -> String {
    let given = table(dialect, "$3", &[Column::Int("id")]);
    let (columns, asked) =
        (write_columns!("cache_queue"), rows_of(dialect, "cache_queue", &given, "w.id = g.id"));
    format!("SELECT {columns} FROM cache_queue WHERE {asked}")
}

/// The writes that were read, in the order asked.
fn in_order<DB: SqlDatabase>(rows: &[DB::Row], ids: &[u64]) -> sqlx::Result<Vec<QueuedWrite>> {
    let found: HashMap<u64, QueuedWrite> = rows
        .iter()
        .map(|row| rows::queued::<DB>(row).map(|write| (write.id, write)))
        .collect::<sqlx::Result<_>>()?;
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}

pub(super) async fn fetch<DB: SqlDatabase>(
    queue: &Base<DB>,
    partition: Partition,
    ids: &[u64],
) -> Result<Vec<QueuedWrite>, StoreError> {
    let failed = |error| store_error("fetch", error);
    let asked: Vec<_> = ids.iter().map(|id| [*id]).collect();
    let values = values![&*queue.namespace, part(partition), json(&asked).map_err(failed)?];
    let rows = alone(&queue.pool, "fetch", writes_sql, values).await?;
    in_order::<DB>(&rows, ids).map_err(failed)
}

pub(super) async fn take<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    claim: &Claim,
    ids: &[u64],
) -> sqlx::Result<Option<Taken>> {
    let line = work.lock(claim.partition).await?.filter(|line| line.held && line.epoch == claim.epoch);
    let Some(mut line) = line.filter(|line| !line.unfinished) else { return Ok(None) };
    let asked: Vec<_> = ids.iter().map(|id| [*id]).collect();
    let values = values![work.namespace, part(claim.partition), json(&asked)?];
    let rows = work.rows(AssertSqlSafe(writes_sql(work.dialect)), values).await?;
    let writes = in_order::<DB>(&rows, ids)?;
    let number = line.next();
    let function = writes.first().map(|write| write.function.clone());
    let versions: Vec<_> = writes.iter().map(|write| (write.id, write.version)).collect();
    let sql = "UPDATE cache_lines SET last = $3, batch = $3, batch_epoch = epoch, batch_function = $4, \
               batch_writes = $5 WHERE namespace = $1 AND part = $2";
    let values = values![
        work.namespace,
        part(claim.partition),
        number,
        function.as_deref().unwrap_or_default(),
        rows::batch_text(&versions),
    ];
    work.rows(sql, values).await?;
    Ok(Some(Taken { number, writes }))
}

/// What a parameter for [`table`] is written as.
pub(super) fn json<T: serde::Serialize>(rows: &[T]) -> sqlx::Result<String> {
    serde_json::to_string(rows).map_err(|error| sqlx::Error::Encode(error.into()))
}

pub(super) async fn depths<DB: SqlDatabase>(queue: &Base<DB>) -> Result<Vec<Depth>, StoreError> {
    let sql = "SELECT part, waiting, last, dead, COALESCE((SELECT MIN(id) FROM cache_queue q \
               WHERE q.namespace = l.namespace AND q.part = l.part), 0) \
               FROM cache_lines l WHERE namespace = $1 ORDER BY part";
    let rows = alone(&queue.pool, "depths", |_| sql.to_owned(), values![&*queue.namespace]).await?;
    let depth = |row: &DB::Row| -> sqlx::Result<Depth> {
        Ok(Depth {
            partition: partition(DB::int(row, 0)?)?,
            writes: number(DB::int(row, 1)?),
            newest: number(DB::int(row, 2)?),
            dead: number(DB::int(row, 3)?),
            oldest: Some(number(DB::int(row, 4)?)).filter(|oldest| *oldest > 0),
        })
    };
    rows.iter().map(depth).collect::<sqlx::Result<_>>().map_err(|error| store_error("depths", error))
}
