//! How is what the store is asked written for the scripts?

use super::{PhysicalKeys, SCRIPTS};
use crate::store::{Fingerprint, Partition, Target, Token, Version};
use redis::Cmd;
use std::{collections::BTreeMap, time::Duration};

/// How many keys one call of a script drops at most, so that it doesn't keep Redis from others for long.
const TARGETS_PER_CALL: usize = 200;

/// What one call of a script takes at a time.
pub(super) fn by_partition<T>(all: &[T], of: impl Fn(&T) -> Partition) -> Vec<(Partition, Vec<&T>)> {
    let mut partitions = BTreeMap::<Partition, Vec<&T>>::new();
    for one in all {
        partitions.entry(of(one)).or_default().push(one);
    }
    let chunks = partitions.into_iter().flat_map(|(partition, all)| {
        all.chunks(TARGETS_PER_CALL).map(move |chunk| (partition, chunk.to_vec())).collect::<Vec<_>>()
    });
    chunks.collect()
}

/// What a key or group is called in the list of what is being written.
pub(super) fn member(target: &Target) -> String {
    match target {
        Target::Key { text, .. } => format!("k{text}"),
        Target::Group(group) => format!("g{}", group.text),
    }
}

/// Versions in as many digits each, so that Lua can compare them as texts: its numbers have 53 bits.
pub(super) fn digits(version: Option<Version>) -> String {
    version.map_or_else(String::new, |version| format!("{version:020}"))
}

pub(super) fn variant(fingerprint: Fingerprint) -> String {
    format!("{:04x}", fingerprint.short())
}

/// Holds, epoch and variants of a partition.
pub(super) fn partition_keys(keys: &PhysicalKeys, partition: Partition) -> [String; 3] {
    [keys.holds(partition), keys.epoch(partition), keys.variants(partition)]
}

/// Reads the epoch of a partition, making it if there is none, or moves it on behalf of an origin.
pub(super) fn touch(keys: &PhysicalKeys, partition: Partition, moved: Option<&str>) -> Cmd {
    let mut call = SCRIPTS.touch.call(&partition_keys(keys, partition));
    call.arg(u8::from(moved.is_some())).arg(moved.unwrap_or_default());
    call
}

/// A token as 32 hex digits.
pub(super) fn token_text(token: Token) -> String {
    format!("{:032x}", token.0)
}

pub(super) fn millis(time: Duration) -> u64 {
    // Lua counts in doubles: 2^52 ms are a hundred thousand years.
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).min(1 << 52)
}
