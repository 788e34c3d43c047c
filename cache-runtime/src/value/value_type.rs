//! How is a type of values called, by people and in the shared store?

use crate::store::Fingerprint;
use std::any::{TypeId, type_name};

/// The type of a function's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueType {
    id: TypeId,
    name: &'static str,
    fingerprint: Fingerprint,
}

impl ValueType {
    /// The type `V`, with its fingerprint.
    pub(crate) fn new<V: 'static>(fingerprint: Fingerprint) -> Self {
        Self { id: TypeId::of::<V>(), name: type_name::<V>(), fingerprint }
    }

    /// The name without the modules of its parts, such as `Vec<Product>`.
    pub fn name(&self) -> String {
        let mut short = String::with_capacity(self.name.len());
        let mut word = String::new();
        let mut chars = self.name.chars().peekable();
        while let Some(char) = chars.next() {
            if char.is_alphanumeric() || char == '_' {
                word.push(char);
            } else if char == ':' && chars.next_if_eq(&':').is_some() {
                word.clear();
            } else {
                short.push_str(&word);
                word.clear();
                short.push(char);
            }
        }
        short + &word
    }

    /// The name with all its modules.
    pub fn full_name(&self) -> &'static str {
        self.name
    }

    /// What tells entries of this type from those of another, in the shared store; [`Fingerprint::short`] is in the names of entries.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_modules() {
        let name = |value: ValueType| value.name();
        assert_eq!(name(ValueType::new::<Vec<Option<String>>>(Fingerprint(0))), "Vec<Option<String>>");
        assert_eq!(
            name(ValueType::new::<(Fingerprint, [u8; 2], &'static str)>(Fingerprint(0))),
            "(Fingerprint, [u8; 2], &str)"
        );
    }
}
