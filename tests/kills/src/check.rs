//! Is every acknowledged write in the database, once, and in order?

use crate::{
    database::Found,
    ledger::{Call, Ledger, Outcome},
    words::Function,
};
use std::collections::BTreeMap;

/// What a round came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) calls: u64,
    pub(crate) acknowledged: u64,
    /// Calls whose outcome nobody knows.
    pub(crate) open: u64,
    /// Acknowledged writes that never arrived, nor anything later.
    pub(crate) lost: u64,
    /// Writes that arrived more often than once, where the database's transaction should have seen to it.
    pub(crate) twice: u64,
    /// Older values that were written over newer ones, where the transaction should have kept the order.
    pub(crate) back: u64,
    /// Writes that arrived although their callers were told that they were not accepted, or that nobody has made.
    pub(crate) ghosts: u64,
    /// The same of the function that has no transaction: it may.
    pub(crate) loosely_twice: u64,
    /// As above.
    pub(crate) loosely_back: u64,
    /// What is wrong, in words.
    pub(crate) notes: Vec<String>,
}

impl Verdict {
    /// Whether every promise was kept.
    pub(crate) fn is_kept(&self) -> bool {
        self.lost + self.twice + self.back + self.ghosts == 0
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < 12 {
            self.notes.push(note);
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.acknowledged += other.acknowledged;
        self.open += other.open;
        self.lost += other.lost;
        self.twice += other.twice;
        self.back += other.back;
        self.ghosts += other.ghosts;
        self.loosely_twice += other.loosely_twice;
        self.loosely_back += other.loosely_back;
        for note in &other.notes {
            self.note(note.clone());
        }
    }
}

/// Compares what was acknowledged of the rows from this one to before that one with what the database has.
pub(crate) fn check(ledger: &Ledger, found: &Found, from: i64, to: i64) -> Verdict {
    let mut verdict = Verdict::default();
    let mut calls: BTreeMap<(&str, i64), Vec<(i64, &Call)>> = BTreeMap::new();
    for (number, call) in ledger.calls.iter().filter(|(_, call)| (from..to).contains(&call.id)) {
        verdict.calls += 1;
        verdict.acknowledged += u64::from(call.outcome == Outcome::Acknowledged);
        verdict.open += u64::from(matches!(call.outcome, Outcome::Open | Outcome::Unknown));
        calls.entry((call.function.table(), call.id)).or_default().push((*number, call));
    }
    let mut arrived: BTreeMap<(&str, i64), Vec<(&str, i64)>> = BTreeMap::new();
    for (function, id, number) in &found.history {
        let table = Function::named(function).map_or(function.as_str(), |function| function.table());
        arrived.entry((table, *id)).or_default().push((function, *number));
    }
    let rows: BTreeMap<(&str, i64), i64> =
        found.rows.iter().map(|(table, id, number)| ((table.as_str(), *id), *number)).collect();
    for ((table, id), calls) in &calls {
        let arrived = arrived.remove(&(*table, *id)).unwrap_or_default();
        let row = rows.get(&(*table, *id)).copied();
        match *table {
            "add" => sums(&mut verdict, *id, calls, row.unwrap_or(0)),
            _ => key(&mut verdict, ledger, (table, *id), calls, &arrived, row),
        }
    }
    for ((table, id), numbers) in arrived {
        verdict.ghosts += 1;
        verdict.note(format!("{table} {id}: nobody has written {numbers:?}"));
    }
    verdict
}

/// A sum lies between what was acknowledged and that together with what nobody knows.
fn sums(verdict: &mut Verdict, id: i64, calls: &[(i64, &Call)], row: i64) {
    let of = |outcome: &[Outcome]| -> i64 {
        let calls = calls.iter().filter(|(_, call)| outcome.contains(&call.outcome));
        calls.map(|(_, call)| call.amount).sum()
    };
    let least = of(&[Outcome::Acknowledged]);
    let most = least + of(&[Outcome::Open, Outcome::Unknown]);
    if row < least {
        verdict.lost += 1;
        verdict.note(format!("add {id}: {row} is less than the {least} that were acknowledged"));
    }
    if row > most {
        verdict.twice += 1;
        verdict.note(format!("add {id}: {row} is more than {most}, all that can have been added"));
    }
}

/// The history of a row holds each call at most once and in order, and the last acknowledged one or a later.
fn key(
    verdict: &mut Verdict,
    ledger: &Ledger,
    (table, id): (&str, i64),
    calls: &[(i64, &Call)],
    arrived: &[(&str, i64)],
    row: Option<i64>,
) {
    let loose = table == Function::Loose.table();
    let events = table == Function::Append.table();
    let mut times: BTreeMap<i64, u64> = BTreeMap::new();
    // The latest beginning of what has arrived so far.
    let mut latest: Option<&Call> = None;
    for (_, number) in arrived {
        let Some(call) = ledger.calls.get(number).filter(|call| call.outcome != Outcome::Refused) else {
            verdict.ghosts += 1;
            verdict.note(format!("{table} {id}: {number} arrived, which was refused or never written"));
            continue;
        };
        let seen = times.entry(*number).or_default();
        *seen += 1;
        if *seen > 1 {
            *(if loose { &mut verdict.loosely_twice } else { &mut verdict.twice }) += 1;
            if !loose {
                verdict.note(format!("{table} {id}: {number} arrived {seen} times"));
            }
        } else if latest.is_some_and(|latest| call.is_before(latest)) {
            *(if loose { &mut verdict.loosely_back } else { &mut verdict.back }) += 1;
            if !loose {
                verdict.note(format!("{table} {id}: {number} arrived after what was written later"));
            }
        }
        if latest.is_none_or(|latest| call.begin > latest.begin) {
            latest = Some(call);
        }
    }
    let known = |number: &i64| ledger.calls.get(number);
    for (number, call) in calls.iter().filter(|(_, call)| call.outcome == Outcome::Acknowledged) {
        let covered = times.contains_key(number)
            || !events && times.keys().filter_map(known).any(|later| !later.is_before(call));
        if !covered {
            verdict.lost += 1;
            verdict.note(format!("{table} {id}: {number} was acknowledged and never arrived"));
        }
    }
    // The row is what the history says.
    let last =
        arrived.last().map(|(function, number)| (*function != Function::Unmark.word()).then_some(*number));
    if !events && !loose && last.flatten() != row {
        verdict.ghosts += 1;
        verdict.note(format!("{table} {id}: the row is {row:?}, and its history ends with {last:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(calls: &[(i64, Function, Outcome)]) -> Ledger {
        let mut ledger = Ledger::default();
        for (place, (number, function, outcome)) in calls.iter().enumerate() {
            let begin = 10 * place as u64;
            let call = Call {
                function: *function,
                id: 1,
                amount: 5,
                begin,
                end: if *outcome == Outcome::Open { u64::MAX } else { begin + 5 },
                outcome: *outcome,
                line: 0,
            };
            ledger.calls.insert(*number, call);
        }
        ledger
    }

    fn found(history: &[(&str, i64)], row: Option<(&str, i64)>) -> Found {
        Found {
            history: history.iter().map(|(function, number)| ((*function).to_owned(), 1, *number)).collect(),
            rows: row.iter().map(|(table, number)| ((*table).to_owned(), 1, *number)).collect(),
        }
    }

    fn verdict(calls: &[(i64, Function, Outcome)], found: &Found) -> (u64, u64, u64, u64) {
        let Verdict { lost, twice, back, ghosts, .. } = check(&ledger(calls), found, 0, 10);
        (lost, twice, back, ghosts)
    }

    use Function::{Add, Append, Mark, Put, Unmark};
    use Outcome::{Acknowledged, Open, Refused};

    #[test]
    fn a_later_write_stands_for_those_before_it_and_for_none_after_it() {
        let calls = [(1, Put, Acknowledged), (2, Put, Acknowledged)];
        assert_eq!(verdict(&calls, &found(&[("put", 2)], Some(("put", 2)))), (0, 0, 0, 0));
        assert_eq!(verdict(&calls, &found(&[("put", 1)], Some(("put", 1)))), (1, 0, 0, 0));
        assert_eq!(verdict(&calls, &found(&[], None)), (2, 0, 0, 0));
    }

    #[test]
    fn an_older_value_over_a_newer_one_is_seen() {
        let calls = [(1, Put, Acknowledged), (2, Put, Acknowledged)];
        let history = [("put", 2), ("put", 1)];
        assert_eq!(verdict(&calls, &found(&history, Some(("put", 1)))), (0, 0, 1, 0));
        let calls = [(1, Put, Open), (2, Put, Acknowledged)];
        assert_eq!(verdict(&calls, &found(&history, Some(("put", 1)))), (0, 0, 0, 0), "it may arrive late");
    }

    #[test]
    fn every_event_arrives_once() {
        let calls = [(1, Append, Acknowledged), (2, Append, Acknowledged), (3, Append, Open)];
        assert_eq!(verdict(&calls, &found(&[("append", 1), ("append", 2)], None)), (0, 0, 0, 0));
        assert_eq!(verdict(&calls, &found(&[("append", 2)], None)), (1, 0, 0, 0));
        let history = [("append", 1), ("append", 2), ("append", 1)];
        assert_eq!(verdict(&calls, &found(&history, None)), (0, 1, 0, 0));
        assert_eq!(verdict(&calls, &found(&[("append", 2), ("append", 1)], None)), (0, 0, 1, 0));
    }

    #[test]
    fn a_sum_has_what_was_acknowledged_and_at_most_what_is_unknown() {
        let calls = [(1, Add, Acknowledged), (2, Add, Open), (3, Add, Refused)];
        for (row, expected) in [(4, (1, 0, 0, 0)), (5, (0, 0, 0, 0)), (10, (0, 0, 0, 0)), (15, (0, 1, 0, 0))]
        {
            assert_eq!(verdict(&calls, &found(&[], Some(("add", row)))), expected, "{row}");
        }
    }

    #[test]
    fn what_was_refused_does_not_arrive_and_a_deleted_row_is_gone() {
        let calls = [(1, Mark, Refused)];
        assert_eq!(verdict(&calls, &found(&[("mark", 1)], Some(("mark", 1)))).3, 1);
        let calls = [(1, Mark, Acknowledged), (2, Unmark, Acknowledged)];
        assert_eq!(verdict(&calls, &found(&[("mark", 1), ("unmark", 2)], None)), (0, 0, 0, 0));
        assert_eq!(verdict(&calls, &found(&[("unmark", 2)], Some(("mark", 1)))).3, 1);
    }
}
