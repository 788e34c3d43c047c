//! What do Redis' answers say?

use super::error::{nonsense, store_error};
use crate::store::{Lookup, Read, Stamp, StoreError, Told};
use bytes::Bytes;
use redis::Value;
use std::time::Duration;

/// What to do after a miss.
pub(super) fn lookup(operation: &'static str, answer: Value) -> Result<Lookup, StoreError> {
    let Value::Array(answer) = answer else { return Err(nonsense(operation)) };
    let mut answer = answer.into_iter();
    let mut next = || answer.next().ok_or_else(|| nonsense(operation));
    Ok(match next()? {
        Value::Int(0) => Lookup::Bypass,
        Value::Int(1) => Lookup::Wait(Duration::from_millis(number(operation, next()?)?)),
        Value::Int(2) => {
            let epoch = number(operation, next()?)?;
            Lookup::Granted {
                epoch,
                stamps: answer.map(|value| stamp(operation, value)).collect::<Result<_, _>>()?,
            }
        }
        Value::Int(3) => {
            let entry = entry(operation, next()?)?;
            let stamps = answer.map(|value| stamp(operation, value)).collect::<Result<_, _>>()?;
            Lookup::Present(Read { entry, stamps })
        }
        Value::Int(4) => Lookup::Pending { absent: next()? == Value::Int(1) },
        _ => return Err(nonsense(operation)),
    })
}

/// The bytes of an entry, in the buffer they were received in.
pub(super) fn entry(operation: &'static str, value: Value) -> Result<Option<Bytes>, StoreError> {
    match value {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) => Ok(Some(Bytes::from(bytes))),
        Value::ServerError(error) => Err(store_error(operation, error.into())),
        _ => Err(nonsense(operation)),
    }
}

pub(super) fn stamp(operation: &'static str, value: Value) -> Result<Stamp, StoreError> {
    if value == Value::Nil { Ok(Stamp(0)) } else { number(operation, value).map(Stamp) }
}

pub(super) fn number<N: TryFrom<u64>>(operation: &'static str, value: Value) -> Result<N, StoreError> {
    let number = match value {
        Value::Int(number) => u64::try_from(number).ok(),
        Value::BulkString(digits) => std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok()),
        _ => None,
    };
    number.and_then(|number: u64| N::try_from(number).ok()).ok_or_else(|| nonsense(operation))
}

/// The answer of `TIME`.
pub(super) fn time_of(operation: &'static str, answer: Value) -> Result<Duration, StoreError> {
    let Value::Array(time) = answer else { return Err(nonsense(operation)) };
    let [seconds, micros]: [Value; 2] = time.try_into().map_err(|_| nonsense(operation))?;
    Ok(Duration::from_secs(number(operation, seconds)?) + Duration::from_micros(number(operation, micros)?))
}

/// The latest of these times.
pub(super) fn last(operation: &'static str, times: Vec<Value>) -> Result<Told, StoreError> {
    let times = times.into_iter().map(|micros| number(operation, micros).map(Duration::from_micros));
    let times: Vec<Duration> = times.collect::<Result<_, _>>()?;
    Ok(Told(times.into_iter().max().unwrap_or_default()))
}
