//! The bytes of an entry in the shared store: a fixed header, then the payload.
//!
//! ```text
//! offset  bytes  field                    (integers little endian)
//!      0      2  magic "mR"
//!      2      1  format, 2
//!      3      1  state: 1 value, 2 absent, 3 a value that the database may not have yet
//!      4      1  codec
//!      5      1  number of group stamps, at most 2
//!      6      2  reserved, zero
//!      8      8  fingerprint of the template and the value type
//!     16      4  epoch of the partition
//!     20      4  cost of the load in milliseconds
//!     24      8  row version, 0 = unknown
//!     32      8  created, in milliseconds of the store's clock
//!     40      8  soft expiry on the same clock, u64::MAX = never
//!     48      8  hard expiry on the same clock, u64::MAX = never
//!     56      4  CRC-32 of everything before it and everything behind it, where state 3 counts as 1: the store makes one of the other
//!     60    8·n  group stamps
//!             …  payload
//! ```

use crate::{
    codec::Codec,
    store::{Fingerprint, Stamp, Version},
};
use bytes::Bytes;

const MAGIC: [u8; 2] = *b"mR";
const FORMAT: u8 = 2;
const HEADER: usize = 60;
/// Where the state stands, and what stands there.
const STATE: usize = 3;
const VALUE: u8 = 1;
const PENDING: u8 = 3;
const CHECKSUM: std::ops::Range<usize> = 56..60;

/// What an entry says about its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Value,
    Absent,
    /// A value that was acknowledged and that the database may not have yet: it is good whatever its epoch and stamps say.
    Pending,
}

/// Everything an entry carries besides its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) state: State,
    pub(crate) codec: Codec,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) epoch: u32,
    pub(crate) cost_ms: u32,
    pub(crate) version: Option<Version>,
    pub(crate) created_ms: u64,
    pub(crate) soft_ms: u64,
    pub(crate) hard_ms: u64,
    pub(crate) stamps: Vec<Stamp>,
}

/// Why bytes are no entry for this reader: always a miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// No entry at all, or of a later format.
    Format,
    /// Another value type, or another schema of it.
    Fingerprint,
    /// The checksum doesn't match.
    Checksum,
}

impl Header {
    /// The header's bytes with a hole for the checksum; append the payload, then [`seal`].
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(&MAGIC);
        bytes.push(FORMAT);
        bytes.push(match self.state {
            State::Value => VALUE,
            State::Absent => 2,
            State::Pending => PENDING,
        });
        bytes.push(self.codec.id());
        bytes.push(u8::try_from(self.stamps.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(&[0; 2]);
        bytes.extend_from_slice(&self.fingerprint.0.to_le_bytes());
        bytes.extend_from_slice(&self.epoch.to_le_bytes());
        bytes.extend_from_slice(&self.cost_ms.to_le_bytes());
        bytes.extend_from_slice(&self.version.map_or(0, Version::get).to_le_bytes());
        bytes.extend_from_slice(&self.created_ms.to_le_bytes());
        bytes.extend_from_slice(&self.soft_ms.to_le_bytes());
        bytes.extend_from_slice(&self.hard_ms.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        for stamp in &self.stamps {
            bytes.extend_from_slice(&stamp.0.to_le_bytes());
        }
        bytes
    }

    /// Takes an entry apart.
    pub(crate) fn decode(entry: &[u8], expected: Fingerprint) -> Result<(Self, &[u8]), Unreadable> {
        let mut fields = Fields(entry);
        let known = fields.take() == Some(MAGIC) && fields.take() == Some([FORMAT]);
        if !known || entry.len() < HEADER {
            return Err(Unreadable::Format);
        }
        let [state, codec, stamps, _, _] = fields.take().ok_or(Unreadable::Format)?;
        let fingerprint = Fingerprint(fields.u64()?);
        if fingerprint != expected {
            return Err(Unreadable::Fingerprint);
        }
        let epoch = fields.u32()?;
        let cost_ms = fields.u32()?;
        let version = Version::new(fields.u64()?);
        let created_ms = fields.u64()?;
        let soft_ms = fields.u64()?;
        let hard_ms = fields.u64()?;
        let checksum = fields.u32()?;
        if checksum != self::checksum(entry) {
            return Err(Unreadable::Checksum);
        }
        let state = match state {
            VALUE => State::Value,
            2 => State::Absent,
            PENDING => State::Pending,
            _ => return Err(Unreadable::Format),
        };
        let codec = Codec::from_id(codec).ok_or(Unreadable::Format)?;
        let stamps = (0..stamps).map(|_| fields.u64().map(Stamp)).collect::<Result<_, _>>()?;
        let header =
            Self { state, codec, fingerprint, epoch, cost_ms, version, created_ms, soft_ms, hard_ms, stamps };
        Ok((header, fields.0))
    }
}

/// When an entry is to be reloaded, and when it ends, in milliseconds of the store's clock, as far as it is one.
pub(crate) fn soft_and_hard_ms(entry: &[u8]) -> Option<[u64; 2]> {
    let mut fields = Fields(entry.get(40..56)?);
    Some([fields.u64().ok()?, fields.u64().ok()?])
}

/// When an entry was made, in the same way.
pub(crate) fn created_ms(entry: &[u8]) -> Option<u64> {
    let field = entry.get(32..40)?.first_chunk()?;
    Some(u64::from_le_bytes(*field))
}

/// The entry of a pending value, once the database has it.
pub(crate) fn settled(entry: &[u8]) -> Bytes {
    let mut bytes = entry.to_vec();
    if let Some(state) = bytes.get_mut(STATE) {
        *state = VALUE;
    }
    bytes.into()
}

/// Writes the checksum of a complete entry.
pub(crate) fn seal(mut entry: Vec<u8>) -> Bytes {
    let checksum = checksum(&entry);
    if let Some(hole) = entry.get_mut(CHECKSUM) {
        hole.copy_from_slice(&checksum.to_le_bytes());
    }
    entry.into()
}

fn checksum(entry: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    let (before, from) = entry.split_at_checked(STATE).unwrap_or_default();
    let state = entry.get(STATE).map(|state| if *state == PENDING { VALUE } else { *state });
    hasher.update(before);
    hasher.update(state.as_slice());
    hasher.update(from.get(1..CHECKSUM.start - STATE).unwrap_or_default());
    hasher.update(entry.get(CHECKSUM.end..).unwrap_or_default());
    hasher.finalize()
}

/// Reads fields one after the other.
struct Fields<'e>(&'e [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }

    fn u32(&mut self) -> Result<u32, Unreadable> {
        self.take().map(u32::from_le_bytes).ok_or(Unreadable::Format)
    }

    fn u64(&mut self) -> Result<u64, Unreadable> {
        self.take().map(u64::from_le_bytes).ok_or(Unreadable::Format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            state: State::Value,
            codec: Codec::Json,
            fingerprint: Fingerprint(0x0102_0304_0506_0708),
            epoch: 9,
            cost_ms: 10,
            version: Version::new(14),
            created_ms: 11,
            soft_ms: 12,
            hard_ms: 15,
            stamps: vec![Stamp(13)],
        }
    }

    fn entry() -> Bytes {
        let mut bytes = header().encode();
        bytes.extend_from_slice(b"{}");
        seal(bytes)
    }

    #[test]
    fn entries_come_back_as_they_were_written() {
        let entry = entry();
        let (read, payload) = Header::decode(&entry, Fingerprint(0x0102_0304_0506_0708)).unwrap();
        assert_eq!(read, header());
        assert_eq!(payload, b"{}");
    }

    #[test]
    fn pending_value_is_a_value_as_soon_as_one_byte_says_so() {
        let mut bytes = Header { state: State::Pending, ..header() }.encode();
        bytes.extend_from_slice(b"{}");
        let pending = seal(bytes);
        let read =
            |entry: &Bytes| Header::decode(entry, header().fingerprint).map(|(header, _)| header.state);
        assert_eq!(read(&pending), Ok(State::Pending));
        assert_eq!(read(&settled(&pending)), Ok(State::Value));
        assert_eq!(settled(&pending), entry());
    }

    #[test]
    fn any_flipped_bit_is_noticed() {
        let expected = Fingerprint(0x0102_0304_0506_0708);
        let entry = entry();
        for bit in 0..entry.len() * 8 {
            let mut broken = entry.to_vec();
            broken[bit / 8] ^= 1 << (bit % 8);
            if bit == STATE * 8 + 1 {
                // A value, and a pending one: that is what one byte may say.
                continue;
            }
            assert!(Header::decode(&broken, expected).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn entries_that_end_early_are_misses() {
        let entry = entry();
        for length in 0..entry.len() {
            assert!(Header::decode(&entry.slice(..length), Fingerprint(0x0102_0304_0506_0708)).is_err());
        }
    }
}
