//! What is broken on purpose in which copy.

/// One change to the sources that must not go unseen.
#[derive(Debug)]
pub struct Mutant {
    /// The copy's name.
    pub name: &'static str,
    /// In which file of the runtime.
    pub file: &'static str,
    /// What the sources say, once.
    pub sound: &'static str,
    /// What it says instead.
    pub broken: &'static str,
}

const TABLE: &str = "flight/table.rs";

/// All of them.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "lands_although_detached",
        file: TABLE,
        sound: "if let Some(state) = keys.get_mut(&flight.id)
            && state.flight.as_ref().is_some_and(|current| Arc::ptr_eq(current, flight))
        {
            let now",
        broken: "{
            let state = keys.entry(flight.id).or_default();
            let now",
    },
    Mutant {
        name: "lands_during_a_write",
        file: TABLE,
        sound: "if state.writers == 0 && state.held_until <= now && flight.is_certain()",
        broken: "if state.held_until <= now && flight.is_certain()",
    },
    Mutant {
        name: "lands_during_a_hold",
        file: TABLE,
        sound: "if state.writers == 0 && state.held_until <= now && flight.is_certain()",
        broken: "if state.writers == 0",
    },
    Mutant {
        name: "removes_before_detaching",
        file: TABLE,
        sound: "        let mut keys = self.keys(id);
        self.shard(id).invalidations.fetch_add(1, Ordering::AcqRel);
        remove();
        let now",
        broken: "        remove();
        let mut keys = self.keys(id);
        self.shard(id).invalidations.fetch_add(1, Ordering::AcqRel);
        let now",
    },
    Mutant {
        name: "invalidates_uncounted",
        file: TABLE,
        sound: "        self.shard(id).invalidations.fetch_add(1, Ordering::AcqRel);
        remove();
        let now",
        broken: "        remove();
        let now",
    },
    Mutant {
        name: "backfills_uncompared",
        file: TABLE,
        sound: "if calm && self.shard(id).invalidations.load(Ordering::Acquire) == seen {",
        broken: "if calm {",
    },
    Mutant {
        name: "backfills_unlocked",
        file: TABLE,
        sound: "== seen {
            store();",
        broken: "== seen {
            drop(keys);
            store();",
    },
    Mutant {
        name: "flushes_before_detaching",
        file: TABLE,
        sound: "pub(crate) fn invalidate_all(&self, remove: impl FnOnce()) {
        for shard",
        broken: "pub(crate) fn invalidate_all(&self, remove: impl FnOnce()) {
        remove();
        let remove = || ();
        for shard",
    },
    Mutant {
        name: "flushes_uncounted",
        file: TABLE,
        sound: "            shard.invalidations.fetch_add(1, Ordering::AcqRel);\n",
        broken: "",
    },
    Mutant {
        name: "flushes_past_an_open_write",
        file: TABLE,
        sound: "            for state in keys.values_mut() {
                // What made the flush necessary may have come after the commit of an open write.
                state.contended |= state.writers > 0;\n",
        broken: "            for state in keys.values_mut() {\n",
    },
    Mutant {
        name: "keeps_although_contended",
        file: TABLE,
        sound: "let sole = !state.contended && ",
        broken: "let sole = ",
    },
    Mutant {
        name: "forgets_an_edge_within_a_write",
        file: TABLE,
        sound: "            // Its commit and that of an open write came in an order that nobody knows.
            state.contended |= state.writers > 0;\n",
        broken: "",
    },
    Mutant {
        name: "ends_a_write_without_detaching",
        file: TABLE,
        sound: "        // Loads that began while the write was open may have read either side of it.
        if let Some(flight) = state.flight.take() {
            flight.detach();
        }\n",
        broken: "",
    },
    Mutant {
        name: "joins_an_outdated_group",
        file: TABLE,
        sound: "            if flight.groups_hold() {
                let seat",
        broken: "            if true {
                let seat",
    },
    Mutant {
        name: "keeps_an_outdated_group",
        file: "l1/groups.rs",
        sound: "stamp.group.counter.load(Ordering::Acquire) == stamp.seen",
        broken: "stamp.group.counter.load(Ordering::Acquire) >= stamp.seen",
    },
    Mutant {
        name: "holds_a_group_too_late",
        file: "l1/groups.rs",
        sound: "                group.hold(until);
                group.counter.fetch_add(1, Ordering::AcqRel);\n",
        broken: "                group.counter.fetch_add(1, Ordering::AcqRel);
                group.hold(until);\n",
    },
    Mutant {
        name: "shortens_a_hold",
        file: "l1/groups.rs",
        sound: "*held_until = until.max(*held_until);",
        broken: "*held_until = until;",
    },
    Mutant {
        name: "answers_whoever_joined",
        file: "flight/mod.rs",
        sound: "joined_at.0 < stage.0",
        broken: "joined_at.0 <= stage.0",
    },
    Mutant {
        name: "keeps_the_permit",
        file: "flight/mod.rs",
        sound: "Ok(_permit) if flight.is_detached() => Followed::Again,",
        broken: "Ok(permit) if flight.is_detached() => {
                std::mem::forget(permit);
                Followed::Again
            }",
    },
    Mutant {
        name: "counts_references_for_seats",
        file: TABLE,
        sound: "if flight.seats.fetch_sub(1, Ordering::AcqRel) == 1",
        broken: "if Arc::strong_count(flight) == 2",
    },
    Mutant {
        name: "closes_circles",
        file: TABLE,
        sound: "if would_deadlock(flight, &mine) {",
        broken: "if false {",
    },
    Mutant {
        name: "looks_for_circles_unlocked",
        file: TABLE,
        sound: "            let _one_at_a_time = self.circle.lock().unwrap_or_else(PoisonError::into_inner);\n",
        broken: "",
    },
];
