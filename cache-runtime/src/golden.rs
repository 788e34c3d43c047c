//! Do releases still read and name entries as earlier ones did?
//!
//! What these tests compare with lies in the Redis of somebody's production. A test that fails here is a change of format: don't correct the
//! expected text, but decide what the change is.
//!
//! | what differs | what it means for a deploy | what to do |
//! |---|---|---|
//! | the text of a key | a writer of one release no longer drops what readers of the other read: **stale values** | undo it; a format of keys can only change with the prefix `d:` of physical keys |
//! | the bytes of an entry | the other release reads something else than was written | give `entry::FORMAT` the next number; entries of another format are misses |
//! | the name or the number of a codec | as above | never reuse a number; a new codec has a new one |
//! | a fingerprint, and the code of `value/schema` was changed | every entry is a miss once, in every application | say so in CHANGELOG.md; group such changes in one release |
//! | a fingerprint, and the compiler or serde was updated | the same, for those who update | the same |

use crate::{
    __private as private,
    codec::Codec,
    entry::{self, Header, State, Unreadable},
    key::{Key, KeyBuilder},
    spec::{Spec, Strategy},
    store::{Fingerprint, Stamp, Version},
    value::fingerprint,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

// ---- keys

fn key(parts: impl Fn(&mut KeyBuilder)) -> Key {
    KeyBuilder::rendered(parts)
}

/// `product:<id>` and so on: template, how the macros render it, text, partition.
fn keys() -> Vec<(&'static str, Key, &'static str, &'static str)> {
    use private::{close_partition, mark_group, open_partition, part, text};
    vec![
        ("home", key(|k| text(k, "home")), "home", ""),
        (
            "product:<id>",
            key(|k| {
                text(k, "product:");
                part(k, &42_i64);
            }),
            "product:42",
            "",
        ),
        (
            "list:<tenant>:<category>:<on>",
            key(|k| {
                text(k, "list:");
                part(k, &-7_i32);
                text(k, ":");
                part(k, "toys & gämes: 100%");
                text(k, ":");
                part(k, &true);
            }),
            "list:-7:toys%20%26%20g%C3%A4mes%3A%20100%25:true",
            "",
        ),
        (
            "near:<at>:<note>:<more>",
            key(|k| {
                text(k, "near:");
                part(k, &(-3_i8, "a.b"));
                text(k, ":");
                part(k, &None::<&str>);
                text(k, ":");
                part(k, &Some(Some("_")));
            }),
            "near:-3%.a.b:%_:%-_",
            "",
        ),
        (
            "{user:<id>}:cart",
            key(|k| {
                open_partition(k);
                text(k, "user:");
                part(k, &7_u8);
                close_partition(k);
                text(k, ":cart");
            }),
            "user:7:cart",
            "user:7",
        ),
        (
            "browse:<category>:<page>, grouped by category",
            key(|k| {
                text(k, "browse:");
                part(k, "books");
                mark_group(k);
                text(k, ":");
                part(k, &2_u32);
            }),
            "browse:books:2",
            "browse:books",
        ),
    ]
}

#[test]
fn texts_of_keys_are_frozen() {
    for (template, key, text, partition) in keys() {
        assert_eq!(key.as_str(), text, "{template}");
        let of = if partition.is_empty() { text } else { partition };
        assert_eq!(key.partition, crate::store::Partition::of(of), "{template}");
    }
}

#[test]
fn long_keys_are_shortened_as_ever() {
    let long = key(|k| private::part(k, "x".repeat(2_000).as_str()));
    let expected = format!("{}~{}", "x".repeat(128), "78ed3184b364479146c861d7555697d8");
    assert_eq!(long.as_str(), expected);
}

#[cfg(feature = "redis")]
#[test]
fn names_in_redis_are_frozen() {
    let names = crate::store::PhysicalKeys::new("shop").expect("a good namespace");
    let names: Vec<_> = keys()
        .into_iter()
        .map(|(_, key, ..)| names.data(&key.text, key.partition, Fingerprint(0xdead_beef_0000_0a1f)))
        .collect();
    assert_eq!(
        names,
        [
            "shop:d:{he6}:home#0a1f",
            "shop:d:{frw}:product:42#0a1f",
            "shop:d:{cmk}:list:-7:toys%20%26%20g%C3%A4mes%3A%20100%25:true#0a1f",
            "shop:d:{ice}:near:-3%.a.b:%_:%-_#0a1f",
            "shop:d:{i6o}:user:7:cart#0a1f",
            "shop:d:{e2j}:browse:books:2#0a1f"
        ]
    );
}

// ---- entries

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Product {
    id: i64,
    name: String,
    price: Option<u32>,
    tags: Vec<String>,
}

fn product() -> Product {
    Product {
        id: 42, name: "lamp \"ö\"".into(), price: Some(1_999), tags: vec!["new".into(), String::new()]
    }
}

fn header(state: State, codec: Codec, stamps: Vec<Stamp>) -> Header {
    Header {
        state,
        codec,
        fingerprint: Fingerprint(0x0102_0304_0506_0708),
        epoch: 9,
        cost_ms: 10,
        version: Version::new(7),
        created_ms: 1_700_000_000_000,
        soft_ms: u64::MAX,
        hard_ms: 1_700_000_300_000,
        stamps,
    }
}

fn entry(header: &Header, value: Option<&Product>) -> Vec<u8> {
    let mut bytes = header.encode();
    if let Some(value) = value {
        header.codec.encode(value, &mut bytes).expect("it can be encoded");
    }
    entry::seal(bytes).to_vec()
}

/// What every release since the first has written, and must go on reading.
fn entries() -> Vec<(&'static str, Header, Option<Product>)> {
    vec![
        (
            "6d520201010100000807060504030201090000000a00000007000000000000000068e5cf8b010000ffffffffffffffffe0fbe9cf8b010000f41dbec50d00000000000000\
             7b226964223a34322c226e616d65223a226c616d70205c22c3b65c22222c227072696365223a313939392c2274616773223a5b226e6577222c22225d7d",
            header(State::Value, Codec::Json, vec![Stamp(13)]),
            Some(product()),
        ),
        (
            "6d520202010000000807060504030201090000000a00000007000000000000000068e5cf8b010000ffffffffffffffffe0fbe9cf8b010000cf8b15e9",
            header(State::Absent, Codec::Json, vec![]),
            None,
        ),
        #[cfg(feature = "postcard")]
        (
            "6d520201020200000807060504030201090000000a00000007000000000000000068e5cf8b010000ffffffffffffffffe0fbe9cf8b01000017ecbe4c0d00000000000000\
             0e0000000000000054096c616d702022c3b62201cf0f02036e657700",
            header(State::Value, Codec::Postcard, vec![Stamp(13), Stamp(14)]),
            Some(product()),
        ),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

#[test]
fn bytes_of_entries_are_frozen() {
    for (frozen, header, value) in entries() {
        assert_eq!(hex(&entry(&header, value.as_ref())), frozen);
    }
}

#[test]
fn frozen_entries_are_read() {
    for (frozen, header, value) in entries() {
        let bytes = unhex(frozen);
        let (read, payload) = Header::decode(&bytes, header.fingerprint).expect("an entry");
        assert_eq!(read, header);
        assert_eq!(value, value.as_ref().and_then(|_| read.codec.decode(payload)));
    }
}

#[test]
fn entries_of_later_formats_and_other_schemas_are_not_read() {
    let fingerprint = Fingerprint(0x0102_0304_0506_0708);
    let (frozen, ..) = entries().remove(0);
    let mut later = unhex(frozen);
    later[2] = 3;
    assert_eq!(Header::decode(&later, fingerprint), Err(Unreadable::Format));
    assert_eq!(Header::decode(&unhex(frozen), Fingerprint(1)), Err(Unreadable::Fingerprint));
}

#[test]
fn numbers_of_codecs_are_frozen() {
    assert_eq!(Codec::Json.id(), 1);
    assert_eq!(Codec::from_id(1), Some(Codec::Json));
    #[cfg(feature = "postcard")]
    assert_eq!((Codec::Postcard.id(), Codec::from_id(2)), (2, Some(Codec::Postcard)));
    assert_eq!(Codec::from_id(0), None);
}

// ---- fingerprints

#[derive(Deserialize)]
#[allow(unused)]
enum Kind {
    Plain,
    Of(u8),
    Pair(u8, String),
    Named { at: f64 },
}

#[derive(Deserialize)]
#[allow(unused)]
struct Tree<T> {
    value: T,
    kind: Kind,
    children: Vec<Tree<T>>,
    by_name: HashMap<String, (i64, bool)>,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
#[allow(unused)]
enum Tagged {
    A { a: u8 },
}

#[test]
fn fingerprints_of_templates_are_frozen() {
    static PRODUCT: Spec = Spec::new("find", "shop", Strategy::ReadThrough, "product:<id>");
    static WRITER: Spec = Spec::new("put", "shop", Strategy::WriteThrough, "product:<product.id>");
    static BRACED: Spec = Spec::new("cart", "shop", Strategy::ReadThrough, "{user:<id>}:cart");
    let of = |spec: &'static Spec| spec.fingerprint(Fingerprint(0x0123_4567_89AB_CDEF));
    assert_eq!(of(&PRODUCT), of(&WRITER), "names of placeholders don't count");
    assert_eq!(of(&PRODUCT), Fingerprint(0x07D5_13CC_6DE1_C5A0));
    assert_eq!(of(&BRACED), Fingerprint(0xCCEA_C5D9_5B76_35EC));
}

#[test]
fn fingerprints_are_frozen() {
    let found = [
        fingerprint::<String>(None),
        fingerprint::<Option<i64>>(None),
        fingerprint::<Product>(None),
        fingerprint::<Product>(Some(1)),
        fingerprint::<Vec<Product>>(None),
        fingerprint::<Kind>(None),
        fingerprint::<Tree<u8>>(None),
        fingerprint::<BTreeMap<u16, std::net::Ipv4Addr>>(None),
        fingerprint::<Tagged>(None),
        fingerprint::<serde_json::Value>(None),
    ];
    let found: Vec<_> = found.iter().map(|fingerprint| format!("{:016x}", fingerprint.0)).collect();
    assert_eq!(
        found,
        [
            "2e97d1234b1af1f0",
            "5fbd1df06edaa384",
            "bd0f4824f4b0a934",
            "0f302c0ff941d5d6",
            "482dd877f450f9d0",
            "396b912816c9f0ab",
            "98707091ae28cd35",
            "827dfffb0e29c3b6",
            "a21440a623ec81df",
            "ffa26e6b40ed32b6"
        ]
    );
}
