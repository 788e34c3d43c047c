//! What the copies know of values.

use std::{any::Any, sync::Arc};

pub(crate) type AnyArc = Arc<dyn Any + Send + Sync>;
