//! How a key is put together from a template's text and the arguments of a call.
//!
//! The key's text is its identity everywhere: it is the name in the shared store, and the keyed hash of it is the
//! name in the process. It is rendered into a buffer on the stack, so a hit allocates nothing.

mod edge;
mod part;
mod template;

pub(crate) use edge::EdgeName;
pub use edge::{Edge, EdgeArg, Effects};
pub use part::{KeyPart, KeyWriter};
pub(crate) use template::split_parts;
pub(crate) use template::{family, literal_prefix, matches};
pub use template::{split_joints, unescape};

use crate::store::{Group, Partition};
use siphasher::sip128::SipHasher13;
use std::{fmt, hash::Hasher, ops::Range, sync::Arc};

/// Keys longer than this many bytes are replaced by their beginning and a hash of the whole.
pub(crate) const MAX_KEY_BYTES: usize = 1_024;

const STACK_BYTES: usize = 120;

/// Collects the text of one key.
#[derive(Clone, Debug)]
pub struct KeyBuilder {
    stack: [u8; STACK_BYTES],
    length: usize,
    /// The whole text, once it is longer than the stack buffer.
    heap: Vec<u8>,
    brace: Option<Range<usize>>,
    groups: [usize; 2],
    group_count: usize,
}

impl Default for KeyBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyBuilder {
    /// An empty key.
    #[inline]
    pub fn new() -> Self {
        Self {
            stack: [0; STACK_BYTES],
            length: 0,
            heap: Vec::new(),
            brace: None,
            groups: [0; 2],
            group_count: 0,
        }
    }

    /// Appends bytes that together are valid UTF-8.
    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(room) = self.stack.get_mut(self.length..end)
            && self.heap.is_empty()
        {
            room.copy_from_slice(bytes);
        } else {
            self.push_long(bytes);
        }
        self.length = end;
    }

    #[cold]
    fn push_long(&mut self, bytes: &[u8]) {
        if self.heap.is_empty() {
            self.heap.extend_from_slice(&self.stack[..self.length]);
        }
        self.heap.extend_from_slice(bytes);
    }

    pub(crate) fn open_partition(&mut self) {
        self.brace = Some(self.length..self.length);
    }

    pub(crate) fn close_partition(&mut self) {
        if let Some(brace) = &mut self.brace {
            brace.end = self.length;
        }
    }

    /// A group ends right after its last part, which may be before the closing brace.
    fn close_open_partition(&mut self) {
        if self.brace.as_ref().is_some_and(Range::is_empty) {
            self.close_partition();
        }
    }

    /// Everything written so far names a group.
    pub(crate) fn mark_group(&mut self) {
        if let Some(mark) = self.groups.get_mut(self.group_count) {
            *mark = self.length;
            self.group_count += 1;
        }
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        if self.heap.is_empty() { &self.stack[..self.length] } else { &self.heap }
    }

    /// The key's name in this process.
    #[inline]
    pub(crate) fn id(&self, hasher: &KeyHasher) -> KeyId {
        let bytes = self.bytes();
        if bytes.len() <= MAX_KEY_BYTES { hasher.id(bytes) } else { hasher.id(shorten(bytes).as_bytes()) }
    }

    /// The finished key.
    pub fn finish(self) -> Key {
        let bytes = self.bytes();
        let whole = String::from_utf8_lossy(bytes);
        let groups: Vec<Arc<str>> =
            self.groups[..self.group_count].iter().map(|&end| limited(&whole[..end])).collect();
        // The shallowest group, or the braces, or the whole text decide where the entry lives.
        let partition = match (groups.first(), &self.brace) {
            (_, Some(brace)) => Partition::of(&whole[brace.clone()]),
            (Some(group), None) => Partition::of(group),
            (None, None) => Partition::of(&limited(&whole)),
        };
        Key {
            text: limited(&whole),
            partition,
            groups: groups.into_iter().map(|text| Group { text, partition }).collect(),
        }
    }
}

fn limited(text: &str) -> Arc<str> {
    if text.len() <= MAX_KEY_BYTES { Arc::from(text) } else { shorten(text.as_bytes()).into() }
}

/// The beginning of a long key and a hash of all of it, the same in every process.
#[cold]
fn shorten(bytes: &[u8]) -> String {
    let hash = SipHasher13::new_with_keys(0x6d65_6d6f_697a_6564, 0x7265_706f).hash(bytes);
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(128)]);
    format!("{}~{:032x}", start.trim_end_matches('\u{fffd}'), hash.as_u128())
}

/// A finished key.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    pub(crate) text: Arc<str>,
    pub(crate) partition: Partition,
    pub(crate) groups: Vec<Group>,
}

impl Key {
    /// The key's text, such as `product:42`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.text).finish()
    }
}

/// The keyed 128-bit hash of a key's text: its name in this process.
///
/// Two keys of one process share it with a probability of about 2⁻¹²⁸ per pair, and who doesn't know the hash key can't look
/// for a pair (SipHash-1-3, Aumasson and Bernstein 2012).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct KeyId {
    high: u64,
    low: u64,
}

impl std::hash::Hash for KeyId {
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.low);
    }
}

/// Makes [`KeyId`]s.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyHasher(SipHasher13);

impl KeyHasher {
    pub(crate) fn random() -> Self {
        Self(SipHasher13::new_with_keys(fastrand::u64(..), fastrand::u64(..)))
    }

    #[inline]
    pub(crate) fn id(&self, bytes: &[u8]) -> KeyId {
        let hash = self.0.hash(bytes);
        KeyId { high: hash.h1, low: hash.h2 }
    }
}

/// Keys are hashes already: tables take their low half as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AlreadyHashed;

impl std::hash::BuildHasher for AlreadyHashed {
    type Hasher = LowHalf;

    #[inline]
    fn build_hasher(&self) -> LowHalf {
        LowHalf(0)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct LowHalf(u64);

impl Hasher for LowHalf {
    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

impl KeyId {
    /// Chooses one of `count` shards; uses other bits than the tables inside a shard.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the upper bits are meant
    pub(crate) fn shard(self, count: usize) -> usize {
        (self.high >> 32) as usize % count
    }

    #[cfg(test)]
    pub(crate) fn test(number: u64) -> Self {
        Self { high: number << 32, low: number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(parts: &[&dyn Fn(&mut KeyBuilder)]) -> KeyBuilder {
        let mut key = KeyBuilder::new();
        parts.iter().for_each(|part| part(&mut key));
        key
    }

    #[test]
    fn text_longer_than_the_stack_buffer_keeps_its_identity() {
        let hasher = KeyHasher::random();
        for length in [0, 1, 119, 120, 121, 500, MAX_KEY_BYTES, MAX_KEY_BYTES + 1, 5_000] {
            let text = "x".repeat(length);
            let in_one = key(&[&|k| k.push(text.as_bytes())]);
            let in_pieces = key(&[&|k| text.bytes().for_each(|b| k.push(&[b]))]);
            assert_eq!(in_one.id(&hasher), in_pieces.id(&hasher), "{length}");
            let id = in_one.id(&hasher);
            let finished = in_one.finish();
            assert_eq!(finished, in_pieces.finish(), "{length}");
            assert_eq!(id, hasher.id(finished.text.as_bytes()), "{length}");
            assert!(finished.text.len() <= MAX_KEY_BYTES);
        }
    }

    #[test]
    fn long_keys_differ_when_only_their_ends_differ() {
        let a = key(&[&|k| k.push("x".repeat(2_000).as_bytes()), &|k| k.push(b"a")]).finish();
        let b = key(&[&|k| k.push("x".repeat(2_000).as_bytes()), &|k| k.push(b"b")]).finish();
        assert_ne!(a, b);
    }

    #[test]
    fn entries_of_a_group_live_in_its_partition() {
        let page = |n: &str| {
            let mut key = KeyBuilder::new();
            key.push(b"browse:books");
            key.mark_group();
            key.push(b":");
            key.push(n.as_bytes());
            key.finish()
        };
        assert_eq!(page("1").partition, page("2").partition);
        assert_eq!(&*page("1").groups[0].text, "browse:books");
        assert_eq!(page("1").groups[0].partition, page("9").partition);
    }

    #[test]
    fn braces_choose_the_partition() {
        let of = |suffix: &str| {
            let mut key = KeyBuilder::new();
            key.open_partition();
            key.push(b"user:7");
            key.close_partition();
            key.push(suffix.as_bytes());
            key.finish()
        };
        assert_eq!(of(":profile").partition, of(":cart").partition);
        assert_eq!(of(":cart").as_str(), "user:7:cart");
    }
}
