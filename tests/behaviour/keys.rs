//! Different arguments never share a key, and keys parse back.

use cache_runtime::{Cache, KeyPart};
use proptest::prelude::*;
use std::{collections::HashMap, sync::Mutex};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, KeyPart)]
enum Lang {
    En,
    De,
    Fr,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, KeyPart)]
struct Place {
    city: String,
    zip: Option<u32>,
}

/// The key a call has, seen through its entry handle.
#[derive(Clone)]
struct Keys {
    cache: Cache,
}

type Args = (String, i64, uuid::Uuid, Lang, (String, Option<String>), Place, bool, char);

#[cache_runtime::repository(cache = self.cache, ttl = 60)]
impl Keys {
    #[cached(strategy = "read_through", key = "all:<text>:<number>/<id>|<lang>#<pair>+<place>?<flag>!<sign>")]
    async fn all(
        &self,
        text: &str,
        number: i64,
        id: uuid::Uuid,
        lang: Lang,
        pair: (String, Option<String>),
        place: Place,
        flag: bool,
        sign: char,
    ) -> u8 {
        let _ = (text, number, id, lang, pair, place, flag, sign);
        0
    }

    #[cached(strategy = "read_through", key = "two:<a>:<b>")]
    async fn two(&self, a: &str, b: &str) -> u8 {
        let _ = (a, b);
        0
    }

    #[cached(strategy = "read_through", key = "nested:<x>")]
    async fn nested(&self, x: (Option<Option<String>>, (String, String), ())) -> u8 {
        let _ = x;
        0
    }
}

fn lang() -> impl Strategy<Value = Lang> {
    prop_oneof![Just(Lang::En), Just(Lang::De), Just(Lang::Fr)]
}

/// Texts that look like what keys are made of.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-c:/|%._~{}<>#+-]{0,6}",
        1 => any::<String>(),
        1 => Just(String::new()),
        1 => prop_oneof![Just("%.".to_owned()), Just("%_".to_owned()), Just("%25_".to_owned()), Just("%-".to_owned())],
    ]
}

fn args() -> impl Strategy<Value = Args> {
    (
        text(),
        prop_oneof![any::<i64>(), -3..3_i64],
        any::<u128>().prop_map(uuid::Uuid::from_u128),
        lang(),
        (text(), proptest::option::of(text())),
        (text(), proptest::option::of(any::<u32>())).prop_map(|(city, zip)| Place { city, zip }),
        any::<bool>(),
        any::<char>(),
    )
}

fn keys() -> Keys {
    Keys { cache: Cache::memory() }
}

/// A key that would be longer than 1,024 bytes ends with a hash of itself and can't be read back.
fn is_shortened(key: &str) -> bool {
    key.len() > 128 && key.rsplit_once('~').is_some_and(|(_, hash)| hash.len() == 32)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn arguments_survive_the_way_into_a_key_and_back(a in args()) {
        let keys = keys();
        let (text, number, id, lang, pair, place, flag, sign) = a.clone();
        let entry = keys.all_entry(&text, number, id, lang, pair, place, flag, sign);
        if !is_shortened(entry.key()) {
            prop_assert_eq!(Keys::all_args(entry.key()), Some(a));
        }
    }

    #[test]
    fn different_texts_never_share_a_key(a in (text(), text()), b in (text(), text())) {
        let keys = keys();
        let (one, other) = (keys.two_entry(&a.0, &a.1), keys.two_entry(&b.0, &b.1));
        prop_assert_eq!(one.key() == other.key(), a == b);
    }

    #[test]
    fn nested_composites_survive(x in (proptest::option::of(proptest::option::of(text())), (text(), text()), Just(()))) {
        let keys = keys();
        let entry = keys.nested_entry(x.clone());
        if !is_shortened(entry.key()) {
            prop_assert_eq!(Keys::nested_args(entry.key()), Some((x,)));
        }
    }
}

#[test]
fn keys_of_three_long_texts_are_shortened() {
    let keys = keys();
    let long = "\u{11100}".repeat(32);
    let of = |texts: (String, String)| (Some(Some(long.clone())), texts, ());
    let entry = keys.nested_entry(of((long.clone(), long.clone())));
    assert!(is_shortened(entry.key()), "{}", entry.key());
    assert_eq!(Keys::nested_args(entry.key()), None);
    let entry = keys.nested_entry(of(("a".to_owned(), "b".to_owned())));
    assert!(!is_shortened(entry.key()), "{}", entry.key());
}

/// Every short pair of texts over a nasty alphabet, exhaustively.
#[test]
fn all_short_pairs_have_different_keys() {
    let keys = keys();
    let alphabet =
        ["", "a", ":", "%", "%.", "%_", "a:", ":a", "%3A", "_", "-", ".", "~", "{", "}", "ü", "\u{0}", " "];
    let seen: Mutex<HashMap<String, (String, String)>> = Mutex::default();
    for a in alphabet.iter().flat_map(|x| alphabet.iter().map(move |y| format!("{x}{y}"))) {
        for b in alphabet {
            let key = keys.two_entry(&a, b).key().to_owned();
            let args = (a.clone(), b.to_owned());
            let earlier = seen.lock().unwrap().insert(key, args.clone());
            assert!(earlier.is_none_or(|earlier| earlier == args));
        }
    }
}
