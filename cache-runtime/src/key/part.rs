//! What can stand in a placeholder, and how it is written so that different values never look alike.

use super::KeyBuilder;
use std::{borrow::Cow, rc::Rc, sync::Arc};

/// A value that can be a part of a key.
///
/// Implemented for integers, `bool`, `char`, strings, [`std::net::IpAddr`], tuples and `Option`s of parts, and references and smart
/// pointers to them; for `uuid::Uuid` with feature `uuid`. Floats have several texts for one number and collections have no
/// bound on their length, so neither is a part: name a field, or convert.
///
/// Derive it for enums without fields and for structs made of parts. By hand it is one line; two values may
/// render alike only if they mean the same entry:
///
/// ```
/// use cache_runtime::{KeyPart, KeyWriter};
///
/// struct Sku(String);
///
/// impl KeyPart for Sku {
///     fn write(&self, key: &mut KeyWriter<'_>) {
///         key.text(&self.0);
///     }
///     fn parse(text: &str) -> Option<Self> {
///         String::parse(text).map(Sku)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a cache key",
    label = "not a key part",
    note = "put `#[derive(KeyPart)]` on `{Self}`, use a field that is one, such as `<param.id>`, or take it out of `key` and write `skip(param)`"
)]
pub trait KeyPart {
    /// Whether a value can be written as nothing at all; true for `Option` only.
    #[doc(hidden)]
    const OPTIONAL: bool = false;

    /// Writes the value.
    fn write(&self, key: &mut KeyWriter<'_>);

    /// Reads a value back from its text in a key; `None` when the text isn't one, or the type doesn't support it.
    fn parse(text: &str) -> Option<Self>
    where
        Self: Sized,
    {
        let _ = text;
        None
    }
}

/// Writes one part of a key, escaping what it is given.
#[derive(Debug)]
pub struct KeyWriter<'k>(&'k mut KeyBuilder);

/// Letters, digits, `_`, `-` and `.` stand for themselves in a part; every other byte is written `%XX`.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation)] // below 256
        let b = byte as u8;
        plain[byte] = b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b'.';
        byte += 1;
    }
    plain
};

impl<'k> KeyWriter<'k> {
    #[inline]
    pub(crate) fn new(key: &'k mut KeyBuilder) -> Self {
        Self(key)
    }

    /// Writes text, percent-escaped.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.0.parts.text(text.as_bytes());
        if let Some(written) = &mut self.0.text {
            escape(text, &mut written.rendered);
        }
    }

    /// Separates the fields of a composite part: no text can be mistaken for it.
    pub fn joint(&mut self) {
        self.0.parts.joint();
        self.0.literal(JOINT);
    }

    /// Writes a field of a composite part. What the field escaped is escaped once more, so that composites nest.
    pub fn field<T: KeyPart + ?Sized>(&mut self, field: &T) {
        let before = self.0.text.as_mut().map(|written| std::mem::take(&mut written.rendered));
        self.0.parts.field();
        field.write(&mut KeyWriter(self.0));
        self.0.parts.field_end();
        if let (Some(before), Some(written)) = (before, &mut self.0.text) {
            let own = std::mem::replace(&mut written.rendered, before);
            escape(&own, &mut written.rendered);
        }
    }

    fn mark(&mut self, mark: &str) {
        self.0.parts.mark(mark);
        self.0.literal(mark);
    }

    /// A number, which `small` is if it fits.
    #[inline]
    fn integer(&mut self, number: impl itoa::Integer, small: Option<u64>) {
        match small {
            Some(small) if self.0.text.is_none() => self.0.parts.number(small),
            Some(_) | None => self.text(itoa::Buffer::new().format(number)),
        }
    }
}

fn escape(text: &str, out: &mut String) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in text.bytes() {
        if PLAIN[usize::from(byte)] {
            out.push(char::from(byte));
        } else {
            out.extend(['%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
}

/// `%` is always followed by two hexadecimal digits in escaped text, so these three can't come from text.
pub(super) const JOINT: &str = "%.";
const NONE: &str = "%_";
const SOME: &str = "%-";

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl KeyPart for $integer {
            #[inline]
            fn write(&self, key: &mut KeyWriter<'_>) {
                key.integer(*self, u64::try_from(*self).ok());
            }

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

macro_rules! nonzero_integers {
    ($($integer:ident)*) => {$(
        impl KeyPart for std::num::$integer {
            #[inline]
            fn write(&self, key: &mut KeyWriter<'_>) {
                key.integer(self.get(), u64::try_from(self.get()).ok());
            }

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

nonzero_integers!(NonZeroU8 NonZeroU16 NonZeroU32 NonZeroU64 NonZeroU128 NonZeroUsize NonZeroI8 NonZeroI16 NonZeroI32 NonZeroI64 NonZeroI128 NonZeroIsize);

impl KeyPart for str {
    #[inline]
    fn write(&self, key: &mut KeyWriter<'_>) {
        key.text(self);
    }
}

impl KeyPart for String {
    #[inline]
    fn write(&self, key: &mut KeyWriter<'_>) {
        key.text(self);
    }

    fn parse(text: &str) -> Option<Self> {
        super::unescape(text).map(Cow::into_owned)
    }
}

impl KeyPart for bool {
    fn write(&self, key: &mut KeyWriter<'_>) {
        key.text(if *self { "true" } else { "false" });
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl KeyPart for char {
    fn write(&self, key: &mut KeyWriter<'_>) {
        key.text(self.encode_utf8(&mut [0; 4]));
    }

    fn parse(text: &str) -> Option<Self> {
        super::unescape(text)?.parse().ok()
    }
}

impl KeyPart for () {
    fn write(&self, _: &mut KeyWriter<'_>) {}

    fn parse(text: &str) -> Option<Self> {
        text.is_empty().then_some(())
    }
}

macro_rules! displayed {
    ($($address:ty)*) => {$(
        impl KeyPart for $address {
            fn write(&self, key: &mut KeyWriter<'_>) {
                key.text(&self.to_string());
            }

            fn parse(text: &str) -> Option<Self> {
                super::unescape(text)?.parse().ok()
            }
        }
    )*};
}

displayed!(std::net::IpAddr std::net::Ipv4Addr std::net::Ipv6Addr);

#[cfg(feature = "uuid")]
impl KeyPart for uuid::Uuid {
    fn write(&self, key: &mut KeyWriter<'_>) {
        key.text(self.as_hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()));
    }

    fn parse(text: &str) -> Option<Self> {
        uuid::Uuid::try_parse(text).ok()
    }
}

impl<T: KeyPart> KeyPart for Option<T> {
    const OPTIONAL: bool = true;

    fn write(&self, key: &mut KeyWriter<'_>) {
        match self {
            None => key.mark(NONE),
            Some(value) => {
                // `Some(None)` must not look like `None`.
                if T::OPTIONAL {
                    key.mark(SOME);
                }
                value.write(key);
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text == NONE {
            return Some(None);
        }
        let text = if T::OPTIONAL { text.strip_prefix(SOME)? } else { text };
        T::parse(text).map(Some)
    }
}

macro_rules! pointers {
    ($($(#[$parse:ident])? $pointer:ty),* $(,)?) => {$(
        impl<T: KeyPart + ?Sized> KeyPart for $pointer {
            const OPTIONAL: bool = T::OPTIONAL;

            #[inline]
            fn write(&self, key: &mut KeyWriter<'_>) {
                T::write(self, key);
            }
        }
    )*};
}

pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<T: KeyPart + ToOwned + ?Sized> KeyPart for Cow<'_, T> {
    fn write(&self, key: &mut KeyWriter<'_>) {
        T::write(self, key);
    }
}

macro_rules! tuples {
    ($(($first:ident $($rest:ident)*))*) => {$(
        impl<$first: KeyPart, $($rest: KeyPart),*> KeyPart for ($first, $($rest,)*) {
            #[allow(non_snake_case)]
            fn write(&self, key: &mut KeyWriter<'_>) {
                let ($first, $($rest,)*) = self;
                key.field($first);
                $(key.joint(); key.field($rest);)*
            }

            #[allow(non_snake_case)]
            fn parse(text: &str) -> Option<Self> {
                let mut fields = super::split_joints(text, [stringify!($first), $(stringify!($rest)),*].len())?.into_iter();
                let $first = KeyPart::parse(&fields.next()?)?;
                $(let $rest = KeyPart::parse(&fields.next()?)?;)*
                Some(($first, $($rest,)*))
            }
        }
    )*};
}

/// A tuple of one is written like what is in it.
impl<A: KeyPart> KeyPart for (A,) {
    const OPTIONAL: bool = A::OPTIONAL;

    fn write(&self, key: &mut KeyWriter<'_>) {
        self.0.write(key);
    }

    fn parse(text: &str) -> Option<Self> {
        A::parse(text).map(|field| (field,))
    }
}

tuples!((A B)(A B C)(A B C D)(A B C D E)(A B C D E F));
