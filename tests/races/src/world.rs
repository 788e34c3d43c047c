//! What the promises are tried on: one row, this process's memory, and a reader that does what the runtime's does.

use super::{
    clock::{Clock, Moment},
    flight::{Audience, Flights, Followed, Follower, Joined, Leader, Outcome, WriteEnd, WriteSeat},
    key::{KeyId, PartsId},
    l1::{GroupStamp, Groups, L1, L1Entry},
    shared::HOLD,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
        step,
    },
};
use shuttle::{
    future::block_on,
    thread::{self, JoinHandle},
};

/// Whether the entry belongs to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Single,
    Paged,
}

pub(super) struct World {
    pub(super) flights: Arc<Flights>,
    pub(super) clock: Clock,
    pub(super) groups: Groups,
    pub(super) id: KeyId,
    pub(super) group: KeyId,
    kind: Kind,
    l1: L1,
    /// The version of the row.
    row: AtomicU64,
    /// The newest version whose write was acknowledged.
    acknowledged: AtomicU64,
    /// How many bodies have run to their end.
    pub(super) bodies: AtomicU64,
}

/// The n-th key of a family.
pub(super) fn key(n: u64) -> KeyId {
    PartsId::Number(n).of_family(1)
}

impl World {
    pub(super) fn new(kind: Kind) -> Arc<Self> {
        let (clock, _) = Clock::manual();
        Arc::new(Self {
            flights: Flights::new(clock.clone()),
            clock,
            groups: Groups::new(),
            id: key(7),
            group: PartsId::Number(1).of_family(2),
            kind,
            l1: L1::new(1 << 16),
            row: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            bodies: AtomicU64::new(0),
        })
    }

    /// Runs this in a thread of its own.
    pub(super) fn spawn(self: &Arc<Self>, run: impl FnOnce(&Arc<Self>) + Send + 'static) -> JoinHandle<()> {
        let world = self.clone();
        thread::spawn(move || run(&world))
    }

    /// The version that the memory has.
    pub(super) fn peek(&self) -> Option<u64> {
        step();
        let entry = self.l1.get(self.id)?;
        step();
        let holds = entry.hard() > self.clock.now() && entry.groups_hold();
        holds.then(|| version(entry.value))
    }

    pub(super) fn keep(&self, version: u64, groups: Option<Arc<[GroupStamp]>>) {
        step();
        self.l1.insert(self.id, L1Entry::new(Some(Arc::new(version)), Moment::NEVER, 0, groups));
        step();
    }

    pub(super) fn remove(&self) {
        step();
        self.l1.remove(self.id);
        step();
    }

    pub(super) fn clear(&self) {
        step();
        self.l1.clear();
        step();
    }

    /// The database's part of a read.
    pub(super) fn select(&self) -> u64 {
        self.row.load(SeqCst)
    }

    /// The database's part of a write.
    pub(super) fn commit(&self) -> u64 {
        self.row.fetch_add(1, SeqCst) + 1
    }

    pub(super) fn acknowledge(&self, version: u64) {
        self.acknowledged.fetch_max(version, SeqCst);
    }

    /// What every read that begins now must have seen.
    pub(super) fn floor(&self) -> u64 {
        self.acknowledged.load(SeqCst)
    }

    pub(super) fn stamps(&self) -> Option<Arc<[GroupStamp]>> {
        (self.kind == Kind::Paged).then(|| [self.groups.stamp(self.group)].into())
    }

    /// A read as the runtime makes it in a single process; it must see what was acknowledged before.
    pub(super) fn read(&self) {
        let floor = self.floor();
        let read = block_on(self.answer());
        assert!(read >= floor, "read {read} after {floor} was acknowledged");
    }

    async fn answer(&self) -> u64 {
        loop {
            if let Some(hit) = self.peek() {
                return hit;
            }
            match self.flights.join(self.id, || self.peek()) {
                Joined::Hit(hit) => return hit,
                Joined::Lead(leader) => return self.lead(leader),
                Joined::Follow(follower) => match follower.wait().await {
                    Followed::Outcome(outcome) => return loaded(outcome),
                    Followed::Lead(leader) => return self.lead(leader),
                    Followed::Again => {}
                },
                Joined::Recursive => unreachable!("nothing is nested here"),
            }
        }
    }

    /// Loads on behalf of everybody in the flight.
    pub(super) fn lead(&self, leader: Leader) -> u64 {
        let groups = self.stamps();
        leader.body_begins(groups.clone());
        let version = self.select();
        self.bodies.fetch_add(1, SeqCst);
        leader.land(Outcome::Value(Arc::new(version)), Audience::Everyone, |_| self.keep(version, groups));
        version
    }

    /// A write that deletes the entry.
    pub(super) fn write_around(&self) {
        let version = self.commit();
        self.flights.invalidate(self.id, None, || self.remove());
        self.acknowledge(version);
    }

    pub(super) fn begin_write(&self) -> WriteSeat {
        self.flights.begin_write(self.id, HOLD, || self.remove())
    }

    /// A write that keeps its row as the entry, once it was announced.
    pub(super) fn write_through(&self, seat: WriteSeat) {
        let version = self.commit();
        seat.end(WriteEnd::Committed, || self.keep(version, None), || self.remove());
        self.acknowledge(version);
    }

    /// When all threads have ended: the memory has the row as it is, or nothing, and no key is in motion.
    pub(super) fn settles(&self) -> Option<u64> {
        let kept = self.peek();
        if let Some(kept) = kept {
            assert_eq!(kept, self.select(), "an outdated entry was left");
        }
        kept
    }

    /// The same, and no flight nor writer is left on the table.
    pub(super) fn comes_to_rest(&self) -> Option<u64> {
        assert_eq!(self.flights.len(), 0, "keys in motion were left");
        self.settles()
    }
}

/// Waits for all of them.
pub(super) fn all(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    for thread in threads {
        thread.join().expect("a panic ends the schedule");
    }
}

/// Polls the wait once, then leaves.
pub(super) async fn wait_and_leave(follower: Follower) {
    let mut wait = std::pin::pin!(follower.wait());
    std::future::poll_fn(|context| {
        drop(wait.as_mut().poll(context));
        std::task::Poll::Ready(())
    })
    .await;
}

pub(super) fn loaded(outcome: Outcome) -> u64 {
    match outcome {
        Outcome::Value(value) => version(Some(value)),
        Outcome::Absent | Outcome::Failed(_) => unreachable!("every body finds the row"),
    }
}

fn version(value: Option<super::value::AnyArc>) -> u64 {
    *value.and_then(|value| value.downcast().ok()).expect("every entry is a version")
}
