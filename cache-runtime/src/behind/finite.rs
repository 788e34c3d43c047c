//! Whether a value has floats that JSON can't write: it would make `null` of them.

use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// Looks at everything in a value, and fails at the first float that is infinite or no number.
pub(super) fn has_finite_floats<T: Serialize>(value: &T) -> bool {
    value.serialize(Looking).is_ok()
}

struct Looking;

/// A float is not finite.
#[derive(Debug)]
struct NotFinite;

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a float is infinite, or not a number")
    }
}

impl std::error::Error for NotFinite {}

impl ser::Error for NotFinite {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Looked = Result<(), NotFinite>;

fn only(finite: bool) -> Looked {
    if finite { Ok(()) } else { Err(NotFinite) }
}

macro_rules! passed {
    ($($method:ident($($ty:ty),*))*) => {
        $(fn $method(self, $(_: $ty),*) -> Looked {
            Ok(())
        })*
    };
}

macro_rules! entered {
    ($($method:ident($($ty:ty),*) -> $compound:ident)*) => {
        $(
            type $compound = Self;
            fn $method(self, $(_: $ty),*) -> Result<Self, NotFinite> {
                Ok(self)
            }
        )*
    };
}

impl Serializer for Looking {
    type Ok = ();
    type Error = NotFinite;

    passed! {
        serialize_bool(bool) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_none() serialize_unit() serialize_unit_struct(&'static str)
        serialize_unit_variant(&'static str, u32, &'static str)
    }

    entered! {
        serialize_seq(Option<usize>) -> SerializeSeq
        serialize_tuple(usize) -> SerializeTuple
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant
        serialize_map(Option<usize>) -> SerializeMap
        serialize_struct(&'static str, usize) -> SerializeStruct
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant
    }

    fn serialize_f32(self, float: f32) -> Looked {
        only(float.is_finite())
    }

    fn serialize_f64(self, float: f64) -> Looked {
        only(float.is_finite())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Looked {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Looked {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Looked {
        value.serialize(self)
    }
}

macro_rules! inside {
    ($($compound:ident: $($method:ident($($name:ty)?)),+;)*) => {
        $(impl ser::$compound for Looking {
            type Ok = ();
            type Error = NotFinite;

            $(fn $method<T: Serialize + ?Sized>(&mut self, $(_: $name,)? value: &T) -> Looked {
                value.serialize(Looking)
            })+

            fn end(self) -> Looked {
                Ok(())
            }
        })*
    };
}

inside! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeMap: serialize_key(), serialize_value();
    SerializeStruct: serialize_field(&'static str);
    SerializeStructVariant: serialize_field(&'static str);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(serde::Serialize)]
    enum Shape {
        Unit,
        New(f64),
        Tuple(i128, f32),
        Struct { name: &'static str, of: Option<f64> },
    }

    #[test]
    fn float_that_is_none_is_found_wherever_it_is() {
        for (float, finite) in [(1.5, true), (f64::NAN, false), (f64::INFINITY, false)] {
            #[expect(clippy::cast_possible_truncation, reason = "1.5, or none")]
            let short = float as f32;
            assert_eq!(has_finite_floats(&float), finite);
            assert_eq!(has_finite_floats(&[Some(float), None]), finite);
            assert_eq!(has_finite_floats(&BTreeMap::from([("a", vec![float])])), finite);
            assert_eq!(has_finite_floats(&(Shape::Unit, Shape::New(float))), finite);
            assert_eq!(has_finite_floats(&Shape::Tuple(1, short)), finite);
            assert_eq!(has_finite_floats(&Shape::Struct { name: "a", of: Some(float) }), finite);
        }
        assert!(has_finite_floats(&("null", (), Option::<f64>::None, 'c', true, u128::MAX)));
    }
}
