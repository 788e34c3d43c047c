//! How the arguments of a write are kept: a schema number, a space, then JSON with field names.

use super::finite::has_finite_floats;
use crate::{Error, error::ErrorKind};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Writes of a function that says no `schema` have this one.
pub(crate) const FIRST_SCHEMA: u32 = 1;

/// Turns arguments of an earlier schema into those of today; the first argument is the schema they were written with, the second their JSON.
pub type Upcast<P> = fn(u32, &str) -> Result<P, String>;

/// Arguments that can wait in a queue: what serde can write and read again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't wait in a write-behind queue",
    label = "not serializable, not `Clone`, or not `Send + Sync`",
    note = "the arguments of `write_behind` are written down until the database has them: derive `serde::Serialize`, `serde::Deserialize` and `Clone`"
)]
pub trait Payload: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<P: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> Payload for P {}

/// What a batch function takes, one for each call.
#[diagnostic::on_unimplemented(
    message = "each call adds one `{P}` to the batch, and this takes `{Self}`",
    label = "not what the calls add",
    note = "take `&[{P}]`: the argument of the call, or a tuple of its arguments, owned"
)]
pub trait ElementOf<P>: Sized {
    /// The batch.
    fn all(batch: Vec<P>) -> Vec<Self>;
}

#[diagnostic::do_not_recommend]
impl<P> ElementOf<P> for P {
    fn all(batch: Vec<P>) -> Vec<P> {
        batch
    }
}

/// The batch, as its function takes it: whether it does is asked here.
#[inline]
pub fn batch_of<P, E: ElementOf<P>>(batch: Vec<P>) -> Vec<E> {
    E::all(batch)
}

/// Why a payload can't be flushed by this release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// A later release has written it: it is left to that.
    Newer,
    /// Nobody will ever read it.
    Unreadable(String),
}

/// Writes arguments down, so that they can be read again.
pub(crate) fn encode<P: Serialize>(schema: u32, arguments: &P) -> Result<Bytes, Error> {
    let mut bytes = format!("{schema} ").into_bytes();
    serde_json::to_writer(&mut bytes, arguments).map_err(|error| {
        Error::with_source(
            ErrorKind::Encode,
            format!("arguments of type `{}` could not be written down", std::any::type_name::<P>()),
            error,
        )
    })?;
    // JSON has no infinite numbers, and none that is not a number: they are written as `null`, and read as something else, or not at all.
    let null = bytes.windows(4).any(|part| part == b"null");
    if null && !has_finite_floats(arguments) {
        return Err(Error::new(
            ErrorKind::Encode,
            format!(
                "arguments of type `{}` have an infinite number, or one that is none, which can't be written down",
                std::any::type_name::<P>()
            ),
        ));
    }
    Ok(bytes.into())
}

/// Reads arguments again. What the application brings for it may panic; whoever flushes, or reads, goes on.
pub(crate) fn decode<P: DeserializeOwned>(
    schema: u32,
    upcast: Option<Upcast<P>>,
    payload: &[u8],
) -> Result<P, Unfit> {
    let read = catch_unwind(AssertUnwindSafe(|| read(schema, upcast, payload)));
    read.unwrap_or_else(|_| Err(Unfit::Unreadable("its arguments can't be read: that panicked".to_owned())))
}

fn read<P: DeserializeOwned>(schema: u32, upcast: Option<Upcast<P>>, payload: &[u8]) -> Result<P, Unfit> {
    let (written, json) = parts(payload).ok_or_else(|| Unfit::Unreadable("it is no payload".to_owned()))?;
    if written > schema {
        return Err(Unfit::Newer);
    }
    if written == schema {
        let read = serde_json::from_str(json);
        return read.map_err(|error| Unfit::Unreadable(format!("its arguments can't be read: {error}")));
    }
    let Some(upcast) = upcast else {
        return Err(Unfit::Unreadable(format!(
            "it was written with schema {written}, this is schema {schema}, and there is no `upcast`"
        )));
    };
    upcast(written, json)
        .map_err(|error| Unfit::Unreadable(format!("`upcast` from schema {written} failed: {error}")))
}

/// The schema and the JSON of a payload.
pub(crate) fn parts(payload: &[u8]) -> Option<(u32, &str)> {
    let (schema, json) = std::str::from_utf8(payload).ok()?.split_once(' ')?;
    Some((schema.parse().ok()?, json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_has_its_frozen_form() {
        assert_eq!(encode(3, &("a", 7)).unwrap(), &b"3 [\"a\",7]"[..]);
    }

    #[test]
    fn number_that_is_none_is_refused_and_none_is_accepted() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = encode(1, &(7, number)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encode);
            assert!(encode(1, &[Some(number), None]).is_err());
        }
        assert!(encode(1, &[Some(1.5), None]).is_ok());
        assert!(encode(1, &("null", Some(1.5_f64))).is_ok());
        assert!(encode(1, &()).is_ok());
    }

    #[test]
    fn every_number_is_read_as_it_was_written() {
        let hard = [5e-324, f64::MIN_POSITIVE, f64::MAX, 0.1 + 0.2, 122.416_294_033_786_58, -0.0];
        let more = std::iter::repeat_with(|| f64::from_bits(fastrand::u64(..))).filter(|n| n.is_finite());
        for number in hard.into_iter().chain(more.take(20_000)) {
            let read: f64 = decode(1, None, &encode(1, &number).unwrap()).unwrap();
            assert_eq!(read.to_bits(), number.to_bits());
        }
    }

    #[test]
    fn payload_of_a_later_schema_is_left_alone_and_of_an_earlier_is_brought_up() {
        let payload = encode(2, &7_u64).unwrap();
        assert_eq!(decode::<u64>(2, None, &payload), Ok(7));
        assert_eq!(decode::<u64>(1, None, &payload), Err(Unfit::Newer));
        let doubled: Upcast<u64> = |from, json| {
            assert_eq!(from, 2);
            json.parse::<u64>().map(|n| n * 2).map_err(|error| error.to_string())
        };
        assert_eq!(decode(3, Some(doubled), &payload), Ok(14));
        assert!(
            matches!(decode::<u64>(3, None, &payload), Err(Unfit::Unreadable(why)) if why.contains("schema 2"))
        );
        let panics: Upcast<u64> = |_, _| panic!("it can't");
        assert!(
            matches!(decode(3, Some(panics), &payload), Err(Unfit::Unreadable(why)) if why.contains("panicked"))
        );
    }

    #[test]
    fn payload_that_is_none_is_said_to_be_none() {
        for payload in [&b""[..], b"x", b"x 1", b"1 {", b"\xff 1"] {
            assert!(matches!(decode::<u64>(1, None, payload), Err(Unfit::Unreadable(_))));
        }
    }
}
