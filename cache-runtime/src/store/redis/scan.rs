//! How the keys of a namespace are walked.

use super::{RedisStore, error::nonsense};
use crate::store::{Cursor, Scanned, ScannedKey, StoreError};
use bytes::Bytes;

const OPERATION: &str = "scan";
/// How many keys Redis looks at in one step.
const STEP: usize = 1_000;

/// A walk over the names that match a pattern, and where it has come to; nowhere once it is over.
pub(super) struct Scan {
    pattern: String,
    cursor: Option<Bytes>,
}

impl Scan {
    pub(super) fn new(pattern: String) -> Self {
        Self { pattern, cursor: Some(Bytes::from_static(b"0")) }
    }
}

impl RedisStore {
    pub(super) async fn scan_keys(&self, prefix: &str, from: Option<&Cursor>) -> Result<Scanned, StoreError> {
        let mut scan = Scan::new(self.keys.data_pattern(prefix));
        if let Some(Cursor(from)) = from {
            scan.cursor = Some(from.clone());
        }
        let names = self.step(OPERATION, &mut scan).await?.unwrap_or_default();
        let keys = names.iter().filter_map(|name| {
            let (_, text) = self.keys.parse_data(name)?;
            let (_, variant) = name.rsplit_once('#')?;
            let variant = u16::from_str_radix(variant, 16).ok()?;
            text.starts_with(prefix).then(|| ScannedKey { text: text.into(), variant })
        });
        Ok(Scanned { keys: keys.collect(), next: scan.cursor.map(Cursor) })
    }

    /// The names that the next step finds; none after the last step.
    pub(super) async fn step(
        &self,
        operation: &'static str,
        scan: &mut Scan,
    ) -> Result<Option<Vec<String>>, StoreError> {
        let Some(cursor) = scan.cursor.take() else { return Ok(None) };
        let mut cmd = redis::cmd("SCAN");
        cmd.arg(&*cursor).arg("MATCH").arg(&scan.pattern).arg("COUNT").arg(STEP);
        let answer = self.link.send(operation, &cmd).await?;
        let (next, found): (Vec<u8>, Vec<Vec<u8>>) =
            redis::from_redis_value(answer).map_err(|_| nonsense(operation))?;
        scan.cursor = (next != b"0").then(|| next.into());
        // Names that aren't text aren't ours.
        Ok(Some(found.into_iter().filter_map(|name| String::from_utf8(name).ok()).collect()))
    }
}
