//! How a write is kept in Redis; see `lua/queue.lua`.

use super::{digits, error::nonsense, millis, variant};
use crate::store::{
    Dead, Group, NewWrite, Partition, QueuedWrite, Settled, Shows, StoreError, Target, Version, Waiting,
};
use bytes::Bytes;
use redis::{Cmd, Value};
use std::{borrow::Cow, fmt::Write as _, sync::Arc, time::Duration};

/// How a write shows itself, as the scripts have it: kind, variant, ttl in milliseconds.
pub(super) struct Showing {
    pub(super) kind: &'static str,
    pub(super) variant: String,
    pub(super) ttl: String,
}

impl Showing {
    pub(super) fn of(write: &NewWrite) -> Self {
        let kind = match write.shows {
            Shows::Value(_) => "v",
            Shows::Absent => "a",
            Shows::Delta => "d",
        };
        // A ttl below a millisecond would mean none at all.
        let ttl = |ttl: Duration| if ttl.is_zero() { 0 } else { millis(ttl).max(1) };
        let ttl = write.ttl.map_or_else(|| "-".to_owned(), |time| ttl(time).to_string());
        Self { kind, variant: variant(write.key.fingerprint), ttl }
    }

    /// As it is kept of a key.
    pub(super) fn with_template(&self, template: &str) -> String {
        let Self { kind, variant, ttl } = self;
        format!("{kind}{variant} {ttl} {template}")
    }
}

/// What never changes of a write.
pub(super) fn constant(write: &NewWrite, showing: &Showing) -> Vec<u8> {
    let Showing { kind, variant, ttl } = showing;
    let (key, function, template) = (&write.key.text, &write.function, &write.key.template);
    let lengths = format!("{} {} {}", key.len(), function.len(), template.len());
    let mut bytes =
        Vec::with_capacity(64 + key.len() + function.len() + template.len() + write.payload.len());
    let whole = u8::from(write.is_whole());
    bytes.extend_from_slice(
        format!("{kind}{whole}{variant} {ttl} {lengths} {key}{function}{template}").as_bytes(),
    );
    bytes.extend_from_slice(&write.payload);
    bytes
}

/// What is dropped once the database has a write: each with its length in front, so that the scripts can tell them apart.
pub(super) fn drops(targets: &[Target]) -> String {
    let mut text = String::new();
    for target in targets {
        let one = match target {
            Target::Key { text, partition, template, version } => {
                let (at, version) = (partition.index(), digits(*version));
                format!("k{at} {version} {} {text}{template}", text.len())
            }
            Target::Group(Group { text, partition }) => format!("g{} {text}", partition.index()),
        };
        text.push_str(&one.len().to_string());
        text.push(':');
        text.push_str(&one);
    }
    text
}

/// How many of these are done, or are not, before another one isn't, or is.
pub(super) fn alike(settled: &[Settled]) -> usize {
    let is_done = |settled: &Settled| matches!(settled, Settled::Done { .. });
    settled.chunk_by(|one, next| is_done(one) == is_done(next)).next().map_or(0, <[_]>::len)
}

/// What became of writes: all of them done, or none.
pub(super) fn settled(call: &mut Cmd, settled: &[Settled]) {
    let mut done = String::new();
    for settled in settled {
        if let Settled::Done { id, version } = settled {
            let _ = write!(done, "{id} {version} ");
        }
    }
    call.arg(done);
    for settled in settled {
        match settled {
            Settled::Done { .. } => continue,
            Settled::Failed { id, version } => call.arg("f").arg(*id).arg(*version).arg(""),
            Settled::Dead { id, version, error, halt } => {
                call.arg(if *halt { "h" } else { "x" }).arg(*id).arg(*version).arg(error)
            }
        };
    }
}

/// An entry of the order: `<id>-0`, with the pointer to a write.
pub(super) fn entry(operation: &'static str, entry: Value) -> Result<Waiting, StoreError> {
    let unpacked = || {
        let Value::Array(entry) = entry else { return None };
        let [Value::BulkString(id), Value::Array(fields)] = <[Value; 2]>::try_from(entry).ok()? else {
            return None;
        };
        let [_, to] = <[Value; 2]>::try_from(fields).ok()?;
        let id = std::str::from_utf8(id.strip_suffix(b"-0")?).ok()?.parse().ok()?;
        Some((id, to))
    };
    let (id, to) = unpacked().ok_or_else(|| nonsense(operation))?;
    pointer(operation, id, to)
}

/// A pointer to a write.
pub(super) fn pointer(operation: &'static str, id: u64, pointer: Value) -> Result<Waiting, StoreError> {
    let Value::BulkString(pointer) = pointer else { return Err(nonsense(operation)) };
    let unpacked = || {
        let mut rest = Rest(&pointer);
        let (bytes, length) = (rest.length()?, rest.length()?);
        let function = rest.text(length)?.into();
        let key = rest.text(rest.0.len())?.into();
        Some(Waiting { id, function, key, bytes: u32::try_from(bytes).unwrap_or(u32::MAX) })
    };
    unpacked().ok_or_else(|| nonsense(operation))
}

/// A write as it is kept.
pub(super) fn write(operation: &'static str, id: u64, body: Value) -> Result<QueuedWrite, StoreError> {
    let Value::BulkString(body) = body else { return Err(nonsense(operation)) };
    unpack(id, &body.into()).ok_or_else(|| nonsense(operation))
}

/// A dead letter as it is kept.
pub(super) fn dead(
    operation: &'static str,
    partition: Partition,
    id: u64,
    body: Value,
) -> Result<Dead, StoreError> {
    let Value::BulkString(body) = body else { return Err(nonsense(operation)) };
    let body = Bytes::from(body);
    let unpacked = || {
        let mut rest = Rest(&body);
        let (died, halted, superseded) = (rest.number()?, rest.number()?, rest.number()?);
        let length = rest.length()?;
        let error = rest.text(length)?.to_owned();
        let times = (Duration::from_micros(id), Duration::from_micros(died));
        let write = unpack(id, &body.slice_ref(rest.0))?;
        Some(Dead { partition, write, error, times, halted: halted != 0, superseded: superseded != 0 })
    };
    unpacked().ok_or_else(|| nonsense(operation))
}

fn unpack(id: u64, body: &Bytes) -> Option<QueuedWrite> {
    let mut rest = Rest(body);
    let (version, attempts) = (rest.number()?, rest.number()?);
    let dropped = rest.length()?;
    let drops = targets(rest.bytes(dropped)?)?;
    // How it shows itself and whether it is whole, and its ttl: nobody asks for them.
    let (_, _) = (rest.word()?, rest.word()?);
    let (key, function, template) = (rest.length()?, rest.length()?, rest.length()?);
    let (key, function): (Arc<str>, Arc<str>) = (rest.text(key)?.into(), rest.text(function)?.into());
    rest.bytes(template)?;
    let payload = body.slice_ref(rest.0);
    Some(QueuedWrite { id, version, function, key, payload, drops, attempts: u32::try_from(attempts).ok()? })
}

fn targets(mut list: &[u8]) -> Option<Vec<Target>> {
    let mut targets = Vec::new();
    while !list.is_empty() {
        let colon = list.iter().position(|byte| *byte == b':')?;
        let length: usize = std::str::from_utf8(&list[..colon]).ok()?.parse().ok()?;
        let mut all = Rest(&list[colon + 1..]);
        targets.push(target(all.bytes(length)?)?);
        list = all.0;
    }
    Some(targets)
}

fn target(one: &[u8]) -> Option<Target> {
    let (kind, rest) = one.split_first()?;
    let mut rest = Rest(rest);
    let at = rest.length()?;
    let partition = Partition::all().nth(at)?;
    if *kind == b'g' {
        let length = rest.0.len();
        return Some(Target::Group(Group { text: rest.text(length)?.into(), partition }));
    }
    let version = rest.word()?;
    let version = if version.is_empty() { None } else { Version::new(version.parse().ok()?) };
    let length = rest.length()?;
    let text = rest.text(length)?.into();
    let template = std::str::from_utf8(rest.0).ok()?.to_owned();
    Some(Target::Key { text, partition, template: Cow::Owned(template), version })
}

/// What was not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self, length: usize) -> Option<&'a str> {
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    /// Up to the next space.
    fn word(&mut self) -> Option<&'a str> {
        let end = self.0.iter().position(|byte| *byte == b' ')?;
        let word = self.text(end)?;
        self.bytes(1)?;
        Some(word)
    }

    fn number(&mut self) -> Option<u64> {
        self.word()?.parse().ok()
    }

    fn length(&mut self) -> Option<usize> {
        self.word()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{EntryKey, Fingerprint, Token};
    use std::num::NonZeroU64;

    fn written() -> NewWrite {
        let partition = Partition::of("ключ: 7");
        let key = |text: &str, version| Target::Key {
            text: text.into(),
            partition,
            template: "a <b>".into(),
            version: NonZeroU64::new(version),
        };
        NewWrite {
            token: Token(1),
            key: EntryKey {
                text: "ключ: 7".into(),
                partition,
                template: "ключ: <n>".into(),
                fingerprint: Fingerprint(0xbeef),
                groups: Vec::new(),
            },
            function: "shop::save <n>".into(),
            payload: Bytes::from_static(b"\0 12 34:\xff"),
            shows: Shows::Value(Bytes::from_static(b"entry")),
            ttl: Some(Duration::from_secs(5)),
            coalesce: true,
            drops: vec![
                key("a 1", 0),
                key("12:34 5", u64::MAX),
                Target::Group(Group { text: "g: 1".into(), partition }),
            ],
            most: 10,
        }
    }

    #[test]
    fn kept_write_is_read_back() {
        let new = written();
        let drops = drops(&new.drops);
        let mut body = format!("18 3 {} {drops}", drops.len()).into_bytes();
        body.extend(constant(&new, &Showing::of(&new)));
        let expected = QueuedWrite {
            id: 17,
            version: 18,
            function: new.function.clone(),
            key: new.key.text.clone(),
            payload: new.payload.clone(),
            drops: new.drops.clone(),
            attempts: 3,
        };
        assert_eq!(write("take", 17, Value::BulkString(body.clone())).expect("it is whole"), expected);
        let mut letter = "99 1 0 6 broken".to_owned().into_bytes();
        letter.extend(&body);
        let letter = dead("dead", new.key.partition, 17, Value::BulkString(letter)).expect("it is whole");
        assert_eq!(letter.write, expected);
        assert_eq!((letter.error.as_str(), letter.halted, letter.superseded), ("broken", true, false));
        for cut in 0..body.len() - new.payload.len() {
            assert!(write("take", 17, Value::BulkString(body[..cut].to_vec())).is_err(), "{cut}");
        }
    }

    #[test]
    fn kept_form_is_frozen() {
        let new = written();
        assert_eq!(constant(&new, &Showing::of(&new))[..21], b"v1beef 5000 11 14 13 "[..]);
        let event = NewWrite { coalesce: false, ..new.clone() };
        assert_eq!(constant(&event, &Showing::of(&event))[..21], b"v0beef 5000 11 14 13 "[..]);
        let delta = NewWrite { shows: Shows::Delta, ..new.clone() };
        assert_eq!(constant(&delta, &Showing::of(&delta))[..21], b"d0beef 5000 11 14 13 "[..]);
        assert_eq!(drops(&new.drops[..1]), "15:k54  3 a 1a <b>");
    }
}
