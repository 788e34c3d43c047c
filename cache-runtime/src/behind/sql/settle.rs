//! How a batch ends.

use super::{
    claims::json,
    database::SqlDatabase,
    letters::bury,
    work::{Column, Line, Work, number, of_key, part, rows_of, table, values},
};
use crate::store::{Claim, Settled};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, HashSet};

/// The keys of what was settled.
pub(super) type Touched = BTreeMap<String, Reached>;

/// How far a key is in the database now.
#[derive(Default)]
pub(super) struct Reached {
    /// The greatest version that was settled as done; zero if none was.
    version: u64,
    /// The greatest one of those that are whole.
    whole: u64,
}

/// What failed, then what is given up, then the rest: what was written after it supersedes it.
pub(super) async fn settle<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    claim: &Claim,
    number: Option<u64>,
    settled: &[Settled],
) -> sqlx::Result<bool> {
    let line = work.lock(claim.partition).await?.filter(|line| line.held && line.epoch == claim.epoch);
    let Some(mut line) = line else { return Ok(false) };
    if number.is_some_and(|number| number != line.batch) {
        return Ok(true);
    }
    let mut touched = Touched::new();
    let (mut done, mut failed, mut dead) = (Vec::new(), Vec::new(), Vec::new());
    for settled in settled {
        match settled {
            Settled::Done { id, version } => done.push((*id, *version)),
            Settled::Failed { id, version } => failed.push((*id, *version)),
            Settled::Dead { id, version, error, halt } => dead.push((*id, *version, error, *halt)),
        }
    }
    if !failed.is_empty() {
        fail(work, &line, &failed).await?;
    }
    for (id, version, error, halt) in dead {
        let which = ("id = $3 AND version = $4", values![id, version]);
        bury(work, &mut line, which, error, halt, &mut touched).await?;
    }
    if !done.is_empty() {
        finish(work, &mut line, &done, &mut touched).await?;
    }
    if !touched.is_empty() {
        unshow(work, &line, &touched).await?;
    }
    let over = number.map(|_| ", batch = 0, batch_epoch = 0, batch_function = '', batch_writes = ''");
    save(work, &line, over.unwrap_or_default()).await?;
    Ok(true)
}

/// Writes down how far a line is, and what else is said of it.
pub(super) async fn save<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    line: &Line,
    more: &'static str,
) -> sqlx::Result<()> {
    let sql = format!(
        "UPDATE cache_lines SET last = $3, waiting = $4, dead = $5{more} WHERE namespace = $1 AND part = $2"
    );
    let values = values![work.namespace, part(line.partition), line.last, line.waiting, line.dead];
    work.rows(AssertSqlSafe(sql), values).await.map(drop)
}

/// A write that was not replaced.
const SAME: &str = "w.id = g.id AND w.version = g.version";

async fn fail<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    line: &Line,
    failed: &[(u64, u64)],
) -> sqlx::Result<()> {
    let given = table(work.dialect, "$3", &[Column::Int("id"), Column::Int("version")]);
    let sql = format!(
        "UPDATE cache_queue SET attempts = attempts + 1 WHERE {}",
        rows_of(work.dialect, "cache_queue", &given, SAME)
    );
    let values = values![work.namespace, part(line.partition), json(failed)?];
    work.rows(AssertSqlSafe(sql), values).await.map(drop)
}

/// The database has these. Those that were replaced meanwhile wait again, at the end of the line.
async fn finish<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    line: &mut Line,
    done: &[(u64, u64)],
    touched: &mut Touched,
) -> sqlx::Result<()> {
    let given = table(work.dialect, "$3", &[Column::Int("id"), Column::Int("version")]);
    let sql = format!(
        "DELETE FROM cache_queue WHERE {} RETURNING id, key, version, whole",
        rows_of(work.dialect, "cache_queue", &given, SAME)
    );
    let values = values![work.namespace, part(line.partition), json(done)?];
    let mut gone = HashSet::new();
    for row in work.rows(AssertSqlSafe(sql), values).await? {
        gone.insert(number(DB::int(&row, 0)?));
        touch(touched, DB::text(&row, 1)?, number(DB::int(&row, 2)?), DB::int(&row, 3)? != 0);
    }
    line.waiting -= gone.len() as u64;
    let rest: BTreeMap<_, _> = done.iter().filter(|(id, _)| !gone.contains(id)).copied().collect();
    if !rest.is_empty() {
        append_again(work, line, &rest, touched).await?;
    }
    Ok(())
}

fn touch(touched: &mut Touched, key: String, version: u64, whole: bool) {
    let reached = touched.entry(key).or_default();
    reached.version = version.max(reached.version);
    if whole {
        reached.whole = version.max(reached.whole);
    }
}

/// Of these writes others have taken the place: they go to the end of the line, unless a later write of their key is there.
async fn append_again<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    line: &mut Line,
    rest: &BTreeMap<u64, u64>,
    touched: &mut Touched,
) -> sqlx::Result<()> {
    let given = table(work.dialect, "$3", &[Column::Int("id")]);
    let asked = rows_of(work.dialect, "cache_queue", &given, "w.id = g.id");
    let of_key = of_key("l", "cache_queue.key");
    let sql = format!(
        "SELECT id, key, (SELECT MAX(l.id) FROM cache_queue l WHERE {of_key}), whole FROM cache_queue WHERE {asked} ORDER BY id"
    );
    let ids: Vec<_> = rest.keys().map(|id| [id]).collect();
    let values = values![work.namespace, part(line.partition), json(&ids)?];
    let mut moved = Vec::new();
    for row in work.rows(AssertSqlSafe(sql), values).await? {
        let (id, last) = (number(DB::int(&row, 0)?), number(DB::int(&row, 2)?));
        if id == last {
            moved.push((id, line.next()));
        }
        // What has taken the place of a write is whole if that was.
        let version = rest.get(&id).copied().unwrap_or_default();
        touch(touched, DB::text(&row, 1)?, version, DB::int(&row, 3)? != 0);
    }
    if moved.is_empty() {
        return Ok(());
    }
    let given = table(work.dialect, "$3", &[Column::Int("place"), Column::Int("other")]);
    let asked = rows_of(work.dialect, "cache_queue", &given, "w.id = g.place");
    let sql = format!(
        "UPDATE cache_queue SET id = g.other, since = $4 FROM {given} g WHERE {asked} AND id = g.place"
    );
    let values = values![work.namespace, part(line.partition), json(&moved)?, line.now];
    work.rows(AssertSqlSafe(sql), values).await.map(drop)
}

/// Forgets the keys that nothing is pending for any more, says of the others how far they were flushed, and marks the dead letters that are older.
pub(super) async fn unshow<DB: SqlDatabase>(
    work: &mut Work<'_, DB>,
    line: &Line,
    touched: &Touched,
) -> sqlx::Result<()> {
    let keys: Vec<_> = touched.iter().map(|(key, reached)| (key, reached.version, reached.whole)).collect();
    let place = part(line.partition);
    let given =
        table(work.dialect, "$3", &[Column::Text("name"), Column::Int("done"), Column::Int("replaced")]);
    let asked = rows_of(work.dialect, "cache_pending", &given, "w.key = g.name");
    let of_key = of_key("q", "cache_pending.key");
    let sql = format!(
        "DELETE FROM cache_pending WHERE {asked} AND halted = 0 \
         AND (SELECT COUNT(*) FROM cache_queue q WHERE {of_key}) = 0 RETURNING key"
    );
    let mut forgotten = HashSet::new();
    for row in work.rows(AssertSqlSafe(sql), values![work.namespace, place, json(&keys)?]).await? {
        forgotten.insert(DB::text(&row, 0)?);
    }
    let left: Vec<_> = keys.iter().filter(|(key, ..)| !forgotten.contains(*key)).collect();
    if !left.is_empty() {
        let sql = format!(
            "UPDATE cache_pending SET flushed = g.done FROM {given} g WHERE {asked} AND key = g.name AND flushed < g.done"
        );
        work.rows(AssertSqlSafe(sql), values![work.namespace, place, json(&left)?]).await?;
    }
    if line.dead > 0 {
        let sql = format!(
            "UPDATE cache_dead SET superseded = 1 FROM {given} g WHERE namespace = $1 AND part = $2 \
             AND key = g.name AND version <= g.replaced AND whole <> 0 AND halted = 0"
        );
        work.rows(AssertSqlSafe(sql), values![work.namespace, place, json(&keys)?]).await?;
    }
    Ok(())
}
