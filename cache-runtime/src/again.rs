//! What is asked of the user's types once more beside the function that asks it first.
//!
//! The function says the mistake. Here a method of its own serves where the type is right, and one of a trait where it isn't: the compiler prefers
//! the first, and the second says nothing.

use crate::{
    key::{KeyBuilder, KeyPart, KeyWriter},
    level::{RowVersion, row_version},
    terms::{Condition, Decision, Ttl, about, at_most, holds},
};
use std::{marker::PhantomData, num::NonZeroU64, vec::IntoIter};

/// Something that is asked again.
#[derive(Debug)]
pub struct Again<T>(pub T);

impl<T: KeyPart + ?Sized> Again<&T> {
    /// A placeholder's value.
    pub fn part(self, key: &mut KeyBuilder) {
        self.0.write(&mut KeyWriter::new(key));
    }
}

impl<T: KeyPart> Again<PhantomData<T>> {
    /// The next part as a value.
    pub fn parsed(self, parts: &mut IntoIter<&str>) -> Option<T> {
        T::parse(parts.next()?)
    }
}

impl<T: Condition> Again<T> {
    /// See [`holds`].
    pub fn holds(self) -> bool {
        holds(self.0)
    }
}

impl<T: Ttl> Again<T> {
    /// See [`about`].
    pub fn about(self) -> Decision {
        about(self.0)
    }

    /// See [`at_most`].
    pub fn at_most(self) -> Decision {
        at_most(self.0)
    }
}

impl<T: RowVersion + ?Sized> Again<&T> {
    /// See [`row_version`].
    pub fn row_version(self) -> Option<NonZeroU64> {
        row_version(self.0)
    }
}

/// The type is wrong, and the program doesn't compile.
pub trait AgainProbe: Sized {
    /// No part.
    fn part(self, _: &mut KeyBuilder) {}

    /// No value.
    fn parsed<T>(self, _: &mut IntoIter<&str>) -> Option<T> {
        None
    }

    /// No version.
    fn row_version(self) -> Option<NonZeroU64> {
        None
    }

    /// No condition.
    fn holds(self) -> bool {
        false
    }

    /// No time.
    fn about(self) -> Decision {
        Decision::Leave
    }

    /// No time.
    fn at_most(self) -> Decision {
        Decision::Leave
    }
}

impl<T> AgainProbe for Again<T> {}
