//! How writes are put into rows, and read from them.

use super::{
    database::SqlDatabase,
    work::{number, partition},
};
use crate::store::{Batch, Fingerprint, Group, Partition, QueuedWrite, Shows, Target, Version};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt::Write, sync::Arc};

/// What a write waits with, but for its place.
pub(super) const RECORD: &str =
    "version, function, key, payload, drops, whole, attempts, since, variant, shows, entry";

/// The columns of a [`QueuedWrite`], of the table or alias `$of`.
macro_rules! write_columns {
    ($of:literal) => {
        concat!(
            $of,
            ".id, ",
            $of,
            ".version, ",
            $of,
            ".function, ",
            $of,
            ".key, ",
            $of,
            ".payload, ",
            $of,
            ".drops, ",
            $of,
            ".attempts"
        )
    };
}
pub(super) use write_columns;

/// No value is shown: the key isn't pending.
pub(super) const NOTHING: i64 = 0;
const VALUE: i64 = 1;
const ABSENT: i64 = 2;
/// Deltas are shown.
pub(super) const DELTA: i64 = 3;

/// How what is shown is written: as a number and, for a value, its entry.
pub(super) fn shown(shows: &Shows) -> (i64, &[u8]) {
    match shows {
        Shows::Value(entry) => (VALUE, entry),
        Shows::Absent => (ABSENT, &[]),
        Shows::Delta => (DELTA, &[]),
    }
}

/// What a row shows.
pub(super) fn shows(number: i64, entry: Vec<u8>) -> sqlx::Result<Shows> {
    match number {
        VALUE => Ok(Shows::Value(entry.into())),
        ABSENT => Ok(Shows::Absent),
        DELTA => Ok(Shows::Delta),
        other => Err(sqlx::Error::Decode(format!("`shows` can't be {other}").into())),
    }
}

/// The variant as a number.
pub(super) fn variant(fingerprint: Fingerprint) -> i64 {
    i64::from(fingerprint.short())
}

/// The write in the columns of [`write_columns`].
pub(super) fn queued<DB: SqlDatabase>(row: &DB::Row) -> sqlx::Result<QueuedWrite> {
    Ok(QueuedWrite {
        id: number(DB::int(row, 0)?),
        version: number(DB::int(row, 1)?),
        function: DB::text(row, 2)?.into(),
        key: DB::text(row, 3)?.into(),
        payload: DB::bytes(row, 4)?.into(),
        drops: drops(&DB::text(row, 5)?)?,
        attempts: u32::try_from(DB::int(row, 6)?).unwrap_or(u32::MAX),
    })
}

/// The writes of a batch: `,<id>:<version>,<id>:<version>,`, so that one is found by `LIKE '%,<id>:%'`.
pub(super) fn batch_text(writes: &[(u64, u64)]) -> String {
    let mut text = String::from(",");
    for (id, version) in writes {
        // Writing to a string doesn't fail.
        let _ = write!(text, "{id}:{version},");
    }
    text
}

/// The batch in these columns; `None` if its number is zero.
pub(super) fn batch<DB: SqlDatabase>(
    row: &DB::Row,
    [at, epoch, function, writes]: [usize; 4],
) -> sqlx::Result<Option<Batch>> {
    let number_of_batch = number(DB::int(row, at)?);
    if number_of_batch == 0 {
        return Ok(None);
    }
    let text = DB::text(row, writes)?;
    let pair = |pair: &str| -> Option<(u64, u64)> {
        let (id, version) = pair.split_once(':')?;
        Some((id.parse().ok()?, version.parse().ok()?))
    };
    let writes = text.split(',').filter(|pair| !pair.is_empty()).map(pair).collect::<Option<_>>();
    let writes = writes.ok_or_else(|| sqlx::Error::Decode("`batch_writes` makes no sense".into()))?;
    let (epoch, function) = (number(DB::int(row, epoch)?), DB::text(row, function)?.into());
    Ok(Some(Batch { number: number_of_batch, epoch, function, writes }))
}

/// A [`Target`] as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Drop<'a> {
    Key { text: Cow<'a, str>, part: i64, template: Cow<'a, str>, version: Option<Version> },
    Group { text: Cow<'a, str>, part: i64 },
}

/// How what is dropped is written.
pub(super) fn drops_text(drops: &[Target]) -> sqlx::Result<String> {
    let part = |partition: Partition| i64::try_from(partition.index()).unwrap_or(i64::MAX);
    let drops: Vec<_> = drops
        .iter()
        .map(|target| match target {
            Target::Key { text, partition, template, version } => Drop::Key {
                text: Cow::Borrowed(text),
                part: part(*partition),
                template: Cow::Borrowed(template),
                version: *version,
            },
            Target::Group(Group { text, partition }) => {
                Drop::Group { text: Cow::Borrowed(text), part: part(*partition) }
            }
        })
        .collect();
    serde_json::to_string(&drops).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// What a row says that is dropped.
pub(super) fn drops(text: &str) -> sqlx::Result<Vec<Target>> {
    let drops: Vec<Drop<'_>> =
        serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let target = |drop| -> sqlx::Result<Target> {
        Ok(match drop {
            Drop::Key { text, part, template, version } => Target::Key {
                text: Arc::from(text.as_ref()),
                partition: partition(part)?,
                template: Cow::Owned(template.into_owned()),
                version,
            },
            Drop::Group { text, part } => {
                Target::Group(Group { text: Arc::from(text.as_ref()), partition: partition(part)? })
            }
        })
    };
    drops.into_iter().map(target).collect()
}
