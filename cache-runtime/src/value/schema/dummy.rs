//! With what are elements passed whose values are not wanted, on the way to later ones?

use super::passes::{End, Explorer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
    value::BorrowedStrDeserializer,
};

/// The numbers and texts offered one after the other, until a type that checks its values takes one.
const OFFERS: [(u8, &str); SETS] = [
    (0, ""),
    (1, "1"),
    (1, "a"),
    (1, "00000000-0000-0000-0000-000000000001"),
    (1, "2000-01-01"),
    (1, "2000-01-01T00:00:00Z"),
    (1, "2000-01-01T00:00:00"),
    (1, "00:00:00"),
    (1, "127.0.0.1"),
    (1, "http://a.example/"),
    (1, "a@a.example"),
];

/// How many there are.
pub(super) const SETS: usize = 11;

/// Values nested deeper than this are not built.
const DEPTH: u8 = 48;

/// A deserializer of the plainest values: zeros, empty texts and lists, nothing, the first variant.
pub(super) struct Dummy<'e> {
    explorer: &'e mut Explorer,
    set: usize,
    depth: u8,
}

impl<'e> Dummy<'e> {
    pub(super) fn new(explorer: &'e mut Explorer, set: usize) -> Self {
        Self { explorer, set, depth: DEPTH }
    }

    fn number(&self) -> u8 {
        OFFERS.get(self.set).map_or(0, |offer| offer.0)
    }

    fn text(&self) -> &'static str {
        OFFERS.get(self.set).map_or("", |offer| offer.1)
    }

    fn inner(&mut self) -> Result<Dummy<'_>, End> {
        self.explorer.step()?;
        let depth = self.depth.checked_sub(1).ok_or(End)?;
        Ok(Dummy { explorer: self.explorer, set: self.set, depth })
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
            visitor.$visit(self.number().into())
        }
    )*};
}

macro_rules! texts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
            visitor.visit_borrowed_str(self.text())
        }
    )*};
}

macro_rules! units {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
            visitor.visit_unit()
        }
    )*};
}

impl<'de> Deserializer<'de> for Dummy<'_> {
    type Error = End;

    numbers! {
        deserialize_i8 visit_i16 deserialize_i16 visit_i16 deserialize_i32 visit_i32
        deserialize_i64 visit_i64 deserialize_i128 visit_i128
        deserialize_u8 visit_u8 deserialize_u16 visit_u16 deserialize_u32 visit_u32
        deserialize_u64 visit_u64 deserialize_u128 visit_u128
        deserialize_f32 visit_f32 deserialize_f64 visit_f64 deserialize_char visit_char
    }

    texts! { deserialize_str deserialize_string deserialize_identifier }

    units! { deserialize_any deserialize_unit deserialize_ignored_any }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
        visitor.visit_bool(false)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
        visitor.visit_bytes(&[])
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
        visitor.visit_bytes(&[])
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
        visitor.visit_none()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, End> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, End> {
        visitor.visit_newtype_struct(self.inner()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
        visitor.visit_seq(Elements { dummy: self, left: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, End> {
        visitor.visit_seq(Elements { dummy: self, left: len })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, End> {
        visitor.visit_seq(Elements { dummy: self, left: len })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
        visitor.visit_map(Fields { dummy: self, fields: &[] })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, End> {
        visitor.visit_map(Fields { dummy: self, fields })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, End> {
        visitor.visit_enum(Variant { dummy: self, name: variants.first().ok_or(End)? })
    }

    fn is_human_readable(&self) -> bool {
        self.explorer.is_human_readable()
    }
}

/// As many elements as are asked for.
struct Elements<'e> {
    dummy: Dummy<'e>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = End;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, End> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(self.dummy.inner()?).map(Some)
    }
}

/// Every field of a struct.
struct Fields<'e> {
    dummy: Dummy<'e>,
    fields: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = End;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, End> {
        let Some((name, rest)) = self.fields.split_first() else { return Ok(None) };
        self.fields = rest;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, End> {
        seed.deserialize(self.dummy.inner()?)
    }
}

/// One variant of an enum.
struct Variant<'e> {
    dummy: Dummy<'e>,
    name: &'static str,
}

impl<'de, 'e> EnumAccess<'de> for Variant<'e> {
    type Error = End;
    type Variant = Dummy<'e>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Dummy<'e>), End> {
        Ok((seed.deserialize(BorrowedStrDeserializer::new(self.name))?, self.dummy))
    }
}

impl<'de> VariantAccess<'de> for Dummy<'_> {
    type Error = End;

    fn unit_variant(self) -> Result<(), End> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<T::Value, End> {
        seed.deserialize(self.inner()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, End> {
        visitor.visit_seq(Elements { dummy: self, left: len })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, End> {
        visitor.visit_map(Fields { dummy: self, fields })
    }
}
