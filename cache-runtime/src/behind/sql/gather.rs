//! How writes that are enqueued at once go into one transaction together.
//!
//! Who comes first leads: a task writes down what is there at once, and then what has come meanwhile, until nothing has. No caller holds it: those that go away
//! take nothing of the others with them.

use super::{
    accept::is_of_one,
    database::SqlDatabase,
    enqueue,
    queue::Base,
    work::{attempt, kind_of},
};
use crate::store::{NewWrite, Partition, Put, StoreError, StoreErrorKind};
use std::{
    collections::{BTreeMap, VecDeque, btree_map::Entry},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{runtime::Handle, sync::oneshot, task::JoinSet};

/// How many writes one transaction accepts at most.
const WRITES: usize = 512;
/// How many bytes, unless one write alone has more.
const BYTES: usize = 1 << 20;
/// How often a write is offered: again when whoever led is gone with its runtime.
const OFFERS: u32 = 3;

/// The calls of a queue, and who writes them down.
pub(super) struct Gathering<DB: SqlDatabase> {
    base: Arc<Base<DB>>,
    lines: Arc<Lines>,
    /// The leaders, which end with the queue.
    leaders: Mutex<JoinSet<()>>,
}

/// The calls that wait, by partition. Where a partition has a place somebody leads.
#[derive(Default)]
struct Lines {
    waiting: Mutex<BTreeMap<Partition, VecDeque<Call>>>,
    commits: AtomicU64,
}

/// A write, and who waits for its answer.
struct Call {
    write: NewWrite,
    answer: oneshot::Sender<Result<Put, StoreError>>,
}

impl<DB: SqlDatabase> Gathering<DB> {
    pub(super) fn new(base: Arc<Base<DB>>) -> Self {
        Self { base, lines: Arc::default(), leaders: Mutex::default() }
    }

    /// In how many transactions writes were accepted.
    pub(super) fn commits(&self) -> u64 {
        self.lines.commits.load(Ordering::Relaxed)
    }

    /// Accepts a write together with others; answers after the commit.
    pub(super) async fn enqueue(&self, write: &NewWrite) -> Result<Put, StoreError> {
        for _ in 0..OFFERS {
            let (answer, answered) = oneshot::channel();
            self.offer(Call { write: write.clone(), answer })?;
            if let Ok(answer) = answered.await {
                return answer;
            }
            // If the write was committed all the same, its token tells.
        }
        Err(StoreError::new(StoreErrorKind::Connection, "enqueue")
            .because("the runtime of whoever wrote it has ended"))
    }

    fn offer(&self, call: Call) -> Result<(), StoreError> {
        let runtime = Handle::try_current()
            .map_err(|error| StoreError::new(StoreErrorKind::Unavailable, "enqueue").because(error))?;
        let partition = call.write.key.partition;
        match self.lines.waiting().entry(partition) {
            Entry::Occupied(mut others) => {
                others.get_mut().push_back(call);
                return Ok(());
            }
            Entry::Vacant(nobody) => nobody.insert(VecDeque::from([call])),
        };
        let leader = Leader { base: self.base.clone(), lines: self.lines.clone(), partition, leads: true };
        let mut leaders = self.leaders.lock().unwrap_or_else(PoisonError::into_inner);
        while leaders.try_join_next().is_some() {}
        leaders.spawn_on(leader.lead(), &runtime);
        Ok(())
    }
}

impl Lines {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<Partition, VecDeque<Call>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes down the writes of a partition.
struct Leader<DB: SqlDatabase> {
    base: Arc<Base<DB>>,
    lines: Arc<Lines>,
    partition: Partition,
    leads: bool,
}

impl<DB: SqlDatabase> Leader<DB> {
    async fn lead(mut self) {
        loop {
            // Those that the last transaction has answered come back in the meantime: two halves that never meet would take twice the transactions.
            tokio::task::yield_now().await;
            let Some(calls) = self.next() else { return };
            let writes: Vec<_> = calls.iter().map(|call| &call.write).collect();
            let answers = self.write(&writes).await;
            // Answered callers may let the runtime rest: whoever calls then must not wait for this task.
            self.rest();
            for (call, answer) in calls.into_iter().zip(answers) {
                // A caller that has gone away doesn't hear it.
                let _ = call.answer.send(answer);
            }
        }
    }

    /// The calls of the next transaction, in the order in which they came; without those whose callers are gone. `None` if nobody leads any more.
    fn next(&mut self) -> Option<Vec<Call>> {
        if !self.leads {
            return None;
        }
        let (mut calls, mut bytes) = (Vec::new(), 0);
        let mut waiting = self.lines.waiting();
        let line = waiting.get_mut(&self.partition)?;
        while calls.len() < WRITES
            && let Some(call) = line.pop_front()
        {
            if call.answer.is_closed() {
                continue;
            }
            bytes += size(&call.write);
            if bytes > BYTES && !calls.is_empty() {
                line.push_front(call);
                break;
            }
            calls.push(call);
        }
        drop(waiting);
        if calls.is_empty() {
            self.rest();
            return None;
        }
        Some(calls)
    }

    /// Leads no longer if nobody waits; the next caller makes another leader.
    fn rest(&mut self) {
        let mut waiting = self.lines.waiting();
        if waiting.get(&self.partition).is_none_or(VecDeque::is_empty) {
            waiting.remove(&self.partition);
            self.leads = false;
        }
    }

    /// All in one transaction; each in its own when one of them may be what the database refused.
    async fn write(&self, writes: &[&NewWrite]) -> Vec<Result<Put, StoreError>> {
        let error = match self.commit(writes).await {
            Ok(puts) => return puts.into_iter().map(Ok).collect(),
            Err(error) if writes.len() > 1 && is_of_one(&error) => error,
            Err(error) => return same(&Arc::new(error), writes.len()).collect(),
        };
        tracing::debug!(%error, writes = writes.len(), "writes are accepted one by one, since one of them may be at fault");
        let mut answers = Vec::with_capacity(writes.len());
        for write in writes {
            match self.commit(&[*write]).await {
                Ok(puts) => answers.extend(puts.into_iter().map(Ok)),
                Err(error) if is_of_one(&error) => answers.extend(same(&Arc::new(error), 1)),
                Err(error) => {
                    answers.extend(same(&Arc::new(error), writes.len() - answers.len()));
                    break;
                }
            }
        }
        answers
    }

    async fn commit(&self, writes: &[&NewWrite]) -> sqlx::Result<Vec<Put>> {
        let puts = attempt(&self.base, move |work| Box::pin(enqueue::enqueue(work, writes))).await?;
        self.lines.commits.fetch_add(1, Ordering::Relaxed);
        Ok(puts)
    }
}

impl<DB: SqlDatabase> Drop for Leader<DB> {
    fn drop(&mut self) {
        if self.leads {
            // Its runtime has ended, or it has panicked: the callers learn it from their answers' end, and another leads.
            let left = self.lines.waiting().remove(&self.partition);
            drop(left);
        }
    }
}

/// The error of a transaction is the answer of all its callers.
fn same(error: &Arc<sqlx::Error>, callers: usize) -> impl Iterator<Item = Result<Put, StoreError>> {
    let kind = kind_of(error);
    std::iter::repeat_with(move || Err(StoreError::new(kind, "enqueue").because(error.clone()))).take(callers)
}

/// About how many bytes a write takes.
fn size(write: &NewWrite) -> usize {
    let shown = match &write.shows {
        crate::store::Shows::Value(entry) => entry.len(),
        crate::store::Shows::Absent | crate::store::Shows::Delta => 0,
    };
    write.payload.len() + shown + write.key.text.len() + write.function.len()
}
