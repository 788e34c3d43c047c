//! What a cache knows about each function that was called with it.

use super::conflicts;
use crate::{
    coherence::{Coherence, Lag},
    observe::Counters,
    spec::Spec,
    store::Fingerprint,
    value::{self, Cacheable},
};
use std::{
    any::TypeId,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// One function in one cache.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) spec: &'static Spec,
    pub(crate) counters: Counters,
    /// How far behind its answers from this process may be, where others share the store.
    pub(crate) lag: Lag,
    /// Found when the shared store is needed for the first time: in a single process nobody asks.
    fingerprint: OnceLock<Fingerprint>,
    conflicting: AtomicBool,
    value: TypeId,
    /// Other instantiations of a generic function.
    next: OnceLock<Box<Function>>,
}

impl Function {
    /// Tells its value type `V`, as it is now, from others in the shared store.
    pub(crate) fn fingerprint<V: Cacheable>(&self) -> Fingerprint {
        *self.fingerprint.get_or_init(|| self.spec.fingerprint(value::fingerprint::<V>(self.spec.schema)))
    }

    /// Whether it disagrees with another function about entries: it runs without the cache, and drops what it would drop.
    #[inline]
    pub(crate) fn conflicting(&self) -> bool {
        self.conflicting.load(Ordering::Relaxed)
    }
}

/// Chunk `n` holds `64 << n` functions.
const FIRST_CHUNK: usize = 64;
const CHUNKS: usize = 20;

type Chunk = Box<[OnceLock<Function>]>;

/// All functions of a cache, found by their number without a lock.
pub(crate) struct Functions {
    chunks: [OnceLock<Chunk>; CHUNKS],
    attached: Mutex<Attached>,
    coherence: Option<Arc<Coherence>>,
}

/// The functions that were called, in the order of their first calls, and what they disagree about.
#[derive(Default)]
struct Attached {
    called: Vec<usize>,
    conflicts: Vec<String>,
}

impl std::fmt::Debug for Functions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Functions")
    }
}

impl Functions {
    pub(crate) fn new(coherence: Option<Arc<Coherence>>) -> Self {
        Self { chunks: std::array::from_fn(|_| OnceLock::new()), attached: Mutex::default(), coherence }
    }

    /// The function declared by `spec` for values of type `V`; attaches it when it is called for the first time.
    #[inline]
    pub(crate) fn get<V: 'static>(&self, spec: &'static Spec) -> &Function {
        let mut function = match self.slot(spec.id()).get() {
            Some(function) => function,
            None => self.attach::<V>(spec),
        };
        while function.value != TypeId::of::<V>() {
            function = match function.next.get() {
                Some(next) => next,
                None => self.attach_again::<V>(function),
            };
        }
        function
    }

    /// The function declared by `spec`, if it was called before.
    pub(crate) fn known(&self, spec: &'static Spec) -> Option<&Function> {
        self.slot(spec.id()).get()
    }

    /// Every function called so far.
    pub(crate) fn all(&self) -> Vec<&Function> {
        self.chained(&self.lock().called)
    }

    /// What the functions called so far disagree about.
    pub(crate) fn conflicts(&self) -> Vec<String> {
        self.lock().conflicts.clone()
    }

    /// These functions in all their instantiations.
    fn chained(&self, called: &[usize]) -> Vec<&Function> {
        let mut all = Vec::new();
        for id in called {
            let mut next = self.slot(*id).get();
            while let Some(function) = next {
                all.push(function);
                next = function.next.get().map(Box::as_ref);
            }
        }
        all
    }

    fn lock(&self) -> MutexGuard<'_, Attached> {
        self.attached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn slot(&self, id: usize) -> &OnceLock<Function> {
        let chunk = (id / FIRST_CHUNK + 1).ilog2() as usize;
        let start = FIRST_CHUNK * ((1 << chunk) - 1);
        let chunk =
            self.chunks[chunk].get_or_init(|| (0..FIRST_CHUNK << chunk).map(|_| OnceLock::new()).collect());
        &chunk[id - start]
    }

    #[cold]
    fn attach<V: 'static>(&self, spec: &'static Spec) -> &Function {
        // Taken first: whoever compares functions finds them finished.
        let mut attached = self.lock();
        self.slot(spec.id()).get_or_init(|| {
            let function = self.describe::<V>(spec, &mut attached);
            attached.called.push(spec.id());
            function
        })
    }

    #[cold]
    fn attach_again<'f, V: 'static>(&'f self, before: &'f Function) -> &'f Function {
        let mut attached = self.lock();
        before.next.get_or_init(|| Box::new(self.describe::<V>(before.spec, &mut attached)))
    }

    fn describe<V: 'static>(&self, spec: &'static Spec, attached: &mut Attached) -> Function {
        Function {
            spec,
            counters: Counters::new(spec.function, spec.template, spec.strategy.as_str()),
            lag: self.coherence.as_ref().map_or(Lag::NONE, |coherence| coherence.lag_of(spec)),
            fingerprint: OnceLock::new(),
            conflicting: self.conflicts_with::<V>(spec, attached).into(),
            value: TypeId::of::<V>(),
            next: OnceLock::new(),
        }
    }

    /// Whether a function disagrees with one that was called before. Says so once.
    fn conflicts_with<V: 'static>(&self, spec: &'static Spec, attached: &mut Attached) -> bool {
        let mut sentence = None;
        for first in self.chained(&attached.called) {
            let same_type = first.value == TypeId::of::<V>();
            // Instantiations of one generic function mean different entries, or their types are no hit for each other.
            let same_type = same_type || std::ptr::eq(spec, first.spec);
            let Some(conflict) = conflicts::between(spec, first.spec, same_type) else { continue };
            let stops_both = conflict.stops_both(first.spec);
            // One that runs without the cache stands in nobody's way, unless its writes would not be seen.
            if first.conflicting() && !stops_both {
                continue;
            }
            if stops_both {
                first.conflicting.store(true, Ordering::Relaxed);
            }
            sentence.get_or_insert_with(|| conflict.sentence(spec, first.spec));
        }
        let Some(sentence) = sentence else { return false };
        tracing::error!(
            template = spec.template,
            function = spec.function,
            module = spec.module,
            "two functions disagree about their entries and run without the cache: {sentence}"
        );
        attached.conflicts.push(sentence.clone());
        assert!(!spec.conflicts_panic, "{sentence}");
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_any_number_have_a_place_of_their_own() {
        let functions = Functions::new(None);
        let places: std::collections::HashSet<_> =
            (0..5_000).map(|id| std::ptr::from_ref(functions.slot(id)).addr()).collect();
        assert_eq!(places.len(), 5_000);
    }
}
