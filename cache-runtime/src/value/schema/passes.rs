//! Which way does each pass through a type take, and what is written down on it?
//!
//! Where ways part (fields, variants, elements, keys and values), a pass takes the ways of the one before it but for the last fork, where it
//! takes the next way. What lies behind that is new, and is written down.

use super::plain;
use serde::de::{self, Visitor};
use std::{
    any::type_name,
    cell::Cell,
    collections::{HashMap, hash_map::Entry},
    fmt::{self, Write as _},
};

/// No type is described further than this; real ones need a few hundred steps.
const STEPS: u32 = 200_000;

/// What is known, and which way this pass takes.
pub(super) struct Explorer {
    pub(super) text: String,
    path: Vec<Fork>,
    /// How many forks this pass has come to.
    at: usize,
    progress: Progress,
    /// The nodes described so far, by their full names.
    known: HashMap<String, usize>,
    steps: u32,
    /// Some of it depends on the data.
    pub(super) hidden: bool,
    /// The type wants to know whether the format is for people.
    pub(super) asked: Cell<bool>,
    human_readable: bool,
    /// How many sets of dummies there are.
    sets: usize,
}

/// A node where ways part.
struct Fork {
    taken: usize,
    of: usize,
    /// Which dummies the elements before the taken one are passed with.
    dummies: Vec<usize>,
}

/// How far this pass has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Before the way that only this pass takes.
    Before,
    /// The same, and past a dummy of the last fork.
    Dummy,
    /// On the way that only this pass takes.
    New,
    /// At its end.
    End,
}

impl Explorer {
    pub(super) fn new(human_readable: bool, sets: usize) -> Self {
        Self {
            text: String::new(),
            path: Vec::new(),
            at: 0,
            progress: Progress::Before,
            known: HashMap::new(),
            steps: 0,
            hidden: false,
            asked: Cell::new(false),
            human_readable,
            sets,
        }
    }

    /// A pass begins.
    pub(super) fn begin(&mut self) {
        (self.at, self.progress) = (0, Progress::Before);
    }

    /// Counts a step of this pass; an error if it has ended.
    pub(super) fn step(&mut self) -> Result<(), End> {
        self.steps += 1;
        if self.steps == STEPS {
            self.text.push_str("..\n");
            self.hidden = true;
            self.progress = Progress::End;
        }
        if self.progress == Progress::End || self.steps >= STEPS { Err(End) } else { Ok(()) }
    }

    pub(super) fn is_human_readable(&self) -> bool {
        self.asked.set(true);
        self.human_readable
    }

    /// No other pass has been here.
    fn is_new(&self) -> bool {
        self.at == self.path.len()
    }

    pub(super) fn is_over(&self) -> bool {
        self.progress == Progress::End
    }

    /// Writes down what no other pass has seen.
    pub(super) fn note(&mut self, line: fmt::Arguments<'_>) {
        if self.is_new() && !self.is_over() {
            let _ = writeln!(self.text, "{line}");
        }
    }

    pub(super) fn end(&mut self) -> End {
        self.progress = Progress::End;
        End
    }

    /// A node with others behind it. One that was described before ends the pass.
    pub(super) fn enter<'de, V: Visitor<'de>>(&mut self, asked: fmt::Arguments<'_>) -> Result<(), End> {
        self.step()?;
        if !self.is_new() {
            return Ok(());
        }
        let count = self.known.len();
        match self.known.entry(format!("{asked} {} {}", type_name::<V>(), type_name::<V::Value>())) {
            Entry::Occupied(number) => {
                let number = *number.get();
                self.note(format_args!("as {number}"));
                Err(self.end())
            }
            Entry::Vacant(new) => {
                new.insert(count);
                self.note(format_args!("{asked}: {}", made_by::<V>()));
                Ok(())
            }
        }
    }

    /// A node with nothing behind it.
    pub(super) fn leaf<'de, V: Visitor<'de>>(&mut self, asked: &str) -> Result<V::Value, End> {
        self.step()?;
        self.note(format_args!("{asked}: {}", made_by::<V>()));
        Err(self.end())
    }

    /// A node whose schema depends on the data.
    pub(super) fn opaque<'de, V: Visitor<'de>>(&mut self, asked: &str) -> Result<V::Value, End> {
        self.hidden = true;
        self.leaf::<V>(asked)
    }

    /// Which of the ways at this node this pass takes, and the number of the fork.
    pub(super) fn fork(&mut self, of: usize) -> (usize, usize) {
        if self.is_new() {
            self.path.push(Fork { taken: 0, of, dummies: Vec::new() });
            self.progress = Progress::Before;
        }
        let fork = self.at;
        self.at += 1;
        (self.path.get(fork).map_or(0, |fork| fork.taken), fork)
    }

    /// The way behind a node or fork, to what comes next on it.
    pub(super) fn way(&mut self, line: fmt::Arguments<'_>) -> &mut Self {
        self.note(line);
        if self.is_new() && !self.is_over() {
            self.progress = Progress::New;
        }
        self
    }

    /// An element that is not on this pass's way is passed: with which set of dummies?
    pub(super) fn dummy(&mut self, fork: usize, element: usize) -> usize {
        if self.is_new() && self.progress == Progress::Before {
            self.progress = Progress::Dummy;
        }
        self.path.get(fork).and_then(|fork| fork.dummies.get(element)).copied().unwrap_or(0)
    }

    /// Makes the next pass take another way; `false` when all are taken.
    pub(super) fn next_way(&mut self, panicked: bool) -> bool {
        if self.steps >= STEPS {
            return false;
        }
        if !self.is_over() {
            let before = self.path.last_mut().filter(|_| self.progress != Progress::New);
            if let Some(fork) = before {
                if self.progress == Progress::Dummy && fork.other_dummies(self.sets) {
                    return true;
                }
                self.path.pop();
            }
            self.text.push_str(if panicked { "panics\n" } else { "refused\n" });
        }
        while let Some(fork) = self.path.last_mut() {
            fork.taken += 1;
            fork.dummies.push(0);
            if fork.taken < fork.of {
                return true;
            }
            self.path.pop();
        }
        false
    }
}

impl Fork {
    /// The last element passed takes another dummy; those before it have taken theirs.
    fn other_dummies(&mut self, sets: usize) -> bool {
        let Some(last) = self.dummies.last_mut() else { return false };
        *last += 1;
        *last < sets
    }
}

/// What a visitor makes. Handwritten ones have a say: two can make the same type of the same number in different units.
fn made_by<'de, V: Visitor<'de>>() -> String {
    let (visitor, value) = (type_name::<V>(), named::<V::Value>());
    let of_serde = visitor.starts_with("serde::") || visitor.starts_with("serde_core::");
    if of_serde || visitor.contains("::__") { value } else { format!("{value} by {}", plain(visitor)) }
}

/// A type's name as it is written down.
pub(super) fn named<T>() -> String {
    plain(type_name::<T>())
}

/// The end of a pass, which the type sees as data that can't be read.
#[derive(Debug)]
pub(super) struct End;

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the schema of a type is being explored; there is no data")
    }
}

impl std::error::Error for End {}

impl de::Error for End {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}
