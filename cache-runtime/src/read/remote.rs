//! How a reader talks to the shared store: reading an entry, getting leave to load, storing what was loaded.

use super::Call;
use crate::{
    cache::{Inner, Remote},
    clock::{self, Moment},
    entry::{self, Header, State},
    l1::{GroupStamp, KEEP_WITHIN, L1Entry},
    observe::Counter,
    shared::{LEASE, Making, Shared},
    store::{EntryKey, Fill, FillOutcome, Lookup, Read, Seen, Stamp, Store, Token, Version},
    terms::Lives,
    value::{Shape, View},
};
use std::{sync::Arc, time::Duration};

/// What the shared store had.
#[derive(Debug)]
pub(crate) enum Found<V> {
    /// A value, past its soft expiry if there is a [`Soft`].
    Value(Arc<V>, Option<Soft>),
    /// The row does not exist.
    Absent,
    /// Nothing this caller can use; with the entry it could not use.
    Nothing(Option<Seen>),
    /// It did not answer, or it may hold an outdated entry.
    Unreachable,
}

/// An entry that should be reloaded.
#[derive(Clone, Debug)]
pub(crate) struct Soft(pub(crate) Option<Seen>);

/// How things stood before the shared store was read.
#[derive(Debug)]
pub(crate) struct Keeping {
    seen: u64,
    asked: Moment,
    begun: Duration,
    groups: Option<Arc<[GroupStamp]>>,
}

/// Leave to load and to store.
#[derive(Debug)]
pub(crate) struct Lease {
    shared: Arc<Shared>,
    key: EntryKey,
    token: Token,
    epoch: u32,
    stamps: Vec<Stamp>,
    renewal: Option<tokio::task::JoinHandle<()>>,
    /// Gives the lease back when the load is dropped.
    release: Option<tokio::runtime::Handle>,
    tasks: crate::tails::Tasks,
}

/// What became of asking for a lease.
pub(crate) enum Leave<V> {
    Granted(Box<Lease>),
    /// The entry is there after all.
    Found(Found<V>),
    /// A write was acknowledged that the store can't show to this reader.
    Pending {
        /// It says that the row is gone.
        absent: bool,
    },
    /// Load, but store nothing.
    Without,
}

impl<S: Shape> Call<'_, S> {
    /// Reads the entry; never fails, never waits for longer than the read deadline.
    pub(crate) async fn ask_store(&self) -> Found<S::Value> {
        let Some(remote) = &self.inner.remote else {
            return Found::Nothing(None);
        };
        let shared = &remote.shared;
        if shared.unsent.concerns(&self.key, self.function.spec.family()) {
            return Found::Unreachable;
        }
        let keeping = self.keeping();
        let keys = [Inner::entry_key::<S::Value>(self.function, &self.key)];
        let timing = self.function.counters.time_a_read();
        let read = shared.store.reading(&keys).await;
        self.function.counters.store_took(timing);
        match read {
            Ok(reads) => {
                let read = reads.into_iter().next().unwrap_or_default();
                self.understand_and_keep(shared, read, keeping)
            }
            Err(error) => {
                tracing::debug!(%error, function = self.function.spec.function, "the shared store was not read");
                self.function.counters.add(Counter::StoreError);
                Found::Unreachable
            }
        }
    }

    /// Decodes what was read.
    pub(crate) fn understand(&self, shared: &Shared, read: Read) -> Found<S::Value> {
        let Some(bytes) = read.entry else {
            return Found::Nothing(None);
        };
        let (header, payload) = match Header::decode(&bytes, self.function.fingerprint::<S::Value>()) {
            Ok(entry) => entry,
            Err(why) => {
                tracing::debug!(
                    ?why,
                    function = self.function.spec.function,
                    "an entry can't be read and counts as a miss"
                );
                self.function.counters.add(Counter::Unreadable);
                return Found::Nothing(Some(Seen::new(&bytes)));
            }
        };
        let pending = header.state == State::Pending;
        let outdated = header.epoch < shared.epoch(self.key.partition)
            || header.stamps != read.stamps
            || read.stamps.contains(&Stamp(0));
        if outdated && !pending {
            return Found::Nothing(Some(Seen::new(&bytes)));
        }
        shared.saw_epoch(self.key.partition, header.epoch);
        match header.state {
            State::Absent => Found::Absent,
            State::Value | State::Pending => match header.codec.decode(payload) {
                Some(value) => {
                    let soft = header.soft_ms != u64::MAX && header.soft_ms <= shared.now_ms();
                    Found::Value(Arc::new(value), soft.then(|| Soft(Some(Seen::new(&bytes)))))
                }
                None => {
                    self.function.counters.add(Counter::Unreadable);
                    Found::Nothing(Some(Seen::new(&bytes)))
                }
            },
        }
    }

    /// What is to be known before the shared store is read, if what is found may be kept in this process: what is dropped meanwhile must not be.
    pub(crate) fn keeping(&self) -> Option<Keeping> {
        let coherence = self.inner.near.beside(self.function.lag)?;
        coherence.note(&self.key, self.id);
        Some(Keeping {
            seen: self.inner.flights.invalidations(self.id),
            asked: self.inner.clock.now(),
            begun: clock::exact(),
            groups: self.group_stamps(),
        })
    }

    /// Decodes what was read, and keeps it in this process for as long as it lives in the shared store.
    pub(crate) fn understand_and_keep(
        &self,
        shared: &Shared,
        read: Read,
        keeping: Option<Keeping>,
    ) -> Found<S::Value> {
        let ends = keeping.and_then(|keeping| {
            let ends = entry::soft_and_hard_ms(read.entry.as_deref()?)?;
            // By another clock it might live longer here, and later than this a message might not find its key any more.
            (shared.knows_time() && clock::since(keeping.begun) < KEEP_WITHIN).then_some((keeping, ends))
        });
        let found = self.understand(shared, read);
        if let (Found::Value(value, None), Some((keeping, [soft, hard]))) = (&found, ends) {
            let now = shared.now_ms();
            let ends = |ms: u64| match ms {
                u64::MAX => Moment::NEVER,
                ms => keeping.asked.plus(Duration::from_millis(ms.saturating_sub(now))),
            };
            let (soft, hard) = (ends(soft), ends(hard));
            let weight = crate::codec::estimate(&**value);
            let mut entry = L1Entry::new(Some(value.clone()), hard, weight, keeping.groups).reload_from(soft);
            if let Some(longer) = self.function.spec.stale_if_error {
                entry = entry.spare_until(hard.plus(longer));
            }
            let keep = || self.inner.l1.insert(self.id, entry);
            self.inner.flights.store_if_unchanged(self.id, keeping.seen, keep);
        }
        found
    }

    /// Asks for leave to load. With `patient`, waits while another process loads.
    pub(crate) async fn ask_leave(
        &self,
        remote: &Remote,
        rejected: Option<&Seen>,
        patient: bool,
    ) -> Leave<S::Value> {
        let shared = &remote.shared;
        if let Some(coherence) = self.inner.near.beside(self.function.lag) {
            coherence.note(&self.key, self.id);
        }
        let begun = clock::exact();
        let mut pause = Duration::from_millis(10);
        // From the first question on it gives back what it may have been granted, should the caller leave.
        let mut lease = Box::new(Lease::asking(
            remote,
            self.inner,
            Inner::entry_key::<S::Value>(self.function, &self.key),
        ));
        loop {
            let lookup = match rejected {
                None => shared.store.acquire(&lease.key, lease.token, LEASE).await,
                Some(seen) => shared.store.acquire_over(&lease.key, seen, lease.token, LEASE).await,
            };
            match lookup {
                Ok(Lookup::Granted { epoch, stamps }) => {
                    shared.saw_epoch(lease.key.partition, epoch);
                    lease.granted(remote, epoch, stamps);
                    return Leave::Granted(lease);
                }
                Ok(Lookup::Present(read)) => {
                    lease.is_not_held();
                    return match self.understand(shared, read) {
                        Found::Nothing(_) | Found::Unreachable => Leave::Without,
                        found @ (Found::Value(..) | Found::Absent) => Leave::Found(found),
                    };
                }
                Ok(Lookup::Pending { absent }) => {
                    lease.is_not_held();
                    return Leave::Pending { absent };
                }
                Ok(Lookup::Wait(_)) if patient && clock::since(begun) < LEASE => {
                    // On the cache's own runtime: paused time must not turn waiting into a busy loop.
                    let jittered = pause.mul_f64(0.5 + fastrand::f64() / 2.0);
                    let _ = remote
                        .background
                        .spawn_service(async move { tokio::time::sleep(jittered).await })
                        .await;
                    pause = (pause * 2).min(Duration::from_millis(100));
                }
                Ok(_) => {
                    lease.is_not_held();
                    return Leave::Without;
                }
                Err(error) => {
                    tracing::debug!(%error, function = self.function.spec.function, "no lease: the value will not be stored");
                    self.function.counters.add(Counter::StoreError);
                    return Leave::Without;
                }
            }
        }
    }

    /// The entry for what a body returned, unless it isn't to be stored.
    pub(crate) fn encode(
        &self,
        lease: &Lease,
        returned: &S::Return,
        lives: Lives,
        version: Option<Version>,
        cost: Duration,
    ) -> Option<Fill> {
        let spec = self.function.spec;
        let value = match S::view(returned) {
            View::Value(value) if lives.is_stored() => Some(value),
            View::Absent if lives.is_stored() => None,
            View::Value(_) | View::Absent | View::Failed => return None,
        };
        let making = Making {
            fingerprint: self.function.fingerprint::<S::Value>(),
            epoch: lease.epoch,
            stamps: lease.stamps.clone(),
            version,
            lives: lives.time(),
            refresh_at: spec.refresh_at,
            cost,
        };
        let entry = making.entry(&lease.shared, value, spec.function, &self.function.counters)?;
        Some(Fill {
            token: lease.token,
            entry,
            ttl: lives.time(),
            epoch: lease.epoch,
            stamps: lease.stamps.clone(),
            version,
        })
    }
}

impl Lease {
    /// A lease that is about to be asked for.
    fn asking(remote: &Remote, inner: &Inner, key: EntryKey) -> Self {
        Self {
            shared: remote.shared.clone(),
            key,
            token: Token::random(),
            epoch: 0,
            stamps: Vec::new(),
            renewal: None,
            release: Some(remote.background.handle().clone()),
            tasks: inner.tasks.clone(),
        }
    }

    /// It was granted: keeps it alive while the load lives.
    fn granted(&mut self, remote: &Remote, epoch: u32, stamps: Vec<Stamp>) {
        (self.epoch, self.stamps) = (epoch, stamps);
        let (shared, key, token) = (self.shared.clone(), self.key.clone(), self.token);
        self.renewal = Some(remote.background.spawn_service(async move {
            loop {
                tokio::time::sleep(LEASE / 3).await;
                // An unknown outcome is tried again; a lost lease can't come back.
                if let Ok(false) = shared.store.renew(&key, token, LEASE).await {
                    return;
                }
            }
        }));
    }

    fn is_not_held(&mut self) {
        self.release = None;
    }

    /// Stores the entry and says what became of it. Ends the lease.
    pub(crate) async fn fill(
        mut self: Box<Self>,
        fill: Fill,
    ) -> Result<FillOutcome, crate::store::StoreError> {
        let outcome = self.shared.store.fill(&self.key, fill).await;
        // Stored, it is used up. Refused, it may still be there, and others would wait for its end: it is given back.
        if matches!(outcome, Ok(FillOutcome::Stored)) {
            self.is_not_held();
        }
        outcome
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
        if let Some(handle) = self.release.take() {
            let (shared, key, token, running) =
                (self.shared.clone(), self.key.clone(), self.token, self.tasks.begin());
            handle.spawn(async move {
                if let Err(error) = shared.store.release(&key, token).await {
                    tracing::debug!(%error, "a lease was not given back; it ends by itself");
                }
                drop(running);
            });
        }
    }
}
