//! How is a type of values called, by people and in the shared store?

use super::{Cacheable, fingerprint, schema::plain};
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
    /// The type `V`, with the user's number for its schema.
    pub(crate) fn of<V: Cacheable>(schema: Option<u32>) -> Self {
        Self { id: TypeId::of::<V>(), name: type_name::<V>(), fingerprint: fingerprint::<V>(schema) }
    }

    /// The name without the modules of its parts, such as `Vec<Product>`.
    pub fn name(&self) -> String {
        plain(self.name)
    }

    /// The name with all its modules.
    pub fn full_name(&self) -> &'static str {
        self.name
    }

    /// Whether it is this type, whatever the schema numbers say.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// What tells its schema from others.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn names_lose_their_modules() {
        assert_eq!(ValueType::of::<Vec<Option<String>>>(None).name(), "Vec<Option<String>>");
        assert_eq!(ValueType::of::<(Duration, [u8; 2], String)>(None).name(), "(Duration, [u8; 2], String)");
    }
}
