//! How writes come into the queue, and who sees them there.

use super::{
    accept::{Accepted, Key, Known, Latest, accept},
    claims::json,
    database::{SqlDatabase, SqlDialect, SqlValue},
    queue::Base,
    rows,
    work::{Column, Line, Plan, Work, number, of_key, part, planned, slice, store_error, table, values},
};
use crate::store::{EntryKey, Fingerprint, NewWrite, Pending, Put, Shown, Shows, StoreError, Token};
use sqlx::AssertSqlSafe;

/// How long the token of an accepted write is remembered, in microseconds.
const REMEMBERED: u64 = 120_000_000;

const QUEUED: i64 = 1;
const COALESCED: i64 = 2;

/// How a token is written.
pub(super) fn token_text(token: Token) -> String {
    format!("{:032x}", token.0)
}

/// Accepts writes of one partition, one after the other; answers in their order.
pub(super) async fn enqueue<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    writes: &[&NewWrite],
) -> sqlx::Result<Vec<Put>> {
    let Some(first) = writes.first() else { return Ok(Vec::new()) };
    // PostgreSQL's text has no zeros, and SQLite's JSON ends at them.
    if writes.iter().any(|write| write.key.text.contains('\0') || write.function.contains('\0')) {
        return Err(sqlx::Error::Encode("the name of a key or a function has a zero in it".into()));
    }
    let mut line = work.lock_or_make(first.key.partition).await?;
    let mut known = known(work, writes, &line).await?;
    let accepted = accept(&mut line, &mut known, writes);
    if !accepted.rows.is_empty() {
        insert(work, &line, &accepted).await?;
    }
    Ok(accepted.puts)
}

/// The statement that reads what is known of tokens and keys: each row has its own look at the tables, however many rows these have.
fn known_sql(dialect: SqlDialect) -> String {
    let given = table(dialect, "$3", &[Column::Int("n"), Column::Text("token"), Column::Text("name")]);
    let of_key = of_key("l", "g.name");
    let joined = match dialect {
        SqlDialect::Sqlite => format!(
            "LEFT JOIN cache_tokens t ON t.namespace = $1 AND t.part = $2 AND t.token = g.token AND t.ends + 0 > $4 \
             LEFT JOIN cache_pending p ON p.namespace = $1 AND p.part = $2 AND p.key = g.name \
             LEFT JOIN cache_queue q ON q.namespace = $1 AND q.part = $2 AND q.id = \
             (SELECT MAX(l.id) FROM cache_queue l WHERE {of_key})"
        ),
        SqlDialect::Postgres => format!(
            "LEFT JOIN LATERAL (SELECT put, version FROM cache_tokens \
             WHERE namespace = $1 AND part = $2 AND token = g.token AND ends + 0 > $4 LIMIT 1) t ON TRUE \
             LEFT JOIN LATERAL (SELECT halted, shows FROM cache_pending \
             WHERE namespace = $1 AND part = $2 AND key = g.name LIMIT 1) p ON TRUE \
             LEFT JOIN LATERAL (SELECT id, function, drops, whole FROM cache_queue l \
             WHERE {of_key} ORDER BY id + 0 DESC LIMIT 1) q ON TRUE"
        ),
    };
    format!(
        "SELECT g.n, COALESCE(t.put, 0), COALESCE(t.version, 0), COALESCE(p.halted, 0), COALESCE(p.shows, 0), \
         COALESCE(q.id, 0), COALESCE(q.function, ''), COALESCE(q.drops, ''), COALESCE(q.whole, 0) FROM {given} g {joined}"
    )
}

async fn known<'w, DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    writes: &[&'w NewWrite],
    line: &Line,
) -> sqlx::Result<Known<'w>> {
    let asked: Vec<_> =
        writes.iter().enumerate().map(|(n, write)| (n, token_text(write.token), &*write.key.text)).collect();
    let values = values![work.namespace, part(line.partition), json(&asked)?, line.now];
    let mut known = Known::default();
    for row in work.rows(AssertSqlSafe(known_sql(work.dialect)), values).await? {
        let write = usize::try_from(DB::int(&row, 0)?).ok().and_then(|n| writes.get(n));
        let write = write.ok_or(sqlx::Error::RowNotFound)?;
        let version = number(DB::int(&row, 2)?);
        let told = match DB::int(&row, 1)? {
            QUEUED => Some(Put::Queued(version)),
            COALESCED => Some(Put::Coalesced(version)),
            _ => None,
        };
        known.told.extend(told.map(|put| (write.token, put)));
        let id = number(DB::int(&row, 5)?);
        let latest = if id == 0 {
            None
        } else {
            let (drops, whole) = (rows::drops(&DB::text(&row, 7)?)?, DB::int(&row, 8)? != 0);
            Some(Latest { id, function: DB::text(&row, 6)?, whole, drops })
        };
        let key = Key { halted: DB::int(&row, 3)? != 0, shows: DB::int(&row, 4)?, latest };
        known.keys.insert(&write.key.text, key);
    }
    Ok(known)
}

/// The statements of [`insert`]. The bytes of all writes are one parameter, of which each has its parts.
fn insert_sql(dialect: SqlDialect) -> [String; 4] {
    let given = table(
        dialect,
        "$3",
        &[
            Column::Int("id"),
            Column::Int("version"),
            Column::Text("function"),
            Column::Text("name"),
            Column::Text("drops"),
            Column::Int("whole"),
            Column::Int("variant"),
            Column::Int("shows"),
            Column::Int("shown"),
            Column::Int("payload_at"),
            Column::Int("payload_length"),
            Column::Int("entry_at"),
            Column::Int("entry_length"),
        ],
    );
    let tokens = table(dialect, "$5", &[Column::Text("token"), Column::Int("put"), Column::Int("version")]);
    let payload = slice(dialect, "$4", "g.payload_at", "g.payload_length");
    let entry = slice(dialect, "$4", "g.entry_at", "g.entry_length");
    [
        format!(
            "INSERT INTO cache_queue (namespace, part, id, version, function, key, payload, drops, whole, attempts, \
             since, variant, shows, entry) SELECT $1, $2, g.id, g.version, g.function, g.name, {payload}, g.drops, g.whole, 0, $6, \
             g.variant, g.shows, {entry} FROM {given} g WHERE TRUE \
             ON CONFLICT (namespace, part, id) DO UPDATE SET version = excluded.version, payload = excluded.payload, \
             drops = excluded.drops, attempts = 0, variant = excluded.variant, shows = excluded.shows, \
             entry = excluded.entry"
        ),
        format!(
            "INSERT INTO cache_pending (namespace, part, key, version, flushed, halted, variant, shows, entry) \
             SELECT $1, $2, g.name, g.version, 0, 0, g.variant, g.shows, {entry} FROM {given} g WHERE g.shown = 1 \
             ON CONFLICT (namespace, part, key) DO UPDATE \
             SET version = excluded.version, variant = excluded.variant, shows = excluded.shows, entry = excluded.entry"
        ),
        format!(
            "INSERT INTO cache_tokens (namespace, part, token, put, version, ends) \
             SELECT $1, $2, g.token, g.put, g.version, $7 FROM {tokens} g WHERE TRUE \
             ON CONFLICT (namespace, part, token) DO UPDATE \
             SET put = excluded.put, version = excluded.version, ends = excluded.ends"
        ),
        "UPDATE cache_lines SET last = $8, waiting = $9 WHERE namespace = $1 AND part = $2".to_owned(),
    ]
}

/// Writes down the writes, what their keys show, their tokens, and how far the line is.
async fn insert<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    line: &Line,
    accepted: &Accepted<'_>,
) -> sqlx::Result<()> {
    // The first byte is nobody's: a parameter without bytes might be none. SQL counts from one.
    let mut bytes = vec![0];
    let mut place = |part: &[u8]| {
        bytes.extend(part);
        bytes.len() - part.len() + 1
    };
    let mut waiting = Vec::with_capacity(accepted.rows.len());
    for (id, row) in &accepted.rows {
        let (shows, entry) = rows::shown(&row.write.shows);
        let payload = &*row.write.payload;
        waiting.push((
            id,
            row.version,
            &*row.write.function,
            &*row.write.key.text,
            rows::drops_text(&row.drops)?,
            u8::from(row.write.is_whole()),
            rows::variant(row.write.key.fingerprint),
            shows,
            u8::from(row.shown),
            place(payload),
            payload.len(),
            place(entry),
            entry.len(),
        ));
    }
    let told = |(token, put): &(Token, Put)| match put {
        Put::Queued(version) => Some((token_text(*token), QUEUED, *version)),
        Put::Coalesced(version) => Some((token_text(*token), COALESCED, *version)),
        Put::Full | Put::Halted | Put::Mixed => None,
    };
    let tokens: Vec<_> = accepted.tokens.iter().filter_map(told).collect();
    let values = values![
        work.namespace,
        part(line.partition),
        json(&waiting)?,
        SqlValue::Bytes(bytes),
        json(&tokens)?,
        line.now,
        line.now + REMEMBERED,
        line.last,
        line.waiting,
    ];
    work.together(&insert_sql(work.dialect).each_ref().map(String::as_str), values).await
}

pub(super) async fn look<DB: SqlDatabase>(
    queue: &Base<DB>,
    key: &EntryKey,
) -> Result<Option<Pending>, StoreError> {
    let (moving, waiting) = (of_key("m", "$3"), of_key("q", "p.key"));
    let sql = format!(
        "SELECT p.version, p.flushed, p.halted, p.variant, p.shows, p.entry, \
         CAST(CASE WHEN l.batch <> 0 AND EXISTS (SELECT 1 FROM cache_queue m WHERE {moving} \
         AND l.batch_writes LIKE '%,' || CAST(m.id AS TEXT) || ':%') \
         THEN 1 ELSE 0 END AS BIGINT), COALESCE(q.id, 0), COALESCE(q.payload, p.entry) \
         FROM cache_pending p JOIN cache_lines l ON l.namespace = p.namespace AND l.part = p.part \
         LEFT JOIN cache_queue q ON p.shows = 3 AND {waiting} \
         WHERE p.namespace = $1 AND p.part = $2 AND p.key = $3 ORDER BY q.id"
    );
    let values = values![&*queue.namespace, part(key.partition), &*key.text];
    let rows = planned(&queue.pool, "look", Plan::Kept, |_| sql.clone(), values).await?;
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
        // The first row has the oldest delta; nothing else is joined.
        oldest: number(DB::int(row, 7)?),
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
