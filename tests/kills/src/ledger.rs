//! What the workers have said: every call, and what became of it.

use crate::{
    words::{Function, Point},
    worker::NUMBERS,
};
use std::collections::BTreeMap;

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nobody has said anything: its process may be dead.
    Open,
    /// It was acknowledged.
    Acknowledged,
    /// It was certainly not accepted.
    Refused,
    /// It failed, and may have been accepted.
    Unknown,
}

/// A call of a write-behind function.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) id: i64,
    pub(crate) amount: i64,
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) outcome: Outcome,
    /// Whose writes are in an order with it.
    pub(crate) line: i64,
}

impl Call {
    /// Whether it was over, and acknowledged, before the other began.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        self.line == other.line && self.outcome == Outcome::Acknowledged && self.end < other.begin
    }
}

/// A line of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It is at work.
    Ready,
    /// A burst is over.
    Over,
    /// It waits for `go`, at the end of a batch function.
    Waits,
    /// It has reached the point, and ends or stands still there.
    At(Point),
    /// It has flushed: so many writes wait, and so many were given up.
    Flushed(u64, u64),
    /// Something worth showing.
    Note(String),
    /// The process has ended.
    Gone,
}

/// All calls.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Each process has a queue of its own, so there is no order among them.
    pub(crate) apart: bool,
    pub(crate) calls: BTreeMap<i64, Call>,
    /// What failed calls said, by how often.
    pub(crate) errors: BTreeMap<String, u64>,
}

impl Ledger {
    /// Takes in a line; answers what is not about a call.
    pub(crate) fn hear(&mut self, line: &str) -> Option<Said> {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["b", number, function, id, amount, at] => {
                let number: i64 = number.parse().ok()?;
                let call = Call {
                    line: if self.apart { number / NUMBERS } else { 0 },
                    function: Function::named(function)?,
                    id: id.parse().ok()?,
                    amount: amount.parse().ok()?,
                    begin: at.parse().ok()?,
                    end: u64::MAX,
                    outcome: Outcome::Open,
                };
                self.calls.insert(number, call);
                None
            }
            [outcome @ ("a" | "n" | "u"), number, at] => {
                let call = self.calls.get_mut(&number.parse().ok()?)?;
                call.end = at.parse().ok()?;
                call.outcome = match *outcome {
                    "a" => Outcome::Acknowledged,
                    "n" => Outcome::Refused,
                    _ => Outcome::Unknown,
                };
                None
            }
            ["D", ..] => {
                *self.errors.entry(line[2..].to_owned()).or_default() += 1;
                None
            }
            ["ready"] => Some(Said::Ready),
            ["."] => Some(Said::Over),
            ["@"] => Some(Said::Waits),
            ["!", point] => Some(Said::At(Point::named(point)?)),
            ["F", pending, dead] => Some(Said::Flushed(pending.parse().ok()?, dead.parse().ok()?)),
            _ => Some(Said::Note(line.to_owned())),
        }
    }
}
