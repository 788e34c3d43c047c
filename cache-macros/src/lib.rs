//! The attributes of `cache-runtime`; depend on that crate instead of this one.
