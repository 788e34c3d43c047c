//! The shared store: the reference, and what a broken variant does to it.

use crate::{Mutant, world::Call};
use bytes::Bytes;
use cache_runtime::store::{
    EntryKey, Fill, FillOutcome, Fingerprint, Kept, Known, Lookup, Overlap, Partition, Reference, Seen,
    Target, Token, Version, Written,
};
use std::{sync::LazyLock, time::Duration};

/// Nothing ends by itself: that an end comes is a step of its own.
const NOW: Duration = Duration::from_secs(1_000_000);
const LONG: Duration = Duration::from_hours(1);
/// Of writes that nobody will end.
pub(crate) const NOBODY: Token = Token(0);

static KEY: LazyLock<EntryKey> = LazyLock::new(|| EntryKey {
    text: "k".into(),
    partition: Partition::of("k"),
    template: "k".into(),
    fingerprint: Fingerprint(1),
    groups: Vec::new(),
});

/// An entry is the number of the commit it shows.
static ENTRIES: [[u8; 1]; 8] = [[0], [1], [2], [3], [4], [5], [6], [7]];

/// The state of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Shared {
    real: Reference,
    epoch: u32,
    /// An entry that a broken variant put there, past the reference; it hides the reference's.
    forced: Option<u8>,
    /// A lease that a broken variant granted while a write was open.
    forged: Option<Token>,
    /// A write ran out, and a broken variant has forgotten that.
    forgot: bool,
}

/// What [`Shared::acquire`] answers.
pub(crate) enum Leave {
    Granted { epoch: u32 },
    Wait,
    Bypass,
    Present(u8),
}

/// What became of the value of a write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Nothing,
    Dropped,
    Kept { overlapped: bool },
}

impl Shared {
    pub(crate) fn known(&self) -> Known {
        self.real.known(&KEY)
    }

    pub(crate) fn read(&self) -> Option<u8> {
        self.forced.or_else(|| self.known().entry.map(|entry| entry[0]))
    }

    pub(crate) fn acquire(&mut self, token: Token, mutant: Option<Mutant>) -> Leave {
        if let Some(value) = self.forced {
            return Leave::Present(value);
        }
        if mutant.is_some_and(Mutant::is_leaseless) {
            return match self.read() {
                Some(value) => Leave::Present(value),
                None => Leave::Granted { epoch: self.epoch },
            };
        }
        if mutant == Some(Mutant::GrantedDuringAWrite) && !self.known().writes.open.is_empty() {
            self.forged = Some(token);
            return Leave::Granted { epoch: self.epoch };
        }
        match self.real.acquire(&KEY, None, token, LONG, NOW) {
            Lookup::Granted { epoch, .. } => {
                self.forged = None;
                Leave::Granted { epoch }
            }
            Lookup::Wait(_) => Leave::Wait,
            Lookup::Present(read) => Leave::Present(read.entry.map_or(0, |entry| entry[0])),
            _ => Leave::Bypass,
        }
    }

    pub(crate) fn fill(
        &mut self,
        token: Token,
        epoch: u32,
        value: u8,
        version: Option<u8>,
        mutant: Option<Mutant>,
    ) -> bool {
        let known = self.known();
        let open = !known.writes.open.is_empty();
        let forced = match mutant {
            Some(Mutant::DeleteWithoutLeases | Mutant::DelayedDoubleDelete) => true,
            Some(Mutant::SetIfNewer) => self.read().is_none_or(|other| other < value),
            Some(Mutant::AnyLeaseFills) => !open && known.lease.is_some(),
            Some(Mutant::FillDuringAWrite) => open,
            Some(Mutant::GrantedDuringAWrite) => !open && self.forged == Some(token),
            _ => false,
        };
        if forced {
            self.forced = Some(value);
            return true;
        }
        let version = version.filter(|_| mutant != Some(Mutant::FillBelowTheFloor));
        let fill = Fill {
            token,
            entry: entry(value),
            ttl: None,
            epoch,
            stamps: Vec::new(),
            version: version.and_then(number),
        };
        self.real.fill(&KEY, fill, NOW) == FillOutcome::Stored
    }

    pub(crate) fn invalidate(&mut self, hold: bool, version: Option<u8>, mutant: Option<Mutant>) {
        let spared = self.lease().filter(|_| mutant == Some(Mutant::InvalidationSparesTheLease));
        let version = version.filter(|_| mutant != Some(Mutant::InvalidationRaisesNoFloor));
        self.dropped();
        self.real.invalidate(&[target(version)], hold.then_some(LONG), NOW);
        self.spare(spared);
    }

    pub(crate) fn begin(&mut self, token: Token, mutant: Option<Mutant>) {
        let spared = self.lease().filter(|_| mutant == Some(Mutant::BeginSparesTheLease));
        self.dropped();
        self.real.begin(&[target(None)], token, LONG, NOW);
        self.forged = spared;
    }

    pub(crate) fn end(
        &mut self,
        token: Token,
        version: Option<u8>,
        kept: Option<u8>,
        mutant: Option<Mutant>,
    ) -> Fate {
        let before = self.known().writes;
        self.dropped();
        let kept_entry = kept.map(|value| Kept {
            fingerprint: KEY.fingerprint,
            entry: entry(value),
            ttl: None,
            epoch: self.epoch,
        });
        let written = Written { target: target(version), kept: kept_entry };
        let ended = self.real.end(&[written], token, NOW).pop();
        let (intact, stored) = ended.map_or((false, false), |ended| (ended.intact, ended.stored));
        if mutant == Some(Mutant::EndTakesEveryIntent) {
            for other in &before.open {
                self.real.lose_write(&KEY, *other);
            }
        }
        let Some(value) = kept else { return Fate::Nothing };
        let alone = before.open.iter().all(|other| *other == token);
        let newest =
            version.is_some_and(|version| before.floor.is_none_or(|floor| Some(floor) <= number(version)));
        let forced = match mutant {
            Some(Mutant::EndStoresAfterALostIntent) => alone,
            Some(Mutant::OverlappingWriterStores) => intact,
            Some(Mutant::VersionTrustedAmongUnversioned) => intact && alone && newest,
            // What those who have ended would have told.
            Some(Mutant::EndRaisesNoFloor) => {
                intact && alone && version.is_some() && before.overlap != Overlap::Unknown
            }
            Some(Mutant::ExpiredWriteIsForgotten) => intact && alone && newest && self.forgot,
            _ => false,
        };
        if forced && !stored {
            self.forced = Some(value);
        }
        if stored || forced {
            Fate::Kept { overlapped: before.overlap != Overlap::None }
        } else {
            Fate::Dropped
        }
    }

    /// Puts a value there, whatever is known.
    pub(crate) fn put(&mut self, value: u8) {
        self.forced = Some(value);
    }

    /// Carries out a call that comes late.
    pub(crate) fn carry_out(&mut self, call: Call, mutant: Option<Mutant>) {
        match call {
            Call::Acquire { token } => {
                self.acquire(token, mutant);
            }
            Call::Fill { token, epoch, value, version } => {
                self.fill(token, epoch, value, version, mutant);
            }
            Call::Invalidate { hold, version } => self.invalidate(hold, version, mutant),
            Call::Begin { token } => self.begin(token, mutant),
            Call::End { token, version, kept } => {
                self.end(token, version, kept, mutant);
            }
        }
    }

    pub(crate) fn lose_entry(&mut self) -> bool {
        self.forced.take().is_some() || self.real.lose_entry(&KEY)
    }

    pub(crate) fn lose_lease(&mut self) -> bool {
        self.forged.take().is_some() || self.real.lose_lease(&KEY)
    }

    pub(crate) fn lose_floor(&mut self) -> bool {
        self.real.lose_floor(&KEY)
    }

    pub(crate) fn lose_write(&mut self, token: Token, mutant: Option<Mutant>) {
        let before = self.known().writes.overlap;
        self.real.lose_write(&KEY, token);
        self.forgot |= mutant == Some(Mutant::ExpiredWriteIsForgotten) && before != Overlap::Unknown;
        if self.known().writes.open.is_empty() {
            self.forgot = false;
            self.spare(self.forged.filter(|_| mutant == Some(Mutant::BeginSparesTheLease)));
        }
    }

    pub(crate) fn lose_everything(&mut self) {
        *self = Self { real: std::mem::take(&mut self.real), epoch: self.epoch + 1, ..Self::default() };
        self.real.lose_everything();
    }

    /// A broken variant may have left something of its own.
    fn dropped(&mut self) {
        (self.forced, self.forged) = (None, None);
    }

    fn lease(&self) -> Option<Token> {
        self.known().lease.filter(|(_, used)| !used).map(|(token, _)| token)
    }

    fn spare(&mut self, lease: Option<Token>) {
        if let Some(token) = lease {
            self.real.acquire(&KEY, Some(&Seen::new(&Bytes::new())), token, LONG, NOW);
        }
    }
}

fn entry(value: u8) -> Bytes {
    Bytes::from_static(&ENTRIES[usize::from(value)])
}

fn number(version: u8) -> Option<Version> {
    Version::new(u64::from(version))
}

fn target(version: Option<u8>) -> Target {
    Target::Key {
        text: KEY.text.clone(),
        partition: KEY.partition,
        template: KEY.template.clone(),
        version: version.and_then(number),
    }
}
