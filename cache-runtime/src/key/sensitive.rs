//! How does a secret become part of a key without standing in it?

use super::{KeyBuilder, KeyPart, KeyWriter};
use sha2::{Digest, Sha256};
use std::fmt;

/// A secret that may take part in a key, such as an API token: the key holds a hash of it.
///
/// What would have been its text in the key is replaced by the first 128 bits of that text's SHA-256, in hexadecimal. So the secret
/// is in no key: not in Redis, in its slow log or under `MONITOR`, not in this process's logs, errors and `Debug` output. Two secrets never
/// share an entry, and every process finds the same entry. `#[derive(KeyPart)]` with `#[key_part(sensitive)]` does the same for a type of
/// your own.
///
/// It doesn't protect what is easy to guess: who sees the key can hash every phone number and compare. And it doesn't protect values: what the function
/// returns is stored as it is.
///
/// There is no way back from a key to the secret: `find_args(key)` of such a reader answers `None`. The hash costs some hundred
/// nanoseconds for every call, hits too. [`Debug`](fmt::Debug) prints no secret; [`Display`](fmt::Display), `Deref` and serde's traits are left out on purpose: who wants to see it says [`expose`](Sensitive::expose).
///
/// ```
/// use cache_runtime::{Cache, Sensitive, repository};
///
/// #[derive(Clone)]
/// struct Accounts {
///     cache: Cache,
/// }
///
/// #[repository(cache = self.cache, ttl = "1m")]
/// impl Accounts {
///     #[cached(strategy = "read_through", key = "account:<token>", negative_ttl = 5)]
///     async fn by_token(&self, token: Sensitive<&str>) -> Option<u64> {
///         (*token.expose() == "s3cret").then_some(7) // a query
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let accounts = Accounts { cache: Cache::memory() };
/// assert_eq!(accounts.by_token(Sensitive::new("s3cret")).await, Some(7));
/// let entry = accounts.by_token_entry(Sensitive::new("s3cret"));
/// assert_eq!(entry.key(), "account:1ec1c26b50d5d3c58d9583181af80766");
/// assert_eq!(format!("{:?}", Sensitive::new("s3cret")), "Sensitive(..)");
/// # }
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Marks a value as secret.
    pub const fn new(secret: T) -> Self {
        Self(secret)
    }

    /// The secret itself, for those who may see it.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The secret itself, no longer marked.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(secret: T) -> Self {
        Self(secret)
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive(..)")
    }
}

impl<T: KeyPart> KeyPart for Sensitive<T> {
    fn write(&self, key: &mut KeyWriter<'_>) {
        sensitive(key, |key| self.0.write(key));
    }
}

/// Writes the hash of what `secret` writes; the same into a key's text and into its fingerprint.
pub fn sensitive(key: &mut KeyWriter<'_>, secret: impl FnOnce(&mut KeyWriter<'_>)) {
    let mut text = KeyBuilder::apart();
    secret(&mut KeyWriter::new(&mut text));
    let hash = Sha256::digest(text.into_text());
    let mut written = [0; HASH_BYTES * 2];
    for (digits, byte) in written.chunks_exact_mut(2).zip(hash) {
        digits.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
    key.text(str::from_utf8(&written).unwrap_or_default());
}

/// How much of the hash stands in a key.
const HASH_BYTES: usize = 16;
const HEX: [u8; 16] = *b"0123456789abcdef";

/// A secret that outlives the call.
#[doc(hidden)]
pub fn owned_secret<T: ToOwned + ?Sized>(secret: &Sensitive<&T>) -> Sensitive<T::Owned> {
    Sensitive(secret.0.to_owned())
}

/// The same secret for the body.
#[doc(hidden)]
pub fn borrowed_secret<T: ?Sized, O: std::borrow::Borrow<T>>(secret: &Sensitive<O>) -> Sensitive<&T> {
    Sensitive(secret.0.borrow())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(part: &impl KeyPart) -> String {
        KeyBuilder::rendered(|key| part.write(&mut KeyWriter::new(key))).as_str().to_owned()
    }

    #[test]
    fn the_hash_is_frozen() {
        // the first half of what `printf abc | sha256sum` prints
        assert_eq!(text(&Sensitive::new("abc")), "ba7816bf8f01cfea414140de5dae2223");
        // the text that is hashed is the one that would have stood in the key
        assert_eq!(text(&Sensitive::new("a:b")), text(&Sensitive::new(String::from("a:b"))));
        assert_eq!(text(&Sensitive::new(42)), text(&Sensitive::new("42")));
        assert_eq!(text(&Some(Sensitive::new(42))), text(&Sensitive::new(42)));
    }

    #[test]
    fn different_secrets_have_different_keys() {
        let long = "x".repeat(5_000);
        let mut all: Vec<String> = ["", "a", "b", "ab", "a:b", "a%3Ab", "%_", &long, &(long.clone() + "y")]
            .map(|s| text(&Sensitive::new(s)))
            .into();
        all.extend([(Some("a"), None), (None, Some("a"))].map(|pair| text(&Sensitive::new(pair))));
        all.push(text(&Sensitive::new(None::<&str>)));
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn secrets_dont_come_back() {
        assert!(Sensitive::<String>::parse(&text(&Sensitive::new("abc"))).is_none());
        assert_eq!(
            format!("{:?} {:#?}", Sensitive::new("abc"), Some(Sensitive::new("abc"))).find("abc"),
            None
        );
    }
}
