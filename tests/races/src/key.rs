//! What the copies know of keys: their names.

#[allow(dead_code)] // how names are made of arguments isn't raced
#[path = "../../../cache-runtime/src/key/id.rs"]
mod id;

pub(crate) use id::{AlreadyHashed, KeyId, PartsId};
