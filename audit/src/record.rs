//! How events travel from a worker to the auditor: 40 bytes each, written at once, so that a killed worker leaves whole ones.

use crate::{
    event::{Event, Kind, Outcome, Seen, What},
    words::{Level, Nanos, Via},
};

pub(crate) const LENGTH: usize = 40;

/// An event as bytes. Those that only the auditor itself knows of have none.
pub(crate) fn encode(at: Nanos, what: What) -> Option<[u8; LENGTH]> {
    // kind, level, way, key, reader, and three numbers
    let (kind, level, via, key, reader, numbers) = match what {
        What::Read { level, via, key, reader, begin, seen } => {
            let (kind, version, token) = match seen {
                Seen::Row { version, token } => (1, version, token),
                Seen::Absent => (2, 0, 0),
                Seen::Failed => (3, 0, 0),
            };
            (kind, level as u8, via as u8, key, reader, [begin, version, token])
        }
        What::Invoked { level, key, token, kind } => {
            let kind = match kind {
                Kind::Put => 4,
                Kind::Remove => 5,
            };
            (kind, level as u8, 0, key, 0, [0, 0, token])
        }
        What::Ended { level, key, token, outcome } => {
            let (kind, committed, version) = match outcome {
                Outcome::Acknowledged { version, committed } => (6, committed, version),
                Outcome::Unknown => (7, 0, 0),
                Outcome::Refused => (8, 0, 0),
            };
            (kind, level as u8, 0, key, 0, [committed, version, token])
        }
        What::Delivered { level, key, begin } => (9, level as u8, 0, key, 0, [begin, 0, 0]),
        What::Missed => (10, 0, 0, 0, 0, [0; 3]),
        What::Counted { hits, reads } => (11, 0, 0, 0, 0, [hits, reads, 0]),
        What::Tick => (12, 0, 0, 0, 0, [0; 3]),
        What::Died(_) | What::Broken(_) | What::Mended(_) => return None,
    };
    let mut bytes = [0; LENGTH];
    bytes[..3].copy_from_slice(&[kind, level, via]);
    bytes[4..6].copy_from_slice(&key.to_le_bytes());
    bytes[6..8].copy_from_slice(&reader.to_le_bytes());
    for (place, number) in bytes[8..].chunks_exact_mut(8).zip([at].into_iter().chain(numbers)) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    Some(bytes)
}

/// The event that was made these bytes; `None` when they are none.
pub(crate) fn decode(process: u32, bytes: &[u8; LENGTH]) -> Option<Event> {
    let number = |at: usize| {
        let mut eight = [0; 8];
        eight.copy_from_slice(&bytes[at..at + 8]);
        u64::from_le_bytes(eight)
    };
    let level = || Level::ALL.get(usize::from(bytes[1])).copied();
    let key = u16::from_le_bytes([bytes[4], bytes[5]]);
    let (at, first, second, token) = (number(8), number(16), number(24), number(32));
    let what = match bytes[0] {
        kind @ 1..=3 => What::Read {
            level: level()?,
            via: Via::ALL.get(usize::from(bytes[2])).copied()?,
            key,
            reader: u16::from_le_bytes([bytes[6], bytes[7]]),
            begin: first,
            seen: match kind {
                1 => Seen::Row { version: second, token },
                2 => Seen::Absent,
                _ => Seen::Failed,
            },
        },
        4 => What::Invoked { level: level()?, key, token, kind: Kind::Put },
        5 => What::Invoked { level: level()?, key, token, kind: Kind::Remove },
        kind @ 6..=8 => What::Ended {
            level: level()?,
            key,
            token,
            outcome: match kind {
                6 => Outcome::Acknowledged { version: second, committed: first },
                7 => Outcome::Unknown,
                _ => Outcome::Refused,
            },
        },
        9 => What::Delivered { level: level()?, key, begin: first },
        10 => What::Missed,
        11 => What::Counted { hits: first, reads: second },
        12 => What::Tick,
        _ => return None,
    };
    Some(Event { at, process, what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_of_a_worker_survives_the_journey() {
        let (level, key, token) = (Level::Strict, 515, u64::MAX - 3);
        let seen = [Seen::Row { version: 9, token }, Seen::Absent, Seen::Failed];
        let outcomes =
            [Outcome::Acknowledged { version: 7, committed: 1 << 50 }, Outcome::Unknown, Outcome::Refused];
        let mut all = vec![
            What::Counted { hits: 3, reads: 4 },
            What::Tick,
            What::Missed,
            What::Delivered { level, key, begin: 8 },
        ];
        all.extend(seen.map(|seen| What::Read { level, via: Via::L1, key, reader: 300, begin: 5, seen }));
        all.extend([Kind::Put, Kind::Remove].map(|kind| What::Invoked { level, key, token, kind }));
        all.extend(outcomes.map(|outcome| What::Ended { level, key, token, outcome }));
        for what in all {
            let bytes = encode(77, what).expect("workers send it");
            assert_eq!(decode(3, &bytes), Some(Event { at: 77, process: 3, what }));
        }
        assert_eq!(encode(1, What::Died(1)), None);
        assert_eq!(decode(1, &[0xff; LENGTH]), None);
    }
}
