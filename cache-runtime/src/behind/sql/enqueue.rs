//! How a write comes into the queue, and who sees it there.

use super::{
    database::SqlDatabase,
    queue::SqlQueue,
    rows::{self, DELTA, NOTHING},
    work::{Line, Work, alone, number, part, store_error, values},
};
use crate::store::{EntryKey, Fingerprint, NewWrite, Pending, Put, Shown, Shows, StoreError, Target, Token};

/// How long the token of an accepted write is remembered, in microseconds.
const REMEMBERED: u64 = 120_000_000;

const QUEUED: i64 = 1;
const COALESCED: i64 = 2;

/// How a token is written.
pub(super) fn token_text(token: Token) -> String {
    format!("{:032x}", token.0)
}

/// What is known of a token and a key before a write is accepted.
struct Before {
    /// What the token was answered already.
    told: Option<Put>,
    halted: bool,
    /// What is pending, as a number.
    shows: i64,
    /// The latest write of the key that waits: its place, its function and what it drops.
    latest: Option<(u64, String, String)>,
}

pub(super) async fn enqueue<DB: SqlDatabase>(work: &mut Work<'_, DB>, write: &NewWrite) -> sqlx::Result<Put> {
    let mut line = work.lock_or_make(write.key.partition).await?;
    let before = before(work, write, line.now).await?;
    if let Some(put) = before.told {
        return Ok(put);
    }
    if before.halted {
        return Ok(Put::Halted);
    }
    let delta = write.shows == Shows::Delta;
    if before.shows != NOTHING && (before.shows == DELTA) != delta {
        return Ok(Put::Mixed);
    }
    let same = |(_, function, _): &(u64, String, String)| function.as_str() == &*write.function;
    let latest = before.latest.filter(|latest| write.coalesce && !delta && same(latest));
    if latest.is_none() && line.waiting >= write.most {
        return Ok(Put::Full);
    }
    let version = line.next();
    let mut drops = match &latest {
        Some((.., drops)) => rows::drops(drops)?,
        None => Vec::new(),
    };
    add(&mut drops, &write.drops);
    let put = if latest.is_some() { Put::Coalesced(version) } else { Put::Queued(version) };
    let id = latest.map_or(version, |(id, ..)| id);
    insert(work, write, &line, id, put, &rows::drops_text(&drops)?).await?;
    Ok(put)
}

async fn before<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    write: &NewWrite,
    now: u64,
) -> sqlx::Result<Before> {
    let sql = "SELECT COALESCE(t.put, 0), COALESCE(t.version, 0), COALESCE(p.halted, 0), COALESCE(p.shows, 0), \
               COALESCE(q.id, 0), COALESCE(q.function, ''), COALESCE(q.drops, '') \
               FROM (SELECT 1 AS one) always \
               LEFT JOIN cache_tokens t ON t.namespace = $1 AND t.part = $2 AND t.token = $3 AND t.ends > $4 \
               LEFT JOIN cache_pending p ON p.namespace = $1 AND p.part = $2 AND p.key = $5 \
               LEFT JOIN cache_queue q ON q.namespace = $1 AND q.part = $2 AND q.id = \
               (SELECT MAX(id) FROM cache_queue WHERE namespace = $1 AND part = $2 AND key = $5)";
    let place = part(write.key.partition);
    let values = values![work.namespace, place, token_text(write.token), now, &*write.key.text];
    let rows = work.rows(sql, values).await?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    let version = number(DB::int(row, 1)?);
    let id = number(DB::int(row, 4)?);
    Ok(Before {
        told: match DB::int(row, 0)? {
            QUEUED => Some(Put::Queued(version)),
            COALESCED => Some(Put::Coalesced(version)),
            _ => None,
        },
        halted: DB::int(row, 2)? != 0,
        shows: DB::int(row, 3)?,
        latest: if id == 0 { None } else { Some((id, DB::text(row, 5)?, DB::text(row, 6)?)) },
    })
}

/// Writes down the write, what its key shows, its token, and how far the line is.
async fn insert<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    write: &NewWrite,
    line: &Line,
    id: u64,
    put: Put,
    drops: &str,
) -> sqlx::Result<()> {
    let (shows, entry) = rows::shown(&write.shows);
    let coalesced = matches!(put, Put::Coalesced(_));
    let values = values![
        work.namespace,
        part(line.partition),
        id,
        line.last,
        &*write.function,
        &*write.key.text,
        &*write.payload,
        drops,
        line.now,
        rows::variant(write.key.fingerprint),
        shows,
        entry,
        token_text(write.token),
        if coalesced { COALESCED } else { QUEUED },
        line.now + REMEMBERED,
        !coalesced,
    ];
    work.together(
        &[
            "INSERT INTO cache_queue (namespace, part, id, version, function, key, payload, drops, attempts, since, \
             variant, shows, entry) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12) \
             ON CONFLICT (namespace, part, id) DO UPDATE SET version = excluded.version, payload = excluded.payload, \
             drops = excluded.drops, attempts = 0, variant = excluded.variant, shows = excluded.shows, \
             entry = excluded.entry",
            "INSERT INTO cache_pending (namespace, part, key, version, flushed, halted, variant, shows, entry) \
             VALUES ($1, $2, $6, $4, 0, 0, $10, $11, $12) ON CONFLICT (namespace, part, key) DO UPDATE \
             SET version = excluded.version, variant = excluded.variant, shows = excluded.shows, entry = excluded.entry",
            "INSERT INTO cache_tokens (namespace, part, token, put, version, ends) VALUES ($1, $2, $13, $14, $4, $15) \
             ON CONFLICT (namespace, part, token) DO UPDATE \
             SET put = excluded.put, version = excluded.version, ends = excluded.ends",
            "UPDATE cache_lines SET last = $4, waiting = waiting + $16 WHERE namespace = $1 AND part = $2",
        ],
        values,
    )
    .await
}

/// Adds what isn't there yet.
fn add(drops: &mut Vec<Target>, more: &[Target]) {
    for target in more {
        if !drops.contains(target) {
            drops.push(target.clone());
        }
    }
}

pub(super) async fn look<DB: SqlDatabase>(
    queue: &SqlQueue<DB>,
    key: &EntryKey,
) -> Result<Option<Pending>, StoreError> {
    let sql = "SELECT p.version, p.flushed, p.halted, p.variant, p.shows, p.entry, \
               CAST(CASE WHEN l.batch <> 0 AND EXISTS (SELECT 1 FROM cache_queue m WHERE m.namespace = $1 \
               AND m.part = $2 AND m.key = $3 AND l.batch_writes LIKE '%,' || CAST(m.id AS TEXT) || ':%') \
               THEN 1 ELSE 0 END AS BIGINT), COALESCE(q.id, 0), COALESCE(q.payload, p.entry) \
               FROM cache_pending p JOIN cache_lines l ON l.namespace = p.namespace AND l.part = p.part \
               LEFT JOIN cache_queue q ON p.shows = 3 AND q.namespace = p.namespace AND q.part = p.part AND q.key = p.key \
               WHERE p.namespace = $1 AND p.part = $2 AND p.key = $3 ORDER BY q.id";
    let values = values![&*queue.namespace, part(key.partition), &*key.text];
    let rows = alone(&queue.pool, "look", |_| sql.to_owned(), values).await?;
    pending::<DB>(key, &rows).map_err(|error| store_error("look", error))
}

fn pending<DB: SqlDatabase>(key: &EntryKey, rows: &[DB::Row]) -> sqlx::Result<Option<Pending>> {
    let Some(row) = rows.first() else { return Ok(None) };
    let variant = DB::int(row, 3)?;
    let shows = match rows::shows(DB::int(row, 4)?, DB::bytes(row, 5)?)? {
        Shows::Value(_) if variant != rows::variant(key.fingerprint) => {
            Shown::Other(Fingerprint(number(variant)))
        }
        Shows::Value(entry) => Shown::Value(entry),
        Shows::Absent => Shown::Absent,
        Shows::Delta => {
            let mut deltas = Vec::new();
            for row in rows {
                if DB::int(row, 7)? != 0 {
                    deltas.push(DB::bytes(row, 8)?.into());
                }
            }
            Shown::Deltas(deltas)
        }
    };
    Ok(Some(Pending {
        version: number(DB::int(row, 0)?),
        flushed: number(DB::int(row, 1)?),
        halted: DB::int(row, 2)? != 0,
        moving: DB::int(row, 6)? != 0,
        shows,
    }))
}

/// Lets readers get this dead letter again: it has just been queued under `version`.
pub(super) async fn show_again<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    line: &Line,
    version: u64,
) -> sqlx::Result<()> {
    let sql = "INSERT INTO cache_pending (namespace, part, key, version, flushed, halted, variant, shows, entry) \
               SELECT namespace, part, key, version, 0, 0, variant, shows, entry FROM cache_queue \
               WHERE namespace = $1 AND part = $2 AND id = $3 \
               ON CONFLICT (namespace, part, key) DO UPDATE \
               SET version = excluded.version, variant = excluded.variant, shows = excluded.shows, entry = excluded.entry";
    work.rows(sql, values![work.namespace, part(line.partition), version]).await.map(drop)
}
