//! Which locks and atomics stand in for the runtime's: shuttle's, which let another thread go on before each step.

use std::{
    ops::{Deref, DerefMut},
    sync::LockResult,
    thread::panicking,
    time::Duration,
};

pub(crate) use shuttle::sync::atomic;
pub(crate) use std::sync::{Arc, PoisonError, Weak};

/// Two, so that a key has neighbours behind another lock.
pub(crate) const FLIGHT_SHARDS: usize = 2;

/// Lets any other thread go on.
pub(crate) fn step() {
    shuttle::thread::sleep(Duration::ZERO);
}

/// Shuttle's, with one more step behind the unlocking: counts of `Arc`s, which shuttle doesn't know, may be read there.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

pub(crate) struct MutexGuard<'a, T>(Option<shuttle::sync::MutexGuard<'a, T>>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(shuttle::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        match self.0.lock() {
            Ok(guard) => Ok(MutexGuard(Some(guard))),
            Err(poisoned) => Err(PoisonError::new(MutexGuard(Some(poisoned.into_inner())))),
        }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().expect("the lock is held until the guard is dropped")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_deref_mut().expect("the lock is held until the guard is dropped")
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.0 = None;
        if !panicking() {
            step();
        }
    }
}
