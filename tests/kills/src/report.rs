//! The table at the end.

use crate::{
    round::Round,
    words::{Engine, Fault, QueueKind},
};
use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

/// All rounds of a queue, a database and a fault.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) rounds: u32,
    pub(crate) missed: u32,
    pub(crate) all: Round,
}

impl Cell {
    fn add(&mut self, other: &Self) {
        self.rounds += other.rounds;
        self.missed += other.missed;
        self.all.verdict.add(&other.all.verdict);
        self.all.drain = self.all.drain.max(other.all.drain);
        self.all.pending += other.all.pending;
        self.all.dead += other.all.dead;
    }
}

/// What a whole run came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) cells: BTreeMap<(QueueKind, Engine, Fault), Cell>,
    pub(crate) errors: BTreeMap<String, u64>,
    /// What could not be run here.
    pub(crate) skipped: Vec<String>,
}

impl Report {
    pub(crate) fn add(&mut self, place: (QueueKind, Engine, Fault), round: &Round) {
        let cell = self.cells.entry(place).or_default();
        cell.add(&Cell { rounds: 1, missed: round.missed.into(), all: round.clone() });
    }

    /// Whether nothing was lost, doubled, overwritten, given up or stuck.
    pub(crate) fn is_kept(&self) -> bool {
        self.cells.values().all(|cell| {
            let Round { verdict, pending, dead, .. } = &cell.all;
            verdict.is_kept() && *pending == 0 && *dead == 0
        })
    }

    pub(crate) fn render(&self, took: Duration) -> String {
        let mut text = String::from(
            "| queue | database | fault | rounds | missed | calls | acknowledged | unknown | lost | twice | back | ghosts | dead | stuck | loosely twice | loosely back | longest drain |\n\
             |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        );
        let mut sum = Cell::default();
        let mut sums: BTreeMap<(QueueKind, Engine), Cell> = BTreeMap::new();
        for ((queue, engine, fault), cell) in &self.cells {
            row(&mut text, &format!("`{queue}` | {engine} | {fault}"), cell);
            sums.entry((*queue, *engine)).or_default().add(cell);
            sum.add(cell);
        }
        for ((queue, engine), cell) in &sums {
            row(&mut text, &format!("`{queue}` | {engine} | all"), cell);
        }
        row(&mut text, "all | |", &sum);
        for (place, cell) in &self.cells {
            for note in &cell.all.verdict.notes {
                let _ = writeln!(text, "! {} {} {}: {note}", place.0, place.1, place.2);
            }
        }
        for (error, count) in &self.errors {
            let _ = writeln!(text, "{count} calls failed: {error}");
        }
        for skipped in &self.skipped {
            let _ = writeln!(text, "SKIPPED: {skipped}");
        }
        let verdict = if self.is_kept() { "kept" } else { "BROKEN" };
        let _ = writeln!(text, "{verdict}, {} rounds in {} s", sum.rounds, took.as_secs());
        text
    }
}

fn row(text: &mut String, place: &str, cell: &Cell) {
    let Cell { rounds, missed, all } = cell;
    let Round { verdict, drain, pending, dead, .. } = all;
    let _ = writeln!(
        text,
        "| {place} | {rounds} | {missed} | {} | {} | {} | {} | {} | {} | {} | {dead} | {pending} | {} | {} | {:.1} s |",
        verdict.calls,
        verdict.acknowledged,
        verdict.open,
        verdict.lost,
        verdict.twice,
        verdict.back,
        verdict.ghosts,
        verdict.loosely_twice,
        verdict.loosely_back,
        drain.as_secs_f64(),
    );
}
