//! The hash tag of each partition.

/// Frozen for ever: tag `i` lies in cluster slot `256 * i + 128`, the middle of its 64th of all slots, so that any
/// number of nodes up to 64 gets an even share, or nearly so.
pub(super) const TAGS: [&str; 64] = [
    "53t", "j3j", "if5", "kec", "574", "74b", "akm", "6bk", //
    "96a", "frw", "0ip", "oin", "d1i", "38o", "0m0", "xw", //
    "he6", "box", "40w", "c9q", "hav", "7ah", "447", "67a", //
    "1js", "fcu", "0xr", "m5", "1n3", "3me", "e2j", "iu", //
    "712", "52d", "cmk", "4dm", "75r", "h5l", "02bb", "ice", //
    "3y7", "1za", "2k6", "8ax", "wu7", "931", "yg", "8e8", //
    "7d8", "5gn", "621", "41g", "jc0", "qkn", "66q", "i6o", //
    "3h5", "1kc", "2z4", "0yb", "3lu", "des", "he", "802",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// CRC-16/XMODEM modulo 16384, as the Redis cluster specification has it.
    fn slot(tag: &str) -> u16 {
        let step = |crc: u16| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 };
        let crc =
            tag.bytes().fold(0, |crc, byte| (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| step(crc)));
        crc % 16_384
    }

    #[test]
    fn slot_of_the_specification_is_reproduced() {
        assert_eq!(slot("123456789"), 0x31c3);
    }

    #[test]
    fn tags_lie_in_the_middle_of_evenly_spaced_slots() {
        for (i, tag) in (0..).zip(TAGS) {
            assert_eq!(slot(tag), 256 * i + 128, "{tag}");
        }
    }

    #[test]
    fn tags_are_frozen() {
        let checksum = crc32fast::hash(TAGS.join(",").as_bytes());
        assert_eq!(
            checksum, 0x532d_062e,
            "{checksum:#x}: other tags would lose every entry of every namespace"
        );
    }
}
