//! What the copies know of the shared store's places.

/// One of the partitions of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition(u8);

impl Partition {
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}
