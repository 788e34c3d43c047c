//! Is nothing lost and nothing written twice, while flushers lose their claims and their transactions?

use crate::databases::{SqliteFile, any, postgres};
use cache_runtime::{
    __private::{SqlQueue, SqlValue, advance, last_batch, prepare},
    SqlDatabase,
    store::{
        Batch, Claim, EntryKey, Fingerprint, NewWrite, Partition, Put, QueuedWrite, Settled, Shows, Token,
        WriteQueue,
    },
};
use sqlx::{Pool, SqlSafeStr, Transaction};
use std::{borrow::Cow, time::Duration};
use test_servers::Postgres;

const WRITERS: usize = 2;
const WRITES: u64 = 150;
const KEYS: u64 = 7;
const LONG: Duration = Duration::from_mins(1);

/// What a flusher does with its batches, one after the other.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// All goes well.
    Settled,
    /// It is gone after the commit.
    GoneAfterCommit,
    /// It is gone before the commit.
    GoneBeforeCommit,
    /// It sleeps before the commit, while another takes over.
    Late,
    /// It takes a batch and does nothing with it.
    GoneAfterTake,
}

const FATES: [Fate; 5] =
    [Fate::Settled, Fate::GoneAfterCommit, Fate::Late, Fate::GoneBeforeCommit, Fate::GoneAfterTake];

/// The writes of a writer are events: each adds one to its key, and is noted by itself.
fn write(writer: usize, n: u64) -> NewWrite {
    let text = format!("count:{}", n % KEYS);
    NewWrite {
        token: Token::random(),
        key: EntryKey {
            partition: Partition::all().nth(usize::from(n % 2 == 1)).expect("there are more"),
            text: text.into(),
            template: Cow::Borrowed("count:<id>"),
            fingerprint: Fingerprint(1),
            groups: Vec::new(),
        },
        function: "Counts::add count:<id>".into(),
        payload: format!("{writer}:{n}").into(),
        shows: Shows::Delta,
        ttl: None,
        coalesce: true,
        drops: Vec::new(),
        most: 40,
    }
}

async fn enqueue_all<DB: SqlDatabase>(queue: &SqlQueue<DB>, writer: usize) {
    for n in 0..WRITES {
        let write = write(writer, n);
        loop {
            match queue.enqueue(&write).await.expect("the queue answers") {
                Put::Queued(_) => break,
                // The flusher makes room.
                Put::Full => tokio::task::yield_now().await,
                other => panic!("{other:?}"),
            }
        }
        // What isn't answered is asked again.
        assert!(matches!(queue.enqueue(&write).await, Ok(Put::Queued(_))));
    }
}

/// The batch function: it notes what is written, in order, in the batch's transaction.
async fn apply<DB: SqlDatabase>(tx: &mut Transaction<'_, DB>, writes: &[QueuedWrite]) {
    for write in writes {
        let payload = String::from_utf8(write.payload.to_vec()).expect("it is text");
        let sql = "INSERT INTO noted (place, write_key, payload) VALUES ($1, $2, $3)";
        let values =
            vec![SqlValue::from(write.id), SqlValue::from(write.key.to_string()), SqlValue::from(payload)];
        DB::rows(tx, sql.into_sql_str(), values).await.expect("it is noted");
    }
}

fn settled(batch: &Batch) -> Vec<Settled> {
    batch.writes.iter().map(|(id, version)| Settled::Done { id: *id, version: *version }).collect()
}

/// A flusher, and those that come after it.
struct Flusher<'q, DB: SqlDatabase> {
    queue: &'q SqlQueue<DB>,
    pool: &'q Pool<DB>,
    holder: Token,
    fates: std::iter::Cycle<std::slice::Iter<'static, Fate>>,
    fenced: u32,
    known: u32,
    unknown: u32,
}

impl<DB: SqlDatabase> Flusher<'_, DB> {
    /// Flushes once; answers whether anything waited.
    async fn turn(&mut self) -> bool {
        let claims = self.queue.claim(self.holder, LONG, &[]).await.expect("the queue answers");
        for claim in &claims {
            if let Some(batch) = &claim.unfinished {
                self.finish(claim, batch).await;
            }
            let holder = self.holder;
            self.flush(claim).await;
            if self.holder != holder {
                // The other claims are gone as well.
                break;
            }
        }
        !claims.is_empty()
    }

    /// What an earlier holder left is settled if the database has it.
    async fn finish(&mut self, claim: &Claim, batch: &Batch) {
        let last = last_batch(self.pool, "shop", claim.partition, claim.epoch).await;
        let applied = last.expect("the database answers").is_some_and(|last| last >= batch.number);
        if applied {
            self.known += 1;
        } else {
            self.unknown += 1;
        }
        let settled = if applied { settled(batch) } else { Vec::new() };
        assert!(self.queue.settle(claim, Some(batch.number), &settled).await.expect("the queue answers"));
    }

    async fn flush(&mut self, claim: &Claim) {
        let waiting = self.queue.peek(claim.partition, 0, 25).await.expect("the queue answers");
        let ids: Vec<_> = waiting.iter().map(|waiting| waiting.id).collect();
        let Some(taken) = self.queue.take(claim, &ids).await.expect("the queue answers") else { return };
        if taken.writes.is_empty() {
            assert!(self.queue.settle(claim, Some(taken.number), &[]).await.expect("the queue answers"));
            return;
        }
        let fate = *self.fates.next().expect("they come round");
        if matches!(fate, Fate::GoneAfterTake) {
            return self.next_holder().await;
        }
        let mut tx = self.pool.begin().await.expect("a transaction");
        if matches!(fate, Fate::Late) {
            // Before it writes anything somebody else takes over, shuts it out, and finds nothing.
            let late = self.holder;
            self.next_holder().await;
            let claims = self.queue.claim(self.holder, LONG, &[]).await.expect("the queue answers");
            let next = claims.iter().find(|next| next.partition == claim.partition).expect("it is free");
            let batch = next.unfinished.clone().expect("it is not settled");
            assert_eq!(batch.number, taken.number);
            self.finish(next, &batch).await;
            apply(&mut tx, &taken.writes).await;
            let lane = (claim.partition, claim.epoch, taken.number);
            assert!(!advance(&mut tx, "shop", &[lane]).await.expect("the database answers"), "{late:?}");
            tx.rollback().await.expect("the end of the transaction");
            let number = Some(batch.number);
            assert!(!self.queue.settle(claim, number, &settled(&batch)).await.expect("the queue answers"));
            self.fenced += 1;
            return;
        }
        apply(&mut tx, &taken.writes).await;
        let lane = (claim.partition, claim.epoch, taken.number);
        assert!(advance(&mut tx, "shop", &[lane]).await.expect("the database answers"));
        if matches!(fate, Fate::GoneBeforeCommit) {
            drop(tx);
            return self.next_holder().await;
        }
        tx.commit().await.expect("the end of the transaction");
        if matches!(fate, Fate::GoneAfterCommit) {
            return self.next_holder().await;
        }
        let done: Vec<_> =
            taken.writes.iter().map(|write| Settled::Done { id: write.id, version: write.version }).collect();
        assert!(self.queue.settle(claim, Some(taken.number), &done).await.expect("the queue answers"));
    }

    /// The holder is gone, and its claims end.
    async fn next_holder(&mut self) {
        self.queue.yield_claims(self.holder).await.expect("the queue answers");
        self.holder = Token::random();
    }
}

async fn nothing_is_lost_and_nothing_is_written_twice<DB: SqlDatabase>(pool: &Pool<DB>) {
    prepare(pool).await.expect("the table of progress");
    let mut connection = pool.acquire().await.expect("a connection");
    let table = "CREATE TABLE noted (place BIGINT NOT NULL, write_key TEXT NOT NULL, payload TEXT NOT NULL)";
    DB::script(&mut connection, table).await.expect("a table");
    drop(connection);
    let queue = SqlQueue::new(pool.clone(), "shop");
    let mut flusher = Flusher {
        queue: &queue,
        pool,
        holder: Token::random(),
        fates: FATES.iter().cycle(),
        fenced: 0,
        known: 0,
        unknown: 0,
    };
    // As two processes would: each with a handle of its own.
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let queue = SqlQueue::new(pool.clone(), "shop");
            tokio::spawn(async move { enqueue_all(&queue, writer).await })
        })
        .collect();
    loop {
        let written = writers.iter().all(tokio::task::JoinHandle::is_finished);
        if !flusher.turn().await && written {
            break;
        }
    }
    for writer in writers {
        writer.await.expect("it doesn't panic");
    }
    let mut connection = pool.acquire().await.expect("a connection");
    let sql = "SELECT place, write_key, payload FROM noted ORDER BY place";
    let rows = DB::rows(&mut connection, sql.into_sql_str(), Vec::new()).await.expect("what was noted");
    let mut next = [0; WRITERS];
    let mut per_partition = [[0; 2]; WRITERS];
    for row in &rows {
        let payload = DB::text(row, 2).expect("a payload");
        let (writer, n) = payload.split_once(':').expect("a writer and a number");
        let (writer, n): (usize, u64) = (writer.parse().expect("a number"), n.parse().expect("a number"));
        let seen = &mut per_partition[writer][usize::from(n % 2 == 1)];
        assert_eq!(*seen * 2 + n % 2, n, "the writes of writer {writer} are in order, each once");
        *seen += 1;
        next[writer] += 1;
    }
    assert_eq!(next, [WRITES; WRITERS]);
    assert!(queue.dead().await.expect("the queue answers").is_empty());
    assert!(queue.depths().await.expect("the queue answers").iter().all(|depth| depth.writes == 0));
    assert!(flusher.fenced > 0 && flusher.known > 0 && flusher.unknown > 0);
}

#[tokio::test]
async fn sqlite_loses_nothing_and_writes_nothing_twice() {
    let file = SqliteFile::new();
    nothing_is_lost_and_nothing_is_written_twice(&file.pool(6).await).await;
}

#[tokio::test]
async fn postgres_loses_nothing_and_writes_nothing_twice() {
    let server = Postgres::start().await;
    nothing_is_lost_and_nothing_is_written_twice(&postgres(&server).await).await;
}

#[tokio::test]
async fn any_postgres_loses_nothing_and_writes_nothing_twice() {
    let server = Postgres::start().await;
    nothing_is_lost_and_nothing_is_written_twice(&any(&server.url()).await).await;
}
