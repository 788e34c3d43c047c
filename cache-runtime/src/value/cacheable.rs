//! What a value must be so that it can be stored.

use serde::{Serialize, de::DeserializeOwned};

/// A value that can be cached.
///
/// Every type that implements [`serde::Serialize`] and [`serde::de::DeserializeOwned`] and can be sent between threads is one. The codec is
/// used only where a shared store is; in a single process values are kept as they are.
///
/// Entries in a shared store are read by programs whose type has the same schema, and are misses for others. It is found by running the type's
/// `Deserialize` once without data, so that must return errors, not panic; what serde hides of it needs the option `schema`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a cache",
    label = "not cacheable",
    note = "derive `serde::Serialize` and `serde::Deserialize` on `{Self}`; it must also be `Send + Sync + 'static`"
)]
pub trait Cacheable: Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Cacheable for T {}
