//! Hand-made histories for every kind of breach, and random ones against a checker that tries everything.

use super::register::SETTLE;
use super::*;
use crate::{
    event::{Kind, Outcome, Seen},
    words::{Fence, Promise},
};
use proptest::prelude::*;
use std::time::{Duration, Instant};

const KEY: u16 = 0;
const LEVEL: Level = Level::Lease;

/// A history under construction; times are in milliseconds.
#[derive(Default)]
struct History(Vec<Event>);

impl History {
    fn add(mut self, at: u64, process: u32, what: What) -> Self {
        self.0.push(Event { at: at * 1_000_000, process, what });
        self
    }

    fn invoke(self, at: u64, process: u32, token: u64, kind: Kind) -> Self {
        self.add(at, process, What::Invoked { level: LEVEL, key: KEY, token, kind })
    }

    fn end(self, at: u64, process: u32, token: u64, outcome: Outcome) -> Self {
        self.add(at, process, What::Ended { level: LEVEL, key: KEY, token, outcome })
    }

    /// A write whose invalidation arrived before it returned.
    fn write(self, begin: u64, end: u64, process: u32, version: u64) -> Self {
        let outcome = Outcome::Acknowledged { version, committed: begin * 1_000_000 };
        self.invoke(begin, process, version, Kind::Put)
            .deliver(begin, end, process)
            .end(end, process, version, outcome)
    }

    fn deliver(self, begin: u64, end: u64, process: u32) -> Self {
        self.add(end, process, What::Delivered { level: LEVEL, key: KEY, begin: begin * 1_000_000 })
    }

    fn read(self, begin: u64, end: u64, process: u32, seen: Seen) -> Self {
        let begin = begin * 1_000_000;
        self.add(end, process, What::Read { level: LEVEL, via: Via::L2, key: KEY, reader: 1, begin, seen })
    }

    fn sees(self, begin: u64, end: u64, process: u32, version: u64) -> Self {
        self.read(begin, end, process, Seen::Row { version, token: version })
    }

    fn check(mut self) -> Tally {
        self.0.sort_by_key(|event| event.at);
        let terms = Terms { fence: Fence::Proceed, l1_max_lag: None };
        let mut checker = Checker::new(terms);
        self.0.iter().for_each(|event| checker.take(event));
        checker.tally().clone()
    }

    /// The only breach: its promise, where it was put down to, and for how many milliseconds it was stale.
    fn breach(self) -> Option<(Promise, Fault, u64)> {
        let tally = self.check();
        let mut all = tally.places.iter().flat_map(|(place, reads)| {
            reads.breaches.iter().map(|(promise, count)| (*promise, place.fault, count.longest / 1_000_000))
        });
        let first = all.next();
        assert_eq!(all.next(), None, "one at most");
        first
    }
}

#[test]
fn a_good_history_breaks_no_promise() {
    let history = History::default()
        .sees(1, 2, 2, 0)
        .write(3, 10, 1, 1)
        .sees(4, 5, 2, 0)
        .sees(4, 9, 3, 1)
        .sees(11, 12, 2, 1)
        .write(13, 15, 2, 2)
        .sees(12, 16, 1, 1);
    let tally = history.check();
    assert_eq!((tally.violations(), tally.admitted(), tally.checked()), (0, 0, 5));
}

#[test]
fn a_read_that_misses_an_acknowledged_write_is_found() {
    let history = History::default().write(1, 2, 1, 1).write(3, 4, 1, 2).sees(10, 11, 2, 0);
    assert_eq!(history.breach(), Some((Promise::Acknowledged, Fault::None, 8)), "stale since the first");
}

#[test]
fn a_read_that_misses_a_write_of_its_own_process_is_found() {
    assert_eq!(
        History::default().write(1, 2, 1, 1).sees(5, 6, 1, 0).breach(),
        Some((Promise::Own, Fault::None, 3))
    );
}

#[test]
fn a_write_counts_as_cut_off_until_its_invalidation_arrives() {
    let acknowledged = Outcome::Acknowledged { version: 1, committed: 3_000_000 };
    let begun = || {
        let history = History::default().add(1, 0, What::Broken(Fault::Partition));
        history.invoke(2, 1, 1, Kind::Put).deliver(1, 4, 1).end(5, 1, 1, acknowledged)
    };
    assert_eq!(
        begun().sees(8, 9, 2, 0).breach(),
        Some((Promise::CutOff, Fault::Partition, 3)),
        "what was delivered before the commit is another write's"
    );
    assert_eq!(begun().deliver(6, 7, 1).sees(6, 9, 2, 0).breach().map(|b| b.0), Some(Promise::CutOff));
    assert_eq!(
        begun().deliver(6, 7, 1).sees(8, 9, 2, 0).breach(),
        Some((Promise::Acknowledged, Fault::Partition, 1))
    );
}

#[test]
fn a_writer_cut_off_without_a_fault_is_admitted_only_when_it_missed_a_call() {
    let acknowledged = Outcome::Acknowledged { version: 1, committed: 3_000_000 };
    let history =
        || History::default().invoke(2, 1, 1, Kind::Put).end(5, 1, 1, acknowledged).sees(8, 9, 2, 0);
    assert_eq!(history().check().violations(), 1);
    let slow = history().add(4, 1, What::Missed).check();
    assert_eq!((slow.violations(), slow.admitted()), (0, 1));
    let other = history().add(4, 3, What::Missed).check();
    assert_eq!(other.violations(), 1, "another process's call explains nothing");
}

#[test]
fn new_then_old_while_the_write_is_under_way_is_found() {
    let history = History::default().invoke(1, 1, 1, Kind::Put).sees(2, 3, 2, 1);
    assert_eq!(history.sees(5, 6, 3, 0).breach(), Some((Promise::Order, Fault::None, 2)));
}

#[test]
fn one_reader_that_goes_back_is_counted_as_such() {
    let history = History::default().invoke(1, 1, 1, Kind::Put).sees(2, 3, 2, 1).sees(5, 6, 2, 0).check();
    let counts: Vec<_> = history.places.values().flat_map(|reads| reads.breaches.values()).collect();
    assert_eq!(counts.len(), 1);
    assert_eq!(counts[0].went_back, 1);
}

#[test]
fn what_survives_a_killed_writer_is_found_and_put_down_to_the_kill() {
    let history = History::default()
        .invoke(1, 1, 1, Kind::Put)
        .sees(2, 3, 2, 1)
        .add(4, 0, What::Broken(Fault::Kill))
        .add(5, 0, What::Died(1))
        .sees(2_000, 2_001, 2, 0);
    assert_eq!(history.breach(), Some((Promise::Finished, Fault::Kill, 1_795)), "soon it is finished");
}

#[test]
fn a_write_of_unknown_outcome_may_take_effect_at_any_time_and_never_has_to() {
    let begun = || History::default().invoke(1, 1, 1, Kind::Put).end(2, 1, 1, Outcome::Unknown);
    assert_eq!(begun().sees(9_000, 9_001, 2, 0).sees(9_002, 9_003, 2, 0).breach(), None);
    assert_eq!(begun().sees(3, 4, 2, 0).sees(9_000, 9_001, 2, 1).breach(), None);
    assert_eq!(
        begun().sees(9_000, 9_001, 2, 1).sees(9_002, 9_004, 2, 0).breach(),
        Some((Promise::Finished, Fault::None, 1))
    );
}

#[test]
fn what_nobody_wrote_is_found() {
    assert_eq!(History::default().sees(1, 2, 1, 7).breach().map(|b| b.0), Some(Promise::Written));
    let other = History::default().write(1, 2, 1, 1).read(3, 4, 2, Seen::Row { version: 2, token: 1 });
    assert_eq!(other.breach().map(|b| b.0), Some(Promise::Written), "that write made another version");
    let before = History::default().sees(1, 2, 2, 1).write(3, 4, 1, 1);
    assert_eq!(before.breach().map(|b| b.0), Some(Promise::Written), "not yet invoked");
    let absent = History::default().read(1, 2, 1, Seen::Absent);
    assert_eq!(absent.breach().map(|b| b.0), Some(Promise::Written), "nobody had removed it");
}

#[test]
fn absence_is_as_old_as_the_latest_removal() {
    let acknowledged = |version| Outcome::Acknowledged { version, committed: 0 };
    let removed =
        || History::default().invoke(1, 1, 1, Kind::Remove).deliver(1, 2, 1).end(3, 1, 1, acknowledged(1));
    assert_eq!(removed().read(5, 6, 2, Seen::Absent).breach(), None);
    let inserted = removed().write(7, 9, 1, 2).read(10, 11, 2, Seen::Absent);
    assert_eq!(
        inserted.breach(),
        Some((Promise::Acknowledged, Fault::None, 1)),
        "a negative entry hides the insert"
    );
    let unknown =
        removed().write(7, 9, 1, 2).invoke(8, 3, 3, Kind::Remove).read(10, 11, 2, Seen::Absent).check();
    assert_eq!((unknown.violations(), unknown.checked()), (0, 0), "it may be the removal under way");
}

#[test]
fn a_million_reads_are_checked_within_seconds() {
    // Without optimisation, and beside other tests, a tenth has to do.
    let reads: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    let terms = Terms { fence: Fence::Proceed, l1_max_lag: None };
    let mut checker = Checker::new(terms);
    let begun = Instant::now();
    let event = |at, what| Event { at, process: 1, what };
    for n in 0..reads {
        let (at, version) = (10 * n + 10, n / 40);
        let key = KEY;
        if n % 40 == 0 && n > 0 {
            checker.take(&event(at, What::Invoked { level: LEVEL, key, token: version, kind: Kind::Put }));
            let outcome = Outcome::Acknowledged { version, committed: at };
            checker.take(&event(at, What::Ended { level: LEVEL, key, token: version, outcome }));
        }
        let seen = Seen::Row { version, token: version };
        let reader = u16::try_from(n % 100).expect("below 100");
        let via = Via::L2;
        checker.take(&event(at + 2, What::Read { level: LEVEL, via, key, reader, begin: at + 1, seen }));
    }
    assert_eq!((checker.tally().checked(), checker.tally().violations()), (reads, 0));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

/// A write of a random history: version `n + 1` is that of the `n`th.
#[derive(Clone, Debug)]
struct AWrite {
    process: u32,
    begin: u64,
    length: u64,
    /// Acknowledged, or given up.
    acknowledged: bool,
    /// When its invalidation is sent and arrives, counted from its beginning.
    delivery: Option<(u64, u64)>,
}

#[derive(Clone, Debug)]
struct ARead {
    process: u32,
    begin: u64,
    length: u64,
    version: u64,
}

fn writes() -> impl Strategy<Value = Vec<AWrite>> {
    let delivery = prop::option::of((0_u64..4, 1_u64..6));
    let write = (1_u32..4, 0_u64..30, 1_u64..8, prop::bool::weighted(0.8), delivery);
    let write = write.prop_map(|(process, begin, length, acknowledged, delivery)| AWrite {
        process,
        begin,
        length,
        acknowledged,
        delivery,
    });
    prop::collection::vec(write, 0..5)
}

fn reads() -> impl Strategy<Value = Vec<ARead>> {
    let read = (1_u32..4, 0_u64..60, 1_u64..5, 0_u64..6);
    let read = read.prop_map(|(process, begin, length, version)| ARead { process, begin, length, version });
    prop::collection::vec(read, 1..8)
}

/// All times are unequal, so that "before" is never in doubt: seconds for the random part, the rest from a counter.
fn moment(seconds: u64, order: u64) -> Nanos {
    (seconds + 1) * 1_000_000_000 + order
}

/// What the definitions say, without any cleverness. `place` gives every event its distinct time.
fn brute(writes: &[AWrite], reads: &[ARead], at: usize) -> Option<(Promise, Nanos)> {
    let (begin_of, end_of) = (|i: usize| read_begin(reads, i), |i: usize| read_end(reads, i));
    let read = &reads[at];
    let newer = |version: u64| version > read.version;
    if read.version > 0 {
        let known = writes.get(usize::try_from(read.version).expect("small") - 1);
        let invoked = known.map(|_| write_begin(writes, usize::try_from(read.version).expect("small") - 1));
        if invoked.is_none_or(|invoked| invoked > end_of(at)) {
            return Some((Promise::Written, begin_of(at)));
        }
    }
    let numbered =
        || writes.iter().enumerate().map(|(n, w)| (n, n as u64 + 1, w)).filter(|(_, v, _)| newer(*v));
    let acknowledged = |n: usize| write_end(writes, n);
    let earliest =
        |times: &mut dyn Iterator<Item = Nanos>| times.min().filter(|since| *since <= begin_of(at));
    let own = earliest(
        &mut numbered()
            .filter(|(_, _, w)| w.acknowledged && w.process == read.process)
            .map(|(n, _, _)| acknowledged(n)),
    );
    let delivered = earliest(&mut numbered().filter(|(_, _, w)| w.acknowledged).filter_map(|(n, _, w)| {
        let deliveries = writes.iter().enumerate().filter(|(_, other)| other.process == w.process);
        let arrived = deliveries
            .filter_map(|(d, _)| delivery(writes, d))
            .filter(|(sent, _)| *sent >= write_begin(writes, n))
            .map(|(_, arrived)| arrived);
        arrived.min().map(|arrived| arrived.max(acknowledged(n)))
    }));
    let acked = earliest(&mut numbered().filter(|(_, _, w)| w.acknowledged).map(|(n, _, _)| acknowledged(n)));
    let seen_at = |version: u64| {
        let real = |i: &usize| brute_is_written(writes, reads, *i);
        (0..reads.len()).filter(real).filter(|i| reads[*i].version == version).map(end_of).min()
    };
    let finished = earliest(
        &mut numbered()
            .filter(|(_, _, w)| !w.acknowledged)
            .filter_map(|(n, v, _)| seen_at(v).map(|seen| seen.max(acknowledged(n) + SETTLE))),
    );
    let order = earliest(&mut (read.version + 1..10).filter_map(seen_at));
    let kinds = [
        (Promise::Own, own),
        (Promise::Acknowledged, delivered),
        (Promise::CutOff, acked),
        (Promise::Finished, finished),
        (Promise::Order, order),
    ];
    kinds.into_iter().find_map(|(promise, since)| since.map(|since| (promise, since)))
}

fn brute_is_written(writes: &[AWrite], reads: &[ARead], at: usize) -> bool {
    let version = usize::try_from(reads[at].version).expect("small");
    version == 0 || (version <= writes.len() && write_begin(writes, version - 1) <= read_end(reads, at))
}

fn write_begin(writes: &[AWrite], n: usize) -> Nanos {
    moment(writes[n].begin, 10 * n as u64)
}

fn write_end(writes: &[AWrite], n: usize) -> Nanos {
    moment(writes[n].begin + writes[n].length, 10 * n as u64 + 1)
}

fn delivery(writes: &[AWrite], n: usize) -> Option<(Nanos, Nanos)> {
    let write = &writes[n];
    let (sent, took) = write.delivery?;
    let sent = write.begin + sent;
    Some((moment(sent, 10 * n as u64 + 2), moment(sent + took, 10 * n as u64 + 3)))
}

fn read_begin(reads: &[ARead], n: usize) -> Nanos {
    moment(reads[n].begin, 1_000 + 10 * n as u64)
}

fn read_end(reads: &[ARead], n: usize) -> Nanos {
    moment(reads[n].begin + reads[n].length, 1_001 + 10 * n as u64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn short_histories_are_judged_as_by_a_checker_that_tries_everything(writes in writes(), reads in reads()) {
        let (level, key) = (LEVEL, KEY);
        let mut events = Vec::new();
        for (n, write) in writes.iter().enumerate() {
            let (process, token, version) = (write.process, n as u64 + 1, n as u64 + 1);
            let mut add = |at, what| events.push((at, process, what));
            add(write_begin(&writes, n), What::Invoked { level, key, token, kind: Kind::Put });
            let committed = write_begin(&writes, n);
            let outcome = if write.acknowledged {
                Outcome::Acknowledged { version, committed }
            } else {
                Outcome::Unknown
            };
            add(write_end(&writes, n), What::Ended { level, key, token, outcome });
            if let Some((begin, arrived)) = delivery(&writes, n) {
                add(arrived, What::Delivered { level, key, begin });
            }
        }
        for (n, read) in reads.iter().enumerate() {
            let seen = Seen::Row { version: read.version, token: read.version };
            let (reader, begin) = (u16::try_from(n).expect("few"), read_begin(&reads, n));
            let what = What::Read { level, via: Via::L2, key, reader, begin, seen };
            events.push((read_end(&reads, n), read.process, what));
        }
        events.sort_by_key(|(at, ..)| *at);
        let mut register = Register::default();
        for (at, process, what) in events {
            match what {
                What::Invoked { token, kind, .. } => register.invoked(at, process, token, kind),
                What::Ended { token, outcome, .. } => register.ended(at, token, outcome),
                What::Delivered { begin, .. } => register.delivered(at, process, begin),
                What::Read { reader, begin, seen, .. } => {
                    let verdict = register.read(&Reading { process, reader, begin, end: at, seen });
                    let found = match verdict {
                        Verdict::Broken(finding) => Some((finding.promise, finding.since)),
                        Verdict::Good | Verdict::Unknown => None,
                    };
                    prop_assert_eq!(found, brute(&writes, &reads, usize::from(reader)), "read {}", reader);
                }
                _ => unreachable!("not made here"),
            }
        }
    }
}
