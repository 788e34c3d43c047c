//! Does a cached value say what the source says?
//!
//! Values need no `PartialEq`: what is compared is what their `Serialize` says. Maps say the same in any order. A type whose own copy comes out in
//! another order (a `HashSet`, say) has no order, and neither have the lists in it then.

use crate::{Cacheable, codec::Codec};
use serde_json::Value;

/// How often a value is copied to see whether its lists have an order: two elements come out in the same one every other time.
const COPIES: usize = 12;

/// Whether both say the same; `None` when that can't be told, because a value can't be written down as JSON.
///
/// `codec` is what values went through on their way to the shared store: what gets lost there is no difference.
pub(crate) fn agree<V: Cacheable>(codec: Codec, cached: Option<&V>, source: Option<&V>) -> Option<bool> {
    let (Some(cached), Some(source)) = (cached, source) else {
        return Some(cached.is_none() && source.is_none());
    };
    let (cached_text, source_text) = (text(cached)?, text(source)?);
    if cached_text == source_text {
        return Some(true);
    }
    let (ours, theirs) = (parsed(&cached_text)?, parsed(&source_text)?);
    if ours == theirs {
        return Some(true);
    }
    if copied(codec, source).as_ref() == Some(&ours) {
        return Some(true);
    }
    let sorted = sorted(ours.clone());
    if sorted != self::sorted(theirs) {
        return Some(false);
    }
    Some(
        (0..COPIES)
            .any(|_| copied(codec, cached).is_some_and(|copy| copy != ours && self::sorted(copy) == sorted)),
    )
}

/// A value as JSON.
fn text<V: Cacheable>(value: &V) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    Codec::Json.encode(value, &mut text).ok()?;
    Some(text)
}

/// What a value says after it was in the shared store.
fn copied<V: Cacheable>(codec: Codec, value: &V) -> Option<Value> {
    let mut bytes = Vec::new();
    codec.encode(value, &mut bytes).ok()?;
    parsed(&text(&codec.decode::<V>(&bytes)?)?)
}

fn parsed(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok()
}

/// The same with every list in an order of ours.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.into_iter().map(sorted).collect();
            elements.sort_by_cached_key(Value::to_string);
            Value::Array(elements)
        }
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    fn same<V: Cacheable>(cached: &V, source: &V) -> Option<bool> {
        agree(Codec::Json, Some(cached), Some(source))
    }

    #[test]
    fn maps_and_sets_agree_in_any_order() {
        let map = |backwards: bool| -> HashMap<u32, String> {
            let numbers = 0..40_u32;
            let numbers: Vec<u32> = if backwards { numbers.rev().collect() } else { numbers.collect() };
            numbers.into_iter().map(|n| (n, n.to_string())).collect()
        };
        assert_eq!(same(&map(false), &map(true)), Some(true));
        for _ in 0..20 {
            let sets: [HashSet<u32>; 2] = [HashSet::from([1, 2]), HashSet::from([2, 1])];
            assert_eq!(same(&sets[0], &sets[1]), Some(true));
        }
        assert_eq!(same(&HashSet::from([1, 2]), &HashSet::from([1, 3])), Some(false));
    }

    #[test]
    fn lists_differ_when_their_order_does() {
        assert_eq!(same(&vec![1, 2], &vec![2, 1]), Some(false));
        assert_eq!(same(&vec![1, 2], &vec![1, 2]), Some(true));
    }

    #[test]
    fn absent_rows_agree_with_absent_rows_only() {
        assert_eq!(agree::<u8>(Codec::Json, None, None), Some(true));
        assert_eq!(agree(Codec::Json, Some(&1), None), Some(false));
        assert_eq!(agree(Codec::Json, None, Some(&1)), Some(false));
    }

    #[test]
    fn what_the_codec_loses_is_no_difference() {
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Row {
            price: f64,
        }
        for n in 1..2_000_i32 {
            let source = Row { price: 1.0e23 / f64::from(n) };
            let mut bytes = Vec::new();
            Codec::Json.encode(&source, &mut bytes).unwrap();
            let cached: Row = Codec::Json.decode(&bytes).unwrap();
            assert_eq!(same(&cached, &source), Some(true), "{n}");
        }
    }

    #[test]
    fn what_is_no_json_is_not_compared() {
        let of = |n: u8| HashMap::from([((n, n), n)]);
        assert_eq!(same(&of(1), &of(2)), None);
    }
}
