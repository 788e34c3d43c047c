//! What values can be cached, and how they lie inside a function's return type.

mod batch;
mod cacheable;
mod layers;
mod probe;
mod schema;
mod shape;
mod value_type;

pub use batch::{BatchShape, Keys};
pub use cacheable::Cacheable;
pub(crate) use probe::Slot;
pub use probe::{ErrorProbe, MapProbe, OptionProbe, ResultProbe, SharedProbe, slot};
pub(crate) use schema::fingerprint;
pub(crate) use shape::{AnyArc, Holding, One, forget};
pub use shape::{Outcome, Shape, View};
pub use value_type::ValueType;
