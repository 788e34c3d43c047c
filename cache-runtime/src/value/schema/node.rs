//! How is a type's schema found without a value of it?
//!
//! Its `Deserialize` is run on a deserializer without data, which writes down what it is asked for, and ends in an error where a way ends: at a
//! number, a text, or a node that was described before. One run is a pass, and sees one way: [`super::passes`] chooses it. The type never
//! gets a value to check, but for elements that must be passed to reach later ones: see [`Dummy`].

use super::{
    dummy::{self, Dummy},
    passes::{End, Explorer, named},
};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess,
    Visitor, value::BorrowedStrDeserializer,
};
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Later elements of a tuple or an array are not looked at.
const ELEMENTS: usize = 128;

/// What is asked of a codec whose format is, or is not, for people to read.
pub(super) fn explore<V: DeserializeOwned>(human_readable: bool) -> Explorer {
    let mut explorer = Explorer::new(human_readable, dummy::SETS);
    loop {
        explorer.begin();
        // Nothing of the explorer is left half-way by a panic of the user's code.
        let pass = AssertUnwindSafe(|| drop(V::deserialize(Node(&mut explorer))));
        let panicked = catch_unwind(pass).is_err();
        if !explorer.next_way(panicked) {
            return explorer;
        }
    }
}

/// The deserializer without data: it notes what it is asked for.
struct Node<'e>(&'e mut Explorer);

macro_rules! leaves {
    ($($method:ident $asked:literal)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, End> {
            self.0.leaf::<V>($asked)
        }
    )*};
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = End;

    leaves! {
        deserialize_bool "bool"
        deserialize_i8 "i8" deserialize_i16 "i16" deserialize_i32 "i32" deserialize_i64 "i64" deserialize_i128 "i128"
        deserialize_u8 "u8" deserialize_u16 "u16" deserialize_u32 "u32" deserialize_u64 "u64" deserialize_u128 "u128"
        deserialize_f32 "f32" deserialize_f64 "f64" deserialize_char "char"
        // One format in every codec, so one word: borrowing is no change of schema.
        deserialize_str "text" deserialize_string "text" deserialize_bytes "bytes" deserialize_byte_buf "bytes"
        deserialize_unit "unit" deserialize_ignored_any "ignored"
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, End> {
        self.0.opaque::<V>("any")
    }

    // The keys of a struct with flattened fields: their names can't be asked for.
    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, End> {
        self.0.opaque::<V>("identifier")
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, _: V) -> Result<V::Value, End> {
        self.0.leaf::<V>(&format!("unit struct {}", Name(name)))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
        self.0.enter::<V>(format_args!("option"))?;
        visitor.visit_some(Node(self.0.way(format_args!("some"))))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, End> {
        self.0.enter::<V>(format_args!("newtype {}", Name(name)))?;
        visitor.visit_newtype_struct(Node(self.0.way(format_args!("around"))))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
        self.0.enter::<V>(format_args!("list"))?;
        visitor.visit_seq(List { explorer: self.0, given: false })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, End> {
        self.0.enter::<V>(format_args!("tuple {len}"))?;
        self.elements(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, End> {
        self.0.enter::<V>(format_args!("tuple struct {} {len}", Name(name)))?;
        self.elements(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, End> {
        self.0.enter::<V>(format_args!("map"))?;
        let (taken, fork) = self.0.fork(2);
        visitor.visit_map(Pair { explorer: self.0, fork, value: taken == 1, given: false })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, End> {
        self.0.enter::<V>(format_args!("struct {} {}", Name(name), Names(fields)))?;
        self.fields(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, End> {
        self.0.enter::<V>(format_args!("enum {} {}", Name(name), Names(variants)))?;
        let (taken, _) = self.0.fork(variants.len());
        let Some(variant) = variants.get(taken) else { return Err(self.0.end()) };
        visitor.visit_enum(Variant(self.0, variant))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

impl Node<'_> {
    fn elements<'de, V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, End> {
        self.0.step()?;
        let (taken, fork) = self.0.fork(len.min(ELEMENTS));
        if len == 0 {
            return Err(self.0.end());
        }
        visitor.visit_seq(Elements { explorer: self.0, fork, taken, next: 0 })
    }

    fn fields<'de, V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, End> {
        self.0.step()?;
        let (taken, _) = self.0.fork(fields.len());
        let Some(field) = fields.get(taken) else { return Err(self.0.end()) };
        visitor.visit_map(Field(self.0, Some(field)))
    }
}

/// A list: one element stands for all.
struct List<'e> {
    explorer: &'e mut Explorer,
    given: bool,
}

impl<'de> SeqAccess<'de> for List<'_> {
    type Error = End;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, End> {
        // Whoever goes on after an error, or asks nothing of an element, comes to an end.
        if self.explorer.is_over() || std::mem::replace(&mut self.given, true) {
            return Ok(None);
        }
        seed.deserialize(Node(self.explorer.way(format_args!("of {}", named::<T::Value>())))).map(Some)
    }
}

/// The elements of a tuple up to the taken one; those before it are dummies.
struct Elements<'e> {
    explorer: &'e mut Explorer,
    fork: usize,
    taken: usize,
    next: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = End;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, End> {
        if self.explorer.is_over() {
            return Ok(None);
        }
        let element = self.next;
        self.next += 1;
        if element > self.taken {
            return Ok(None);
        }
        if element < self.taken {
            let set = self.explorer.dummy(self.fork, element);
            return seed.deserialize(Dummy::new(self.explorer, set)).map(Some);
        }
        seed.deserialize(Node(self.explorer.way(format_args!(".{element} {}", named::<T::Value>()))))
            .map(Some)
    }
}

/// One entry of a map.
struct Pair<'e> {
    explorer: &'e mut Explorer,
    fork: usize,
    /// It is the value that this pass is after.
    value: bool,
    given: bool,
}

impl<'de> MapAccess<'de> for Pair<'_> {
    type Error = End;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, End> {
        if self.explorer.is_over() || std::mem::replace(&mut self.given, true) {
            return Ok(None);
        }
        if self.value {
            let set = self.explorer.dummy(self.fork, 0);
            return seed.deserialize(Dummy::new(self.explorer, set)).map(Some);
        }
        seed.deserialize(Node(self.explorer.way(format_args!("key {}", named::<K::Value>())))).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, End> {
        seed.deserialize(Node(self.explorer.way(format_args!("value {}", named::<T::Value>()))))
    }

    // The value is reached without a key, which could be refused.
    fn next_entry_seed<K: DeserializeSeed<'de>, T: DeserializeSeed<'de>>(
        &mut self,
        key: K,
        value: T,
    ) -> Result<Option<(K::Value, T::Value)>, End> {
        if !self.value {
            self.next_key_seed(key)?;
        } else if !self.explorer.is_over() {
            self.next_value_seed(value)?;
        }
        Ok(None)
    }
}

/// The taken field of a struct.
struct Field<'e>(&'e mut Explorer, Option<&'static str>);

impl<'de> MapAccess<'de> for Field<'_> {
    type Error = End;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, End> {
        match self.1 {
            Some(name) if !self.0.is_over() => seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
            Some(_) | None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, End> {
        let name = Name(self.1.take().unwrap_or_default());
        seed.deserialize(Node(self.0.way(format_args!(".{name} {}", named::<T::Value>()))))
    }
}

/// The taken variant of an enum.
struct Variant<'e>(&'e mut Explorer, &'static str);

impl<'de, 'e> EnumAccess<'de> for Variant<'e> {
    type Error = End;
    type Variant = Node<'e>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Node<'e>), End> {
        let variant = seed.deserialize(BorrowedStrDeserializer::new(self.1))?;
        Ok((variant, Node(self.0.way(format_args!("|{}", Name(self.1))))))
    }
}

// The enum was entered, and all of its variants have visitors of the same name: they aren't looked up among the known nodes.
impl<'de> VariantAccess<'de> for Node<'_> {
    type Error = End;

    fn unit_variant(self) -> Result<(), End> {
        self.0.note(format_args!("unit"));
        Err(self.0.end())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, End> {
        seed.deserialize(Node(self.0.way(format_args!("around {}", named::<T::Value>()))))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, End> {
        self.0.note(format_args!("tuple {len}"));
        self.elements(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, End> {
        self.0.note(format_args!("struct {}", Names(fields)));
        self.fields(fields, visitor)
    }
}

/// A list of names that no name can break out of.
struct Names(&'static [&'static str]);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (at, name) in self.0.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { ", " }, Name(name))?;
        }
        f.write_str("]")
    }
}

struct Name(&'static str);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_default())
    }
}
