//! How a key is put together from a template's text and the arguments of a call.
//!
//! The key's text is its name in the shared store. In this process its name is a fingerprint of its parts ([`id`]), so a hit renders nothing and
//! allocates nothing; both say the same of any two keys.

mod id;
mod part;
mod sensitive;
mod template;

pub(crate) use id::{AlreadyHashed, KeyId, family_number};
pub use part::{KeyPart, KeyWriter};
pub use sensitive::{Sensitive, borrowed_secret, owned_secret, sensitive};
pub(crate) use template::split_parts;
pub(crate) use template::{braces, family, literal_prefix, matches, placeholders, same_shape};
pub use template::{split_joints, unescape};

use crate::store::{Group, Partition};
use id::{Parts, PartsId};
use siphasher::sip128::SipHasher13;
use std::{cell::Cell, fmt, ops::Range, sync::Arc};

/// Keys longer than this many bytes are replaced by their beginning and a hash of the whole.
pub(crate) const MAX_KEY_BYTES: usize = 1_024;

thread_local! {
    /// The buffer in which the next key of this thread is rendered.
    static SCRATCH: Cell<String> = const { Cell::new(String::new()) };
}

/// Takes the pieces of one key.
#[derive(Debug)]
pub struct KeyBuilder {
    parts: Parts,
    /// Missing while only the fingerprint is wanted.
    text: Option<Text>,
}

/// The text of a key, and where in it things begin and end.
#[derive(Debug, Default)]
struct Text {
    rendered: String,
    brace: Option<Range<usize>>,
    groups: Vec<usize>,
}

impl Default for KeyBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyBuilder {
    /// An empty key, to be rendered.
    pub fn new() -> Self {
        let rendered = SCRATCH.take();
        Self { parts: Parts::None, text: Some(Text { rendered, ..Text::default() }) }
    }

    /// An empty key of which only the fingerprint is wanted.
    #[inline]
    pub(crate) fn fingerprint() -> Self {
        Self { parts: Parts::None, text: None }
    }

    /// Pieces of text that are no key themselves, in a buffer of their own.
    pub(crate) fn apart() -> Self {
        Self { parts: Parts::None, text: Some(Text::default()) }
    }

    /// Everything written so far.
    pub(crate) fn into_text(self) -> String {
        self.text.unwrap_or_default().rendered
    }

    /// The rendered key.
    pub(crate) fn rendered(write: impl Fn(&mut Self)) -> Key {
        let mut key = Self::new();
        write(&mut key);
        key.finish()
    }

    /// Text of the template.
    #[inline]
    pub(crate) fn literal(&mut self, literal: &str) {
        if let Some(text) = &mut self.text {
            text.rendered.push_str(literal);
        }
    }

    pub(crate) fn open_partition(&mut self) {
        if let Some(text) = &mut self.text {
            text.brace = Some(text.rendered.len()..text.rendered.len());
        }
    }

    pub(crate) fn close_partition(&mut self) {
        if let Some(Text { rendered, brace: Some(brace), .. }) = &mut self.text {
            brace.end = rendered.len();
        }
    }

    /// A group ends right after its last part, which may be before the closing brace.
    pub(crate) fn close_open_partition(&mut self) {
        if let Some(Text { brace: Some(brace), .. }) = &self.text
            && brace.is_empty()
        {
            self.close_partition();
        }
    }

    /// Everything written so far names a group.
    pub(crate) fn mark_group(&mut self) {
        if let Some(text) = &mut self.text {
            text.groups.push(text.rendered.len());
        }
    }

    /// The key's name in this process, as a key of this template family.
    #[inline]
    pub(crate) fn id(&self, family: u64) -> KeyId {
        self.parts.finish().of_family(family)
    }

    /// The finished key.
    pub fn finish(self) -> Key {
        let parts = self.parts.finish();
        let Text { rendered: mut text, brace, groups } = self.text.unwrap_or_default();
        let groups: Vec<Arc<str>> =
            groups.into_iter().filter_map(|end| text.get(..end).map(limited)).collect();
        let limited = limited(&text);
        // The braces, or the shallowest group, or the whole text decide where the entry lives.
        let partition = match (brace.and_then(|brace| text.get(brace)), groups.first()) {
            (Some(braced), _) => Partition::of(braced),
            (None, Some(group)) => Partition::of(group),
            (None, None) => Partition::of(&limited),
        };
        text.clear();
        SCRATCH.set(text);
        Key {
            text: limited,
            parts,
            partition,
            groups: groups.into_iter().map(|text| Group { text, partition }).collect(),
        }
    }
}

fn limited(text: &str) -> Arc<str> {
    if text.len() <= MAX_KEY_BYTES { Arc::from(text) } else { shorten(text).into() }
}

/// The beginning of a long key and a hash of all of it, the same in every process.
#[cold]
fn shorten(text: &str) -> String {
    let hash = SipHasher13::new_with_keys(0x6d65_6d6f_697a_6564, 0x7265_706f).hash(text.as_bytes());
    let start = text.floor_char_boundary(128);
    format!("{}~{:032x}", &text[..start], hash.as_u128())
}

/// Whether a key is one that was shortened.
pub(crate) fn is_shortened(key: &str) -> bool {
    key.rsplit_once('~')
        .is_some_and(|(_, hash)| hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A finished key.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    pub(crate) text: Arc<str>,
    parts: PartsId,
    pub(crate) partition: Partition,
    pub(crate) groups: Vec<Group>,
}

impl Key {
    /// The key's text, such as `product:42`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key's name in this process, as a key of this template family.
    pub(crate) fn id(&self, family: u64) -> KeyId {
        self.parts.of_family(family)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> KeyBuilder {
        let mut key = KeyBuilder::new();
        KeyPart::write(text, &mut KeyWriter::new(&mut key));
        key
    }

    fn part(part: &impl KeyPart) -> (KeyId, KeyId, String) {
        let mut hashed = KeyBuilder::fingerprint();
        part.write(&mut KeyWriter::new(&mut hashed));
        let rendered = KeyBuilder::rendered(|key| part.write(&mut KeyWriter::new(key)));
        (hashed.id(1), rendered.id(1), rendered.as_str().to_owned())
    }

    #[test]
    fn fingerprints_say_the_same_as_texts() {
        let mut seen: Vec<(KeyId, String)> = Vec::new();
        let mut check = |(hashed, rendered, text): (KeyId, KeyId, String)| {
            assert_eq!(hashed, rendered, "{text}");
            for (other, other_text) in &seen {
                assert_eq!(*other == hashed, *other_text == text, "{text} {other_text}");
            }
            seen.push((hashed, text));
        };
        for number in [-5, -1, 0, 1, 5, 42, i64::MAX, i64::MIN] {
            check(part(&number));
            check(part(&i128::from(number)));
            check(part(&number.to_string()));
            check(part(&Some(number)));
            check(part(&(number, "x")));
            check(part(&("x", number)));
        }
        for number in [0_u128, 5, u128::from(u64::MAX), u128::from(u64::MAX) + 1] {
            check(part(&number));
            check(part(&number.to_string()));
        }
        for text in ["", "0", "00", "05", "a", "%.", "%_", "%", "true", ":", "a:b", "ü"] {
            check(part(&text));
            check(part(&(text,)));
            check(part(&Some(text)));
            check(part(&(text, text)));
            check(part(&((text, text), text)));
            check(part(&(text, (text, text))));
            check(part(&(text, Some(text))));
        }
        check(part(&true));
        check(part(&'a'));
        check(part(&None::<u8>));
        check(part(&Some(None::<u8>)));
        check(part(&(1, None::<u8>)));
        for secret in ["", "7", "a:b"] {
            check(part(&Sensitive::new(secret)));
            check(part(&(Sensitive::new(secret), Some(Sensitive::new(7)))));
        }
    }

    #[test]
    fn long_keys_are_shortened_and_differ_when_only_their_ends_differ() {
        let a = text(&("x".repeat(2_000) + "a")).finish();
        let b = text(&("x".repeat(2_000) + "b")).finish();
        assert!(a.text.len() <= MAX_KEY_BYTES);
        assert_ne!(a.text, b.text);
        assert_eq!(text(&"x".repeat(MAX_KEY_BYTES)).finish().text.len(), MAX_KEY_BYTES);
    }

    #[test]
    fn entries_of_a_group_live_in_its_partition() {
        let page = |n: &str| {
            let mut key = KeyBuilder::new();
            key.literal("browse:books");
            key.mark_group();
            key.literal(":");
            key.literal(n);
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
            key.literal("user:7");
            key.close_partition();
            key.literal(suffix);
            key.finish()
        };
        assert_eq!(of(":profile").partition, of(":cart").partition);
        assert_eq!(of(":cart").as_str(), "user:7:cart");
    }
}
