//! Is every part of any type described, and are two types that differ described differently? Tried on random ones.

use super::node::explore;
use proptest::prelude::*;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use std::{cell::RefCell, fmt};

/// A type, made up. Every node with others behind it has a number, as real types have names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Type {
    U8,
    Text,
    Newtype(usize, Box<Type>),
    Tuple(usize, Vec<Type>),
    Struct(usize, Vec<Type>),
    Enum(usize, Vec<Vec<Type>>),
}

const NAMES: [&str; 64] = {
    let mut names = [""; 64];
    let all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    let mut at = 0;
    while at < 64 {
        names[at] = all.split_at(at).1.split_at(1).0;
        at += 1;
    }
    names
};

thread_local! {
    static ROOT: RefCell<Type> = const { RefCell::new(Type::U8) };
}

/// Whatever `ROOT` is.
struct Any;

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let root = ROOT.with_borrow(Type::clone);
        Seed(&root).deserialize(deserializer).map(|()| Self)
    }
}

#[derive(Clone, Copy)]
struct Seed<'t>(&'t Type);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0 {
            Type::U8 => u8::deserialize(deserializer).map(drop),
            Type::Text => String::deserialize(deserializer).map(drop),
            Type::Newtype(name, _) => deserializer.deserialize_newtype_struct(NAMES[*name], self),
            Type::Tuple(name, of) => {
                deserializer.deserialize_tuple_struct(NAMES[*name], of.len(), Fields(of))
            }
            Type::Struct(name, of) => {
                deserializer.deserialize_struct(NAMES[*name], &NAMES[..of.len()], Fields(of))
            }
            Type::Enum(name, of) => deserializer.deserialize_enum(NAMES[*name], &NAMES[..of.len()], self),
        }
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Type::Newtype(_, of) = self.0 else { return Err(Error::custom("no newtype")) };
        Seed(of).deserialize(deserializer)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<(), A::Error> {
        let Type::Enum(_, of) = self.0 else { return Err(Error::custom("no enum")) };
        let (name, variant) = data.variant::<String>()?;
        let fields = NAMES.iter().zip(of).find(|(known, _)| **known == name).map(|(_, fields)| fields);
        match fields.ok_or_else(|| Error::custom("no variant"))?.as_slice() {
            [] => variant.unit_variant(),
            [one] => variant.newtype_variant_seed(Seed(one)),
            fields => variant.tuple_variant(fields.len(), Fields(fields)),
        }
    }
}

struct Fields<'t>(&'t [Type]);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fields")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        for field in self.0 {
            seq.next_element_seed(Seed(field))?.ok_or_else(|| Error::custom("too short"))?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let field = NAMES.iter().zip(self.0).find(|(known, _)| **known == name);
            map.next_value_seed(Seed(field.ok_or_else(|| Error::custom("no field"))?.1))?;
        }
        Ok(())
    }
}

fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::U8), Just(Type::Text)];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let many = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            inner.clone().prop_map(|of| Type::Newtype(0, Box::new(of))),
            many().prop_map(|of| Type::Tuple(0, of)),
            many().prop_map(|of| Type::Struct(0, of)),
            prop::collection::vec(many(), 1..4).prop_map(|of| Type::Enum(0, of)),
        ]
    })
    .prop_map(|mut root| {
        number(&mut root, &mut 0);
        root
    })
}

/// Names every node.
fn number(at: &mut Type, next: &mut usize) {
    let (name, inner): (_, Vec<&mut Type>) = match at {
        Type::U8 | Type::Text => return,
        Type::Newtype(name, of) => (name, vec![of]),
        Type::Tuple(name, of) | Type::Struct(name, of) => (name, of.iter_mut().collect()),
        Type::Enum(name, of) => (name, of.iter_mut().flatten().collect()),
    };
    *name = *next % NAMES.len();
    *next += 1;
    for of in inner {
        number(of, next);
    }
}

/// How many numbers and texts there are in a type.
fn leaves(of: &Type) -> usize {
    match of {
        Type::U8 | Type::Text => 1,
        Type::Newtype(_, of) => leaves(of),
        Type::Tuple(_, of) | Type::Struct(_, of) => of.iter().map(leaves).sum(),
        Type::Enum(_, of) => of.iter().flatten().map(leaves).sum(),
    }
}

fn describe(of: &Type) -> String {
    ROOT.set(of.clone());
    explore::<Any>(true).text
}

/// Changes one leaf, the `at`th.
fn retype(of: &mut Type, at: &mut usize) {
    let inner: Vec<&mut Type> = match of {
        Type::U8 | Type::Text => {
            if *at == 0 {
                *of = if *of == Type::U8 { Type::Text } else { Type::U8 };
            }
            *at = at.wrapping_sub(1);
            return;
        }
        Type::Newtype(_, of) => vec![of],
        Type::Tuple(_, of) | Type::Struct(_, of) => of.iter_mut().collect(),
        Type::Enum(_, of) => of.iter_mut().flatten().collect(),
    };
    for of in inner {
        retype(of, at);
    }
}

proptest! {
    #[test]
    fn every_part_is_described(of in types()) {
        let text = describe(&of);
        prop_assert_eq!(text.matches("u8: u8").count() + text.matches("text: String").count(), leaves(&of), "{}", text);
        prop_assert!(!text.contains("refused"), "{}", text);
    }

    #[test]
    fn types_that_differ_are_described_differently(left in types(), right in types()) {
        prop_assert_eq!(left == right, describe(&left) == describe(&right));
    }

    #[test]
    fn one_leaf_makes_a_difference(of in types(), mut at in 0_usize..20) {
        let mut other = of.clone();
        at %= leaves(&of).max(1);
        retype(&mut other, &mut at);
        prop_assert_eq!(of == other, describe(&of) == describe(&other));
    }
}
