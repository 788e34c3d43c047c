//! The name of a key in this process: a fingerprint of its parts, made without rendering them.
//!
//! Two keys of one template family have the same fingerprint exactly if they have the same text, whatever the types of the arguments: a part whose
//! text is a plain number is taken as that number, and everything else as its text. A key with one such number, the usual
//! case, is named by it exactly; others by a keyed 128-bit hash of their parts (SipHash-1-3, Aumasson and Bernstein 2012), where two
//! keys collide with a probability of about 2⁻¹²⁶ and nobody who doesn't know the process's random key can look for a pair.

use siphasher::sip128::{Hasher128, SipHasher13};
use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, Hasher},
    sync::{LazyLock, Mutex, PoisonError},
};

/// The secrets of this process.
struct Secrets {
    sip: SipHasher13,
    fold: [u64; 2],
}

static SECRETS: LazyLock<Secrets> = LazyLock::new(|| Secrets {
    sip: SipHasher13::new_with_keys(fastrand::u64(..), fastrand::u64(..)),
    fold: [fastrand::u64(..), fastrand::u64(..)],
});

/// A key's name in this process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct KeyId {
    /// The family for keys named exactly; half a hash, with one of the two upper bits set, for the others.
    high: u64,
    low: u64,
}

const HASHED: u64 = 1 << 63;
const GROUP: u64 = 1 << 62;

impl KeyId {
    /// The name of a group.
    pub(crate) fn of_group(text: &str) -> Self {
        let hash = SECRETS.sip.hash(text.as_bytes());
        Self { high: (hash.h1 & !HASHED) | GROUP, low: hash.h2 }
    }

    /// One word for hash tables; others can't foresee it.
    #[inline]
    fn folded(self) -> u64 {
        let [a, b] = SECRETS.fold;
        let product = u128::from(self.low ^ a) * u128::from(self.high ^ b | 1);
        #[allow(clippy::cast_possible_truncation)] // both halves are used
        let folded = product as u64 ^ (product >> 64) as u64;
        folded
    }

    /// Chooses one of `count` shards; uses other bits than the tables inside a shard.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the upper bits are meant
    pub(crate) fn shard(self, count: usize) -> usize {
        (self.folded() >> 40) as usize % count
    }

    #[cfg(test)]
    pub(crate) fn test(number: u64) -> Self {
        Self { high: 1, low: number }
    }
}

impl Hash for KeyId {
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.folded());
    }
}

/// Hashes what is a hash already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AlreadyHashed;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Word(u64);

impl BuildHasher for AlreadyHashed {
    type Hasher = Word;

    #[inline]
    fn build_hasher(&self) -> Word {
        Word(0)
    }
}

impl Hasher for Word {
    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.0 = word;
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

/// The number of a template family, unique in this process and never zero.
pub(crate) fn family_number(family: &str) -> u64 {
    static FAMILIES: LazyLock<Mutex<HashMap<String, u64>>> = LazyLock::new(Mutex::default);
    let mut families = FAMILIES.lock().unwrap_or_else(PoisonError::into_inner);
    let next = families.len() as u64 + 1;
    *families.entry(family.to_owned()).or_insert(next)
}

/// What is known of a key's parts while it is being put together.
#[derive(Clone, Debug)]
pub(crate) enum Parts {
    None,
    /// One part, a plain number.
    Number(u64),
    Hashed(SipHasher13),
}

/// The parts of a finished key; with a family they make a [`KeyId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartsId {
    Number(u64),
    Hash(u64, u64),
}

#[derive(Clone, Copy)]
#[repr(u8)]
enum Tag {
    Number,
    Text,
    Joint,
    Field,
    FieldEnd,
    Mark,
}

/// Writes bytes as whole words, behind one with the tag and their length: the hash is quickest on words.
#[inline]
fn words(hasher: &mut SipHasher13, tag: Tag, bytes: &[u8]) {
    hasher.write_u64((bytes.len() as u64) << 8 | tag as u64);
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hasher.write_u64(u64::from_le_bytes(word));
    }
}

impl Parts {
    /// A part, or a field of one, that is a number.
    #[inline]
    pub(crate) fn number(&mut self, number: u64) {
        match self {
            Self::None => *self = Self::Number(number),
            Self::Number(_) | Self::Hashed(_) => {
                let hasher = self.hasher();
                hasher.write_u64(Tag::Number as u64);
                hasher.write_u64(number);
            }
        }
    }

    /// A part, or a field of one, that is text; a number if it looks exactly like one.
    #[inline]
    pub(crate) fn text(&mut self, text: &[u8]) {
        match plain_number(text) {
            Some(number) => self.number(number),
            None => {
                let hasher = self.hasher();
                words(hasher, Tag::Text, text);
            }
        }
    }

    pub(crate) fn joint(&mut self) {
        self.hasher().write_u64(Tag::Joint as u64);
    }

    pub(crate) fn field(&mut self) {
        self.hasher().write_u64(Tag::Field as u64);
    }

    pub(crate) fn field_end(&mut self) {
        self.hasher().write_u64(Tag::FieldEnd as u64);
    }

    pub(crate) fn mark(&mut self, mark: &str) {
        words(self.hasher(), Tag::Mark, mark.as_bytes());
    }

    fn hasher(&mut self) -> &mut SipHasher13 {
        if let Self::None | Self::Number(_) = self {
            let mut hasher = SECRETS.sip;
            if let Self::Number(number) = self {
                hasher.write_u64(Tag::Number as u64);
                hasher.write_u64(*number);
            }
            *self = Self::Hashed(hasher);
        }
        match self {
            Self::Hashed(hasher) => hasher,
            Self::None | Self::Number(_) => unreachable!("it was made a hasher just now"),
        }
    }

    #[inline]
    pub(crate) fn finish(&self) -> PartsId {
        match self {
            Self::None => PartsId::Number(0),
            Self::Number(number) => PartsId::Number(*number),
            Self::Hashed(hasher) => {
                let hash = hasher.finish128();
                PartsId::Hash(hash.h1, hash.h2)
            }
        }
    }
}

impl PartsId {
    #[inline]
    pub(crate) fn of_family(self, family: u64) -> KeyId {
        match self {
            Self::Number(low) => KeyId { high: family, low },
            // An odd factor: families differ, and so do their keys.
            Self::Hash(high, low) => {
                KeyId { high: high.wrapping_add(family.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | HASHED, low }
            }
        }
    }
}

/// The number that a text is, if writing the number gives the same text.
#[inline]
fn plain_number(text: &[u8]) -> Option<u64> {
    match text {
        [b'0'] => Some(0),
        [b'1'..=b'9', rest @ ..] if rest.len() < 20 => text.iter().try_fold(0_u64, |number, &byte| {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            number.checked_mul(10)?.checked_add(u64::from(digit))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_come_back_are_numbers() {
        for number in [0, 1, 9, 10, 42, u64::MAX - 1, u64::MAX] {
            assert_eq!(plain_number(number.to_string().as_bytes()), Some(number));
        }
        for text in
            ["", "00", "01", "-1", "+1", " 1", "1 ", "1a", "18446744073709551616", "99999999999999999999999"]
        {
            assert_eq!(plain_number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn families_have_names_of_their_own() {
        let (a, b) = (family_number("a:<>"), family_number("b:<>"));
        assert_ne!(a, b);
        assert_eq!(a, family_number("a:<>"));
        for parts in [PartsId::Number(7), PartsId::Hash(1, 2)] {
            assert_ne!(parts.of_family(a), parts.of_family(b));
        }
    }

    #[test]
    fn shards_are_filled_evenly() {
        let mut filled = [0; 64];
        (0..64_000).for_each(|n| filled[KeyId::test(n).shard(64)] += 1);
        assert!(filled.iter().all(|&n| (700..1_300).contains(&n)), "{filled:?}");
    }
}
