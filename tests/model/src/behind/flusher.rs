//! What a flusher does: claim, see to what was left, choose, take, write, settle; between any two steps it may die, or lose its claim.

use super::{
    Delivery, Event, Mutant, Step, World,
    database::Transaction,
    world::{Batch, Call, Came, Now, Work},
};
use cache_runtime::store::{Settled, Token};

pub(crate) fn steps(world: &World, flusher: u8, steps: &mut Vec<Step>) {
    let Some(me) = world.flushers.get(usize::from(flusher)) else { return };
    let left = &world.left;
    let paused = world.direct.pauses();
    match &me.work {
        Work::Rest => {
            let line = world.shared.line();
            let work = !line.waiting.is_empty() || line.batch.is_some();
            let mine = world.holds == Some((flusher, me.life));
            // Of two that rest it doesn't matter who goes first.
            let first = flusher == 0 || world.flushers[0].work != Work::Rest;
            if (work && first && world.holds.is_none()) || mine {
                steps.push(Step::Claim(flusher));
            }
        }
        Work::Free => {
            steps.push(Step::Choose(flusher, false));
            if world.shared.line().waiting.len() > 1 {
                steps.push(Step::Choose(flusher, true));
            }
        }
        Work::Asking(_) => {
            let own = |call: &Call| matches!(call, Call::Commit { epoch, .. } if *epoch == me.epoch);
            // Its own transaction holds the progress row until it is decided.
            if !world.late.iter().any(own) {
                steps.push(Step::Ask(flusher));
            }
        }
        Work::Chosen(_) => {
            if !paused {
                steps.push(Step::Take(flusher));
            }
        }
        Work::Taken(batch) => {
            steps.push(Step::Commit(flusher));
            if left.doubts > 0 {
                steps.push(Step::Doubt(flusher));
            }
            if left.failures > 0 {
                steps.push(Step::Fail(flusher));
            }
            if left.refusals > 0 {
                steps.push(Step::Refuse(flusher));
            }
            if left.unread > 0 && batch.writes.len() > 1 && !batch.unread {
                steps.extend([Step::Skip(flusher), Step::Bury(flusher)]);
            }
        }
        Work::Over { told: false, .. } => steps.push(Step::Announce(flusher)),
        Work::Over { .. } => {
            steps.push(Step::Settle(flusher, Delivery::Once));
            if left.late_settlements > 0 {
                steps.push(Step::Settle(flusher, Delivery::Twice));
            }
            if left.unanswered_settlements > 0 {
                steps.push(Step::Settle(flusher, Delivery::Unanswered));
            }
        }
    }
    if left.crashes > 0 && me.work != Work::Rest {
        steps.push(Step::Crash(flusher));
    }
}

impl Now<'_> {
    pub(crate) fn flusher(&mut self, flusher: u8) -> &mut super::world::Flusher {
        &mut self.world.flushers[usize::from(flusher)]
    }

    fn work(&self, flusher: u8) -> Work {
        self.world.flushers[usize::from(flusher)].work.clone()
    }

    fn set(&mut self, flusher: u8, work: Work) {
        self.flusher(flusher).work = work;
    }

    fn epoch(&self, flusher: u8) -> u64 {
        self.world.flushers[usize::from(flusher)].epoch
    }

    pub(crate) fn claim(&mut self, flusher: u8) {
        let life = self.flusher(flusher).life;
        let holder = Token(0x2000 + 0x100 * u128::from(flusher) + u128::from(life));
        let Some(claim) = self.world.shared().claim(holder) else {
            // Nothing is left to do: it was given back.
            self.world.holds = None;
            return;
        };
        self.world.holds = Some((flusher, life));
        self.flusher(flusher).epoch = claim.epoch;
        let left = claim.unfinished.map(|batch| {
            let write = |id: u64| {
                let waiting = self.world.shared.waiting();
                waiting.iter().find(|write| write.id == id).map_or(0, |write| write.payload[0])
            };
            let writes = batch.writes.iter().map(|(id, version)| (*id, *version, write(*id)));
            Batch { number: batch.number, writes: writes.collect(), unread: false }
        });
        let work = match left {
            None => Work::Free,
            Some(batch) if batch.writes.is_empty() || self.config.is(Mutant::LeftBatchesAreWrittenAgain) => {
                Work::Over { batch, came: Came::Back, told: true }
            }
            Some(batch) => Work::Asking(batch),
        };
        self.set(flusher, work);
    }

    /// Asks the database, and shuts out earlier flushers by that.
    pub(crate) fn ask_the_database(&mut self, flusher: u8) {
        let Work::Asking(batch) = self.work(flusher) else { return };
        let epoch = self.epoch(flusher);
        let raises = !self.config.is(Mutant::AskedWithoutShuttingOut);
        let row = &mut self.world.row;
        if row.epoch > epoch {
            self.saw(Event::Fenced);
            self.rest(flusher);
            return;
        }
        if raises {
            row.epoch = epoch;
        }
        let came = if row.number == batch.number { Came::Written } else { Came::Back };
        self.saw(if came == Came::Written { Event::WasThere } else { Event::WasNot });
        self.came(flusher, batch, came);
    }

    fn came(&mut self, flusher: u8, batch: Batch, came: Came) {
        let tells = came == Came::Written && self.config.is_beside();
        let told = !tells || self.config.is(Mutant::FlushDropsNothing);
        self.set(flusher, Work::Over { batch, came, told });
    }

    /// The store beside the queue hears what was written, before it leaves the queue.
    pub(crate) fn announce(&mut self, flusher: u8) {
        let mutant = self.mutant();
        self.world.shared().invalidate(mutant);
        if let Work::Over { told, .. } = &mut self.flusher(flusher).work {
            *told = true;
        }
    }

    /// Sees what waits, and chooses the first, or all that can go together.
    pub(crate) fn choose(&mut self, flusher: u8, all: bool) {
        let waiting = self.world.shared.waiting();
        let Some(first) = waiting.first() else {
            self.rest(flusher);
            return;
        };
        let overtakes = self.config.is(Mutant::FunctionsOvertake);
        let mut ids = Vec::new();
        let mut blocked = false;
        for write in &waiting {
            blocked |= write.function != first.function && !overtakes;
            if !blocked && write.function == first.function && (all || ids.is_empty()) {
                ids.push(write.id);
            }
        }
        let others = waiting.iter().filter(|write| write.function != first.function).map(|write| write.id);
        if self.config.is(Mutant::NextFunctionGoesOn) {
            self.flusher(flusher).then =
                Some(others.collect()).filter(|ids: &Vec<_>| !ids.is_empty()).into_iter().collect();
        }
        self.set(flusher, Work::Chosen(ids));
    }

    pub(crate) fn take(&mut self, flusher: u8) {
        let Work::Chosen(ids) = self.work(flusher) else { return };
        let epoch = self.epoch(flusher);
        let Some((number, writes)) = self.world.shared().take(epoch, &ids) else {
            self.saw(Event::Outlived);
            self.rest(flusher);
            return;
        };
        if writes.is_empty() {
            self.next(flusher);
            return;
        }
        let batch = Batch { number, writes, unread: false };
        if self.config.is(Mutant::SettledBeforeItIsWritten) {
            self.settled(epoch, &batch, Came::Written);
        }
        self.set(flusher, Work::Taken(batch));
    }

    /// The transaction commits, unless a later flusher was there.
    pub(crate) fn commit(&mut self, flusher: u8) {
        let Work::Taken(batch) = self.work(flusher) else { return };
        let transaction = Transaction { epoch: self.epoch(flusher), batch: &batch };
        if !self.write(&transaction) {
            self.rest(flusher);
        } else if self.config.is(Mutant::SettledBeforeItIsWritten) {
            self.next(flusher);
        } else {
            self.came(flusher, batch, Came::Written);
        }
    }

    /// Nobody knows whether it has committed.
    pub(crate) fn doubt(&mut self, flusher: u8) {
        let Work::Taken(batch) = self.work(flusher) else { return };
        self.world.left.doubts -= 1;
        let epoch = self.epoch(flusher);
        self.world.post(Call::Commit { epoch, batch: batch.clone() });
        if self.config.is(Mutant::DoubtIsWrittenAgain) {
            self.came(flusher, batch, Came::Back);
        } else {
            self.in_doubt(flusher, batch);
        }
    }

    /// It asks before it does anything else.
    fn in_doubt(&mut self, flusher: u8, batch: Batch) {
        self.flusher(flusher).then.clear();
        self.set(flusher, Work::Asking(batch));
    }

    /// Nothing is written, and nobody is at fault.
    pub(crate) fn fail(&mut self, flusher: u8) {
        let Work::Taken(batch) = self.work(flusher) else { return };
        self.world.left.failures -= 1;
        if !self.config.is(Mutant::NextFunctionGoesOn) && !self.config.is(Mutant::SecondHalfGoesOn) {
            self.flusher(flusher).then.clear();
        }
        self.came(flusher, batch, Came::Back);
    }

    /// Nothing is written, and some write is at fault: the halves are tried by themselves.
    pub(crate) fn refuse(&mut self, flusher: u8) {
        let Work::Taken(batch) = self.work(flusher) else { return };
        self.world.left.refusals -= 1;
        let ids = batch.ids();
        if ids.len() > 1 {
            let (first, second) = ids.split_at(ids.len() / 2);
            let then = &mut self.flusher(flusher).then;
            then.extend([second.to_vec(), first.to_vec()]);
            self.came(flusher, batch, Came::Back);
            return;
        }
        if self.config.is(Mutant::SecondHalfGoesOn) {
            self.flusher(flusher).owed = batch.writes.first().copied();
            self.came(flusher, batch, Came::Back);
            return;
        }
        let came = self.fault(batch.writes[0].0);
        if came == Came::Failed && !self.config.adds() {
            // Later writes of the key wait for it.
            self.flusher(flusher).then.clear();
        }
        self.came(flusher, batch, came);
    }

    fn fault(&self, id: u64) -> Came {
        let waiting = self.world.shared.waiting();
        let attempts = waiting.iter().find(|write| write.id == id).map_or(0, |write| write.attempts);
        if attempts + 1 < u32::from(self.config.attempts) { Came::Failed } else { Came::Dead }
    }

    /// It can't read the last write, which a later release can: that is left.
    pub(crate) fn skip(&mut self, flusher: u8) {
        let Work::Taken(mut batch) = self.work(flusher) else { return };
        self.world.left.unread -= 1;
        if self.config.is(Mutant::UnreadIsPartOfTheBatch) {
            batch.unread = true;
            self.set(flusher, Work::Taken(batch));
            return;
        }
        let mut ids = batch.ids();
        ids.pop();
        self.flusher(flusher).then.push(ids);
        self.came(flusher, batch, Came::Back);
    }

    /// Nobody can read the first write: it is given up, and the others are taken again.
    pub(crate) fn bury(&mut self, flusher: u8) {
        let Work::Taken(mut batch) = self.work(flusher) else { return };
        self.world.left.unread -= 1;
        if self.config.is(Mutant::UnreadIsSettledFirst) {
            let epoch = self.epoch(flusher);
            self.settled(epoch, &batch, Came::Dead);
            batch.writes.remove(0);
            self.set(flusher, Work::Taken(batch));
            return;
        }
        let ids = batch.ids().split_off(1);
        self.flusher(flusher).then.push(ids);
        self.came(flusher, batch, Came::Dead);
    }

    pub(crate) fn settle(&mut self, flusher: u8, delivery: Delivery) {
        let Work::Over { batch, came, .. } = self.work(flusher) else { return };
        let epoch = self.epoch(flusher);
        match delivery {
            Delivery::Once => {}
            Delivery::Twice => self.world.left.late_settlements -= 1,
            Delivery::Unanswered => self.world.left.unanswered_settlements -= 1,
        }
        if delivery != Delivery::Once {
            self.world.post(Call::Settle { epoch, batch: batch.clone(), came });
        }
        if delivery == Delivery::Unanswered {
            if self.config.is(Mutant::UnansweredSettlementIsOver) {
                self.next(flusher);
            } else {
                self.in_doubt(flusher, batch);
            }
            return;
        }
        if self.settled(epoch, &batch, came) {
            self.next(flusher);
        } else {
            self.saw(Event::Outlived);
            self.rest(flusher);
        }
    }

    /// The queue carries out a settlement.
    pub(crate) fn settled(&mut self, epoch: u64, batch: &Batch, came: Came) -> bool {
        let first = batch.writes.first().copied();
        let settled: Vec<_> = match came {
            Came::Back => Vec::new(),
            Came::Written => batch
                .written()
                .iter()
                .map(|(id, version, _)| Settled::Done { id: *id, version: *version })
                .collect(),
            Came::Failed => {
                first.map(|(id, version, _)| Settled::Failed { id, version }).into_iter().collect()
            }
            Came::Dead => {
                let dead = first.map(|(id, version, _)| Settled::Dead {
                    id,
                    version,
                    error: String::new(),
                    halt: false,
                });
                dead.into_iter().collect()
            }
        };
        let mutant = self.mutant();
        let pending = self.world.shared.look().is_some();
        let done = self.world.shared().settle(epoch, batch.number, &settled, mutant);
        if pending && self.world.shared.look().is_none() && self.world.shared.read().is_some() {
            self.saw(Event::Stayed);
        }
        self.note_the_dead();
        done
    }

    /// The next batch of the round.
    fn next(&mut self, flusher: u8) {
        match self.flusher(flusher).then.pop() {
            Some(ids) => self.set(flusher, Work::Chosen(ids)),
            None => {
                if let Some(owed) = self.flusher(flusher).owed.take() {
                    let came = self.fault(owed.0);
                    let batch = Batch { writes: vec![owed], ..Batch::default() };
                    self.came(flusher, batch, came);
                } else {
                    self.rest(flusher);
                }
            }
        }
    }

    fn rest(&mut self, flusher: u8) {
        let me = self.flusher(flusher);
        (me.work, me.epoch, me.owed) = (Work::Rest, 0, None);
        me.then.clear();
    }

    /// Its process dies. A transaction under way may commit all the same.
    pub(crate) fn crash(&mut self, flusher: u8) {
        self.world.left.crashes -= 1;
        if let Work::Taken(batch) = self.work(flusher) {
            let epoch = self.epoch(flusher);
            self.world.post(Call::Commit { epoch, batch });
        }
        self.rest(flusher);
        self.flusher(flusher).life += 1;
    }
}
