//! What happens when a write-behind function is called.

use super::{
    accept::{Accepted, Refused},
    deferred::{Deferring, Handler, schema_of},
    payload::{self, Payload},
};
use crate::{
    Cache, Cacheable, Error,
    cache::{Function, Inner},
    clock::Moment,
    codec,
    edge::{Edge, Effects},
    error::{Carrying, ErrorKind},
    flight::WriteEnd,
    key::Key,
    l1::L1Entry,
    observe::Counter,
    shared::{HOLD, Making},
    spec::Spec,
    store::{EntryKey, NewWrite, Put, Shows, Token},
    terms::{Lives, Terms},
    value::Outcome,
    write,
};
use std::{borrow::Cow, fmt, future::Future, marker::PhantomData, sync::Arc, time::Duration};

/// What a write shows to readers until the database has it.
#[derive(Debug)]
pub enum Showing<V> {
    /// This value.
    Value(V),
    /// The row is gone.
    Absent,
    /// What the database has, combined with the write's own argument.
    Delta,
}

/// `value = ..`: readers get this value.
pub fn shows<V>(value: V) -> Showing<V> {
    Showing::Value(value)
}

/// `deletes`: readers find no row.
pub fn deletes() -> Showing<()> {
    Showing::Absent
}

/// `merge = ..`: readers get the row combined with this and the other pending writes.
pub fn delta() -> Showing<()> {
    Showing::Delta
}

/// Acknowledges a write: every reader that the queue promises sees the value when it returns, and the database gets it later.
///
/// Cancelling it before it returns leaves it open whether the write was accepted.
///
/// # Errors
///
/// When the cache has no queue ([`ErrorKind::NoQueue`]) or one that can't keep what it promises, the queue is out of reach ([`ErrorKind::QueueDown`]), or the cache was shut down. When the answer of the queue is lost, it
/// is open whether the write was accepted; else it was not.
pub async fn enqueue<S, V, T, R, P, F>(
    Carrying(_, carry): Carrying<S, S::Error>,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: T,
    showing: Showing<V>,
    payload: P,
    effects: Effects,
    deferring: Deferring<R, P, F>,
) -> S::Return
where
    S: Outcome<Inner = ()>,
    S::Return: Send,
    S::Error: fmt::Display + 'static,
    V: Cacheable,
    T: Terms<V>,
    R: Clone + Send + Sync + 'static,
    P: Payload,
    F: Future<Output = S::Return> + Send + 'static,
{
    let inner = &cache.0;
    if !inner.enabled {
        return deferring.write(vec![payload]).await;
    }
    let function = match showing {
        Showing::Value(_) => inner.function_of::<V>(spec),
        Showing::Absent | Showing::Delta => inner.function::<()>(spec),
    };
    if function.conflicting() {
        // Readers that it disagrees with would not see what is pending.
        let body = deferring.write(vec![payload]);
        return Box::pin(write::at_once::<S, _>(inner, function, key, effects, carry, body)).await;
    }
    let serving =
        inner.behind.serve(inner, spec, || Handler::of::<S, R, P, F>(PhantomData, spec, deferring.clone()));
    let showing = match showing {
        Showing::Value(value) => Showing::Value(Arc::new(value)),
        Showing::Absent => Showing::Absent,
        Showing::Delta => Showing::Delta,
    };
    let call = Enqueuing { inner, function, key, effects };
    match call.accepted(&terms, &showing, &payload).await {
        Ok(()) => S::ok(()),
        Err(Refused::Full) => {
            drop(serving);
            let Enqueuing { key, effects, .. } = call;
            let body = deferring.write(vec![payload]);
            let refuse = |error| carry(full(error));
            // Rare, and no smaller than everything else together.
            Box::pin(write::at_once::<S, _>(inner, function, key, effects, refuse, body)).await
        }
        Err(Refused::Failed(error)) => S::fail(carry(error)),
    }
}

/// The queue is full, and this is why the write was not made directly either.
fn full(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Halted => error,
        _ => Error::with_source(
            ErrorKind::QueueFull,
            "the write-behind queue is full, and what is pending for the key could not be written out, so the write was not accepted",
            error,
        ),
    }
}

/// A write that is about to be accepted.
struct Enqueuing<'c> {
    inner: &'c Arc<Inner>,
    function: &'c Function,
    key: Key,
    effects: Effects,
}

impl Enqueuing<'_> {
    async fn accepted<V: Cacheable, P: Payload>(
        &self,
        terms: &impl Terms<V>,
        showing: &Showing<Arc<V>>,
        payload: &P,
    ) -> Result<(), Refused> {
        let (inner, spec) = (self.inner, self.function.spec);
        let lives = match showing {
            Showing::Value(value) => Lives::of(spec, terms, &**value),
            Showing::Absent | Showing::Delta => Lives::Not,
        };
        let write = self.write(lives, showing, payload).map_err(Refused::Failed)?;
        let id = self.key.id(spec.family_number());
        let groups = inner.group_stamps(&self.key);
        // Dropped before its end, it keeps loads of this process from storing what may be older.
        let seat = inner.flights.begin_write(id, HOLD, || inner.l1.remove(id));
        let accepted = inner.behind.accept(inner, spec, &write, &self.key).await;
        let accepted = match accepted {
            Ok(accepted) => accepted,
            Err(refused) => {
                let end = if refused.is_open() { WriteEnd::Unknown } else { WriteEnd::Over };
                seat.end(end, || inner.l1.remove(id), || inner.l1.remove(id));
                return Err(refused);
            }
        };
        let Accepted { put, version } = accepted;
        inner.behind.remember(inner, &write, id, self.effects.edges(), version);
        let kept = match showing {
            Showing::Value(value) if inner.near.is_exact() => {
                let now = inner.clock.now();
                let hard = match lives {
                    Lives::Forever => Moment::NEVER,
                    Lives::For(time) => now.plus(time),
                    Lives::Not => now,
                };
                let weight = codec::estimate(&**value);
                Some(L1Entry::new(Some(value.clone()), hard, weight, groups))
            }
            _ => None,
        };
        seat.end(WriteEnd::Committed, || write::keep(inner, id, kept), || inner.l1.remove(id));
        self.function.counters.add(Counter::Enqueued);
        if let Put::Coalesced(_) = put {
            self.function.counters.add(Counter::Coalesced);
        }
        Ok(())
    }

    fn write<V: Cacheable, P: Payload>(
        &self,
        lives: Lives,
        showing: &Showing<Arc<V>>,
        payload: &P,
    ) -> Result<NewWrite, Error> {
        let (inner, spec) = (self.inner, self.function.spec);
        let shows = match showing {
            Showing::Value(value) => Shows::Value(self.entry(lives, &**value)?),
            Showing::Absent => Shows::Absent,
            Showing::Delta => Shows::Delta,
        };
        let fingerprint = match showing {
            Showing::Value(_) => self.function.fingerprint::<V>(),
            Showing::Absent | Showing::Delta => crate::store::Fingerprint(0),
        };
        // The generations of groups are not known here: once it is flushed, the next reader loads.
        let stays = self.key.groups.is_empty() && lives.is_stored();
        let mut write = NewWrite {
            token: Token::random(),
            key: EntryKey {
                text: self.key.text.clone(),
                partition: self.key.partition,
                template: Cow::Borrowed(spec.family()),
                fingerprint,
                groups: Vec::new(),
            },
            function: spec.queued_as().clone(),
            payload: payload::encode(schema_of(spec), payload)?,
            shows,
            ttl: if stays { lives.time() } else { Some(Duration::ZERO) },
            coalesce: spec.coalesce,
            drops: self.effects.edges().iter().map(Edge::target).collect(),
            most: 0,
        };
        inner.behind.place(&mut write);
        Ok(write)
    }

    fn entry<V: Cacheable>(&self, lives: Lives, value: &V) -> Result<bytes::Bytes, Error> {
        let spec = self.function.spec;
        let shared = self.inner.remote.as_ref().map(|remote| &*remote.shared);
        let making = Making {
            fingerprint: self.function.fingerprint::<V>(),
            epoch: shared.map_or(0, |shared| shared.epoch(self.key.partition)),
            stamps: Vec::new(),
            version: None,
            lives: lives.time(),
            refresh_at: None,
            cost: Duration::ZERO,
        };
        making.pending(shared, value).map_err(|error| {
            Error::with_source(ErrorKind::Encode, format!("`{}` could not be deferred", spec.function), error)
        })
    }
}
