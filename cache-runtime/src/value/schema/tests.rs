//! What changes a fingerprint, and what doesn't?

use super::*;
use serde::{Deserialize, Deserializer};
use std::{collections::HashMap, net::IpAddr, num::NonZeroU32};

/// `Value` as two releases have it: their descriptions.
macro_rules! releases {
    ({$($old:item)*} {$($new:item)*}) => {{
        #[allow(unused, clippy::all, clippy::pedantic)]
        mod old {
            use super::*;
            $($old)*
            pub(super) fn text() -> String { describe::<Value>().text }
        }
        #[allow(unused, clippy::all, clippy::pedantic)]
        mod new {
            use super::*;
            $($new)*
            pub(super) fn text() -> String { describe::<Value>().text }
        }
        (old::text(), new::text())
    }};
}

macro_rules! changes {
    ($($name:ident: {$($old:item)*} => {$($new:item)*})*) => {$(
        #[test]
        fn $name() {
            let (old, new) = releases!({$($old)*} {$($new)*});
            assert_ne!(old, new);
        }
    )*};
}

macro_rules! keeps {
    ($($name:ident: {$($old:item)*} => {$($new:item)*})*) => {$(
        #[test]
        fn $name() {
            let (old, new) = releases!({$($old)*} {$($new)*});
            assert_eq!(old, new);
        }
    )*};
}

changes! {
    a_new_field_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u8 } } => { #[derive(Deserialize)] struct Value { id: u8, more: Option<u8> } }
    a_field_less_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u8, more: u8 } } => { #[derive(Deserialize)] struct Value { id: u8 } }
    another_name_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u8 } } => { #[derive(Deserialize)] struct Value { no: u8 } }
    another_name_for_serde_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u8 } } => { #[derive(Deserialize)] struct Value { #[serde(rename = "no")] id: u8 } }
    another_case_of_the_names_is_a_change:
        { #[derive(Deserialize)] struct Value { an_id: u8 } }
        => { #[derive(Deserialize)] #[serde(rename_all = "camelCase")] struct Value { an_id: u8 } }
    an_alias_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u8 } } => { #[derive(Deserialize)] struct Value { #[serde(alias = "no")] id: u8 } }
    a_skipped_field_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u8, more: u8 } }
        => { #[derive(Deserialize)] struct Value { id: u8, #[serde(skip)] more: u8 } }
    a_wider_number_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u32 } } => { #[derive(Deserialize)] struct Value { id: u64 } }
    a_sign_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u32 } } => { #[derive(Deserialize)] struct Value { id: i32 } }
    an_option_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u32 } } => { #[derive(Deserialize)] struct Value { id: Option<u32> } }
    another_order_is_a_change:
        { #[derive(Deserialize)] struct Value { a: u8, b: u8 } } => { #[derive(Deserialize)] struct Value { b: u8, a: u8 } }
    swapped_types_are_a_change:
        { #[derive(Deserialize)] struct Value { a: u8, b: u16 } } => { #[derive(Deserialize)] struct Value { a: u16, b: u8 } }
    a_newtype_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u32 } }
        => { #[derive(Deserialize)] struct Id(u32); #[derive(Deserialize)] struct Value { id: Id } }
    a_transparent_newtype_is_a_change:
        { #[derive(Deserialize)] struct Value { id: u32 } }
        => { #[derive(Deserialize)] #[serde(transparent)] struct Id(u32); #[derive(Deserialize)] struct Value { id: Id } }
    borrowed_text_is_a_change:
        { #[derive(Deserialize)] struct Value { name: String } }
        => { #[derive(Deserialize)] struct Value { name: std::borrow::Cow<'static, str> } }
    another_type_name_is_a_change:
        { #[derive(Deserialize)] struct Product { id: u8 } type Value = Product; }
        => { #[derive(Deserialize)] struct Article { id: u8 } type Value = Article; }
    another_argument_is_a_change:
        { #[derive(Deserialize)] struct Page<T> { rows: Vec<T> } type Value = Page<u8>; }
        => { #[derive(Deserialize)] struct Page<T> { rows: Vec<T> } type Value = Page<u16>; }
    an_argument_that_only_the_name_has_is_a_change:
        { #[derive(Deserialize)] struct Page<T> { id: u8, of: std::marker::PhantomData<T> } type Value = Page<u8>; }
        => { #[derive(Deserialize)] struct Page<T> { id: u8, of: std::marker::PhantomData<T> } type Value = Page<u16>; }
    a_new_variant_is_a_change:
        { #[derive(Deserialize)] enum Value { A } } => { #[derive(Deserialize)] enum Value { A, B } }
    another_order_of_variants_is_a_change:
        { #[derive(Deserialize)] enum Value { A, B } } => { #[derive(Deserialize)] enum Value { B, A } }
    a_variant_that_holds_something_is_a_change:
        { #[derive(Deserialize)] enum Value { A, B } } => { #[derive(Deserialize)] enum Value { A, B(u8) } }
    swapped_types_in_variants_are_a_change:
        { #[derive(Deserialize)] enum Value { A(u8, u16), B(u16, u8) } } => { #[derive(Deserialize)] enum Value { A(u16, u8), B(u8, u16) } }
    the_second_of_two_alike_variants_counts:
        { #[derive(Deserialize)] enum Value { A { x: u8 }, B { x: u8 } } } => { #[derive(Deserialize)] enum Value { A { x: u8 }, B { x: u16 } } }
    inside_a_list_counts:
        { #[derive(Deserialize)] struct In { a: u8 } #[derive(Deserialize)] struct Value { i: Vec<In> } }
        => { #[derive(Deserialize)] struct In { a: u16 } #[derive(Deserialize)] struct Value { i: Vec<In> } }
    inside_an_option_counts:
        { #[derive(Deserialize)] struct In { a: u8 } #[derive(Deserialize)] struct Value { i: Option<In> } }
        => { #[derive(Deserialize)] struct In { b: u8 } #[derive(Deserialize)] struct Value { i: Option<In> } }
    inside_a_box_counts:
        { #[derive(Deserialize)] struct In { a: u8 } #[derive(Deserialize)] struct Value { i: Box<In> } }
        => { #[derive(Deserialize)] struct In { a: u8, b: u8 } #[derive(Deserialize)] struct Value { i: Box<In> } }
    inside_a_key_counts:
        { #[derive(Deserialize, PartialEq, Eq, Hash)] enum In { A } #[derive(Deserialize)] struct Value { i: HashMap<In, u8> } }
        => { #[derive(Deserialize, PartialEq, Eq, Hash)] enum In { A, B } #[derive(Deserialize)] struct Value { i: HashMap<In, u8> } }
    behind_a_key_that_is_checked_counts:
        { #[derive(Deserialize)] struct In { a: u8 } #[derive(Deserialize)] struct Value { i: HashMap<IpAddr, In> } }
        => { #[derive(Deserialize)] struct In { b: u8 } #[derive(Deserialize)] struct Value { i: HashMap<IpAddr, In> } }
    behind_elements_that_are_checked_counts:
        { #[derive(Deserialize)] struct In { a: u8 } #[derive(Deserialize)] struct Value { i: Vec<(NonZeroU32, IpAddr, Even, In)> } }
        => { #[derive(Deserialize)] struct In { b: u8 } #[derive(Deserialize)] struct Value { i: Vec<(NonZeroU32, IpAddr, Even, In)> } }
    inside_a_newtype_counts:
        { #[derive(Deserialize)] struct In(u8); #[derive(Deserialize)] struct Value { i: In } }
        => { #[derive(Deserialize)] struct In(u16); #[derive(Deserialize)] struct Value { i: In } }
    inside_a_tuple_struct_counts:
        { #[derive(Deserialize)] struct In { a: u8 } #[derive(Deserialize)] struct Value(String, Vec<u8>, In); }
        => { #[derive(Deserialize)] struct In { a: u16 } #[derive(Deserialize)] struct Value(String, Vec<u8>, In); }
    inside_a_variant_counts:
        { #[derive(Deserialize)] struct In { a: u8 } #[derive(Deserialize)] enum Value { X, Y(In) } }
        => { #[derive(Deserialize)] struct In { a: u16 } #[derive(Deserialize)] enum Value { X, Y(In) } }
    inside_a_recursive_type_counts:
        { #[derive(Deserialize)] struct Value { children: Vec<Value>, a: u8 } }
        => { #[derive(Deserialize)] struct Value { children: Vec<Value>, a: u16 } }
    another_unit_by_another_visitor_is_a_change:
        { #[derive(Deserialize)] struct Value { #[serde(deserialize_with = "seconds")] at: u64 } }
        => { #[derive(Deserialize)] struct Value { #[serde(deserialize_with = "millis")] at: u64 } }
    an_element_more_is_a_change:
        { #[derive(Deserialize)] struct Value { a: [u8; 3] } } => { #[derive(Deserialize)] struct Value { a: [u8; 4] } }
    the_form_for_postcard_counts:
        { #[derive(Deserialize)] struct Value(Forms<u8>); } => { #[derive(Deserialize)] struct Value(Forms<u16>); }
    the_outer_fields_beside_flattened_ones_hide_but_the_name_counts:
        { #[derive(Deserialize)] struct In { a: u8 } #[derive(Deserialize)] struct Value { i: Vec<Flat> }
          #[derive(Deserialize)] struct Flat { #[serde(flatten)] more: In } }
        => { #[derive(Deserialize)] struct In { a: u8 } #[derive(Deserialize)] struct Value { i: Vec<Flat2> }
          #[derive(Deserialize)] struct Flat2 { #[serde(flatten)] more: In } }
}

keeps! {
    another_module_is_no_change:
        { mod deep { #[derive(serde::Deserialize)] pub(super) struct In { a: Vec<u8> } }
          #[derive(Deserialize)] struct Value { i: Option<deep::In> } }
        => { #[derive(Deserialize)] struct In { a: Vec<u8> } #[derive(Deserialize)] struct Value { i: Option<In> } }
    what_deserializing_skips_is_no_change:
        { #[derive(Deserialize)] struct Value { id: u8 } }
        => { #[derive(Deserialize)] struct Value { id: u8, #[serde(skip)] cached: Option<u8> } }
    a_default_is_no_change:
        { #[derive(Deserialize)] struct Value { id: u8 } } => { #[derive(Deserialize)] struct Value { #[serde(default)] id: u8 } }
    a_module_that_reads_the_same_is_no_change:
        { #[derive(Deserialize)] struct Value { #[serde(deserialize_with = "seconds")] at: u64 } }
        => { #[derive(Deserialize)] struct Value { #[serde(deserialize_with = "also_seconds")] at: u64 } }
    // The limits: what a `schema` number is for.
    what_is_done_with_the_value_read_hides:
        { #[derive(Deserialize)] struct Value { #[serde(deserialize_with = "doubled")] at: u64 } }
        => { #[derive(Deserialize)] struct Value { #[serde(deserialize_with = "u64::deserialize")] at: u64 } }
    flattened_fields_hide:
        { #[derive(Deserialize)] struct In { a: u8 } #[derive(Deserialize)] struct Value { own: u8, #[serde(flatten)] more: In } }
        => { #[derive(Deserialize)] struct In { b: u16 } #[derive(Deserialize)] struct Value { #[serde(flatten)] more: In } }
    internally_tagged_variants_hide:
        { #[derive(Deserialize)] #[serde(tag = "t")] enum Value { A { a: u8 } } }
        => { #[derive(Deserialize)] #[serde(tag = "t")] enum Value { A { b: u16 }, B } }
    untagged_variants_hide:
        { #[derive(Deserialize)] #[serde(untagged)] enum Value { A { a: u8 } } }
        => { #[derive(Deserialize)] #[serde(untagged)] enum Value { A { b: u16 }, B } }
    the_contents_of_adjacently_tagged_variants_hide:
        { #[derive(Deserialize)] #[serde(tag = "t", content = "c")] enum Value { A { a: u8 } } }
        => { #[derive(Deserialize)] #[serde(tag = "t", content = "c")] enum Value { A { b: u16 } } }
}

changes! {
    the_names_of_adjacently_tagged_variants_count:
        { #[derive(Deserialize)] #[serde(tag = "t", content = "c")] enum Value { A { a: u8 } } }
        => { #[derive(Deserialize)] #[serde(tag = "t", content = "c")] enum Value { A { a: u8 }, B } }
}

/// A number that is checked, by its handwritten `Deserialize`.
#[allow(unused)]
struct Even(u32);

impl<'de> Deserialize<'de> for Even {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        if number % 2 == 0 { Ok(Self(number)) } else { Err(serde::de::Error::custom("odd")) }
    }
}

/// A text in JSON, a `T` in postcard.
#[allow(unused)]
struct Forms<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Forms<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer).map(|_| Self(None))
        } else {
            T::deserialize(deserializer).map(|value| Self(Some(value)))
        }
    }
}

macro_rules! units {
    ($function:ident, $visitor:ident, $by:literal) => {
        struct $visitor;

        impl serde::de::Visitor<'_> for $visitor {
            type Value = u64;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a time")
            }

            fn visit_u64<E>(self, number: u64) -> Result<u64, E> {
                Ok(number * $by)
            }
        }

        fn $function<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
            deserializer.deserialize_u64($visitor)
        }
    };
}

units!(seconds, Seconds, 1_000);
units!(millis, Millis, 1);

fn also_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_u64(Seconds)
}

fn doubled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    u64::deserialize(deserializer).map(|number| number * 2)
}

#[test]
fn a_description_reads_like_the_type() {
    #[derive(Deserialize)]
    #[allow(unused)]
    struct Node {
        id: u64,
        kind: Kind,
        children: Vec<Node>,
        by_name: HashMap<String, Kind>,
    }
    #[derive(Deserialize)]
    #[allow(unused)]
    enum Kind {
        Leaf,
        Named(String),
        At { x: f64 },
        Both((u8, bool), ()),
    }
    let expected = r#"Node
struct "Node" ["id", "kind", "children", "by_name"]: Node
."id" u64
u64: u64
."kind" Kind
enum "Kind" ["Leaf", "Named", "At", "Both"]: Kind
|"Leaf"
unit
|"Named"
around String
text: String
|"At"
struct ["x"]
."x" f64
f64: f64
|"Both"
tuple 2
.0 (u8, bool)
tuple 2: (u8, bool)
.0 u8
u8: u8
.1 bool
bool: bool
.1 ()
unit: ()
."children" Vec<Node>
list: Vec<Node>
of Node
as 0
."by_name" HashMap<String, Kind>
map: HashMap<String, Kind>
key String
text: String
value Kind
as 1
"#;
    let schema = describe::<Node>();
    assert_eq!(schema.text, expected);
    assert!(!schema.hidden);
}

#[test]
fn hidden_parts_are_known_to_be_hidden() {
    #[derive(Deserialize)]
    #[allow(unused)]
    struct Value {
        open: u8,
        any: Option<serde_json::Value>,
    }
    assert!(describe::<Value>().hidden);
}

#[test]
fn the_users_number_counts_and_none_is_not_zero() {
    let all = [None, Some(0), Some(1), Some(u32::MAX)].map(fingerprint::<String>);
    for (at, left) in all.iter().enumerate() {
        assert!(all.iter().skip(at + 1).all(|right| left != right));
    }
    assert_eq!(fingerprint::<String>(Some(1)), fingerprint::<String>(Some(1)));
}

#[test]
fn a_type_that_checks_its_values_never_sees_one() {
    #[derive(Deserialize)]
    #[allow(unused)]
    struct Value {
        ip: IpAddr,
        even: Even,
        never: Never,
    }
    struct Never;
    impl<'de> Deserialize<'de> for Never {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let value = Vec::<NonZeroU32>::deserialize(deserializer)?;
            unreachable!("a value was made up: {value:?}")
        }
    }
    assert!(describe::<Value>().text.contains("NonZero<u32>"));
}

#[test]
fn a_type_that_panics_has_a_schema_all_the_same() {
    #[derive(Deserialize)]
    #[allow(unused)]
    struct Value {
        panics: Panics,
        after: (Panics, u8),
        last: u8,
    }
    struct Panics;
    impl<'de> Deserialize<'de> for Panics {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            drop(deserializer);
            panic!("on purpose")
        }
    }
    let text = describe::<Value>().text;
    assert!(text.contains("panics\n.\"after\""), "{text}");
    assert!(text.ends_with("u8: u8\n"), "{text}");
}

#[test]
fn a_type_that_reads_on_after_an_error_comes_to_an_end() {
    struct Stubborn;
    impl<'de> Deserialize<'de> for Stubborn {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct V;
            impl<'de> serde::de::Visitor<'de> for V {
                type Value = Stubborn;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("a list")
                }

                fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Stubborn, A::Error> {
                    while !matches!(list.next_element::<u8>(), Ok(None)) {}
                    Ok(Stubborn)
                }
            }
            deserializer.deserialize_seq(V)
        }
    }
    assert!(describe::<Stubborn>().text.ends_with("u8: u8\n"));
}

#[test]
fn a_struct_that_takes_no_map_is_the_end_of_its_way() {
    struct Odd;
    impl<'de> Deserialize<'de> for Odd {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct V;
            impl serde::de::Visitor<'_> for V {
                type Value = Odd;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("something else")
                }
            }
            deserializer.deserialize_struct("Odd", &["a", "b"], V)
        }
    }
    let text = describe::<(Odd, u8)>().text;
    assert!(text.contains("refused"), "{text}");
    // It can't be passed either, so what is behind it stays unknown; its type stands in the tuple's name.
    assert!(text.starts_with("(Odd, u8)\n") && text.ends_with("refused\n"), "{text}");
}

#[test]
fn enormous_types_are_described_up_to_a_bound() {
    struct Row<T>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Row<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct V<T>(std::marker::PhantomData<T>);
            impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for V<T> {
                type Value = Row<T>;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("a row")
                }

                fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Row<T>, A::Error> {
                    while list.next_element::<T>()?.is_some() {}
                    Ok(Row(std::marker::PhantomData))
                }
            }
            deserializer.deserialize_tuple(1_000_000, V(std::marker::PhantomData))
        }
    }
    let text = describe::<Row<Row<Row<Row<Row<u8>>>>>>().text;
    assert!(text.ends_with("..\n"));
    assert_eq!(text, describe::<Row<Row<Row<Row<Row<u8>>>>>>().text);
}

#[test]
fn deep_types_are_described_in_few_steps() {
    #[derive(Deserialize)]
    #[allow(unused)]
    struct Twice<T> {
        left: T,
        right: (T, T),
    }
    type Deep = Twice<Twice<Twice<Twice<Twice<Twice<Twice<Twice<u8>>>>>>>>;
    let text = describe::<Deep>().text;
    assert!(!text.ends_with("..\n"));
    assert_eq!(text.matches("struct").count(), 8);
}

#[test]
fn names_lose_their_modules_and_lifetimes() {
    for (name, expected) in [
        ("u8", "u8"),
        ("alloc::vec::Vec<shop::model::Product>", "Vec<Product>"),
        ("(a::b::C, &'_ [d::E; 4], &str)", "(C, &[E; 4], &str)"),
        ("alloc::borrow::Cow<'_, str>", "Cow<str>"),
        (
            "m::_::<impl serde_core::de::Deserialize for m::P<'_>>::deserialize::__Visitor",
            "<impl Deserialize for P>__Visitor",
        ),
        ("dyn a::B + core::marker::Send", "dyn B + Send"),
        ("fn(a::B) -> c::D", "fn(B) -> D"),
    ] {
        assert_eq!(plain(name), expected);
    }
}
