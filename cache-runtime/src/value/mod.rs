//! What values can be cached, and how they lie inside a function's return type.

mod cacheable;
mod probe;
mod shape;

pub use cacheable::Cacheable;
pub use probe::{ErrorProbe, MapProbe, OptionProbe, ResultProbe, SharedProbe, slot};
pub use shape::View;
pub(crate) use shape::{AnyArc, One};
pub use shape::{BatchShape, Outcome, Shape};
