//! Which schema does a value type have? Entries of another schema are never read.
//!
//! The schema is found by asking the type: [`node`] runs its `Deserialize` on a deserializer that has no data, and writes down
//! what is asked for. No value is made and no derive is needed. The description is a text, one line a step:
//!
//! ```text
//! Product
//! struct "Product" ["id", "price"]: Product       a node: what is asked for, and what comes out of it
//! ."id" i64                                       an edge, and the type behind it
//! i64: i64
//! ."price" Option<Money>
//! ..
//! as 0                                            a node described before, by its number
//! ```

mod dummy;
mod node;
mod passes;
#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;

use crate::store::Fingerprint;
use node::explore;
use serde::de::DeserializeOwned;
use std::{any::type_name, fmt::Write as _};

/// Tells a value type from others, and from itself with another schema.
///
/// `number` is the user's own, for what the schema doesn't show.
pub(crate) fn fingerprint<V: DeserializeOwned>(number: Option<u32>) -> Fingerprint {
    let mut schema = describe::<V>();
    match number {
        Some(number) => {
            let _ = writeln!(schema.text, "schema {number}");
        }
        None if schema.hidden => tracing::debug!(
            value = type_name::<V>(),
            "parts of this type's schema are hidden: give a `schema` number, and raise it when they change"
        ),
        None => {}
    }
    Fingerprint(siphasher::sip128::SipHasher13::new().hash(schema.text.as_bytes()).h1)
}

/// What is known of a type's schema.
struct Schema {
    text: String,
    /// Parts of it depend on the data.
    hidden: bool,
}

fn describe<V: DeserializeOwned>() -> Schema {
    let mut text = format!("{}\n", plain(type_name::<V>()));
    let readable = explore::<V>(true);
    text.push_str(&readable.text);
    let mut hidden = readable.hidden;
    // Dates, addresses and the like have one schema in JSON and another in postcard.
    if readable.asked.get() {
        let compact = explore::<V>(false);
        text.push_str("compact\n");
        text.push_str(&compact.text);
        hidden |= compact.hidden;
    }
    Schema { text, hidden }
}

/// A type's name without the modules it is in, which may move, and without lifetimes, which compilers spell differently.
pub(super) fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut word = 0;
    for c in name.replace("<'_>", "").replace("'_, ", "").replace("'_ ", "").chars() {
        match c {
            ':' => plain.truncate(word),
            c => {
                plain.push(c);
                if !c.is_alphanumeric() && c != '_' {
                    word = plain.len();
                }
            }
        }
    }
    plain
}
