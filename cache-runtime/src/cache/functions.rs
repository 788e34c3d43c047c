//! What a cache knows about each function that was called with it.

use crate::{
    observe::Counters,
    spec::{Spec, Strategy},
    store::Fingerprint,
    value::{self, Cacheable},
};
use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

/// One function in one cache.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) spec: &'static Spec,
    pub(crate) counters: Counters,
    /// Found when the shared store is needed for the first time: in a single process nobody asks.
    fingerprint: OnceLock<Fingerprint>,
    /// Another function uses the same template for another type: this one runs without the cache.
    pub(crate) conflicting: bool,
    value: TypeId,
    /// Other instantiations of a generic function.
    next: OnceLock<Box<Function>>,
}

impl Function {
    /// Tells its value type `V`, as it is now, from others in the shared store.
    pub(crate) fn fingerprint<V: Cacheable>(&self) -> Fingerprint {
        *self.fingerprint.get_or_init(|| value::fingerprint::<V>(self.spec.schema))
    }
}

/// Chunk `n` holds `64 << n` functions.
const FIRST_CHUNK: usize = 64;
const CHUNKS: usize = 20;

type Chunk = Box<[OnceLock<Function>]>;

/// All functions of a cache, found by their number without a lock.
pub(crate) struct Functions {
    chunks: [OnceLock<Chunk>; CHUNKS],
    templates: Mutex<HashMap<&'static str, (TypeId, &'static Spec)>>,
    called: Mutex<Vec<usize>>,
}

impl std::fmt::Debug for Functions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Functions")
    }
}

impl Functions {
    pub(crate) fn new() -> Self {
        Self {
            chunks: std::array::from_fn(|_| OnceLock::new()),
            templates: Mutex::default(),
            called: Mutex::default(),
        }
    }

    /// The function declared by `spec` for values of type `V`; attaches it when it is called for the first time.
    #[inline]
    pub(crate) fn get<V: 'static>(&self, spec: &'static Spec) -> &Function {
        let mut function = match self.slot(spec.id()).get() {
            Some(function) => function,
            None => self.attach::<V>(spec),
        };
        while function.value != TypeId::of::<V>() {
            function = function.next.get_or_init(|| Box::new(self.describe::<V>(spec)));
        }
        function
    }

    /// The function declared by `spec`, if it was called before.
    pub(crate) fn known(&self, spec: &'static Spec) -> Option<&Function> {
        self.slot(spec.id()).get()
    }

    /// Every function called so far.
    pub(crate) fn all(&self) -> Vec<&Function> {
        let called = self.called.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut all = Vec::new();
        for id in called {
            let mut next = self.slot(id).get();
            while let Some(function) = next {
                all.push(function);
                next = function.next.get().map(Box::as_ref);
            }
        }
        all
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
        self.slot(spec.id()).get_or_init(|| {
            self.called.lock().unwrap_or_else(PoisonError::into_inner).push(spec.id());
            self.describe::<V>(spec)
        })
    }

    fn describe<V: 'static>(&self, spec: &'static Spec) -> Function {
        Function {
            spec,
            counters: Counters::new(spec.function, spec.template, spec.strategy.as_str()),
            fingerprint: OnceLock::new(),
            conflicting: self.conflicts::<V>(spec),
            value: TypeId::of::<V>(),
            next: OnceLock::new(),
        }
    }

    /// Whether another function already uses the template for another type.
    fn conflicts<V: 'static>(&self, spec: &'static Spec) -> bool {
        if matches!(spec.strategy, Strategy::WriteAround | Strategy::Invalidate) {
            return false;
        }
        let (value, first) = {
            let mut templates = self.templates.lock().unwrap_or_else(PoisonError::into_inner);
            *templates.entry(spec.family()).or_insert((TypeId::of::<V>(), spec))
        };
        if value == TypeId::of::<V>() {
            return false;
        }
        tracing::error!(
            template = spec.template,
            function = spec.function,
            module = spec.module,
            at = %spec.location,
            other_function = first.function,
            other_at = %first.location,
            "two functions use one key template for different types; the later one runs without the cache"
        );
        assert!(
            !spec.conflicts_panic,
            "`{}` ({}) and `{}` ({}) use the key template {:?} for different types; give one of them another template",
            spec.function, spec.location, first.function, first.location, spec.template,
        );
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_any_number_have_a_place_of_their_own() {
        let functions = Functions::new();
        let places: std::collections::HashSet<_> =
            (0..5_000).map(|id| std::ptr::from_ref(functions.slot(id)).addr()).collect();
        assert_eq!(places.len(), 5_000);
    }
}
