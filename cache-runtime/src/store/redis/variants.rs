//! Which variants of a template this process knows of.
//!
//! Redis has the list of all, and an invalidation deletes them all. But a Redis that may evict any key may evict the list and keep the entries:
//! then what is known here still finds them.

use redis::Value;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// By template, as Redis lists them: `beef,cafe,`.
#[derive(Debug, Default)]
pub(super) struct Variants(Mutex<HashMap<String, String>>);

impl Variants {
    /// Those of a template.
    pub(super) fn of(&self, template: &str) -> String {
        self.lock().get(template).cloned().unwrap_or_default()
    }

    /// This one was stored.
    pub(super) fn stored(&self, template: &str, variant: &str) {
        let mut known = self.lock();
        match known.get_mut(template) {
            Some(list) if list.contains(variant) => {}
            Some(list) => {
                list.push_str(variant);
                list.push(',');
            }
            None => {
                known.insert(template.to_owned(), format!("{variant},"));
            }
        }
    }

    /// A script tells what wasn't known: templates, each with its list.
    pub(super) fn told(&self, told: Vec<Value>) {
        let mut told = told.into_iter().map(|value| match value {
            Value::BulkString(text) => String::from_utf8(text).ok(),
            _ => None,
        });
        while let (Some(template), Some(list)) = (told.next(), told.next()) {
            if let (Some(template), Some(list)) = (template, list) {
                self.lock().insert(template, list);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, String>> {
        // A map is whole whatever panicked beside it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
