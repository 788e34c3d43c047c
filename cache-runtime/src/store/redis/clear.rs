//! How a namespace, or all keys with a prefix, are emptied.

use super::{
    RedisStore, SCRIPTS,
    answers::{number, time_of},
    arguments::{by_partition, touch},
    scan::Scan,
};
use crate::store::{Clear, Partition, StoreError, Told};
use futures_util::future::try_join_all;

const OPERATION: &str = "clear";

impl RedisStore {
    pub(super) async fn clear_scope(&self, scope: &Clear) -> Result<(u64, Told), StoreError> {
        let removed = match scope {
            Clear::Namespace => self.clear_namespace().await?,
            Clear::Prefix { prefix, matches, template } => {
                let accepted = |text: &str| text.starts_with(&**prefix) && matches(template, text);
                self.clear_prefix(prefix, &accepted).await?
            }
        };
        // All of it was told before this.
        let time = time_of(OPERATION, self.link.send(OPERATION, &redis::cmd("TIME")).await?)?;
        Ok((removed, Told(time)))
    }

    /// Moves every epoch first: from then on no load that began earlier is stored, and what the scan finds may go.
    async fn clear_namespace(&self) -> Result<u64, StoreError> {
        let moves: Vec<_> =
            Partition::all().map(|partition| touch(&self.keys, partition, Some(&self.origin))).collect();
        try_join_all(moves.iter().map(|call| self.run(OPERATION, &SCRIPTS.touch, call))).await?;
        self.unlink(&self.keys.data_pattern(""), &|_| true).await
    }

    /// First the leases, then the entries. A load in flight either has its lease when the first scan comes by, and loses it, or has
    /// stored its entry before the second scan begins, which a scan is bound to find.
    async fn clear_prefix(
        &self,
        prefix: &str,
        accepted: &(dyn Fn(&str) -> bool + Send + Sync),
    ) -> Result<u64, StoreError> {
        self.tell_everything().await?;
        let mut scan = Scan::new(self.keys.lease_pattern(prefix));
        while let Some(found) = self.step(OPERATION, &mut scan).await? {
            let mut pipe = redis::Pipeline::new();
            for name in &found {
                if self.keys.parse_lease(name).is_some_and(|(_, text)| accepted(text)) {
                    pipe.cmd("HDEL").arg(name).arg(&["l", "d", "e", "s"]);
                }
            }
            if !pipe.is_empty() {
                self.link.send_all(OPERATION, &pipe).await?;
            }
        }
        let removed = self.unlink(&self.keys.data_pattern(prefix), accepted).await?;
        self.tell_everything().await?;
        Ok(removed)
    }

    /// The memories of other processes don't know their entries by template: they drop everything.
    async fn tell_everything(&self) -> Result<(), StoreError> {
        let Some(first) = Partition::all().next() else { return Ok(()) };
        let mut cmd = redis::cmd("SPUBLISH");
        cmd.arg(self.keys.channel(first)).arg(format!("{}e0:", self.origin));
        self.link.send(OPERATION, &cmd).await.map(drop)
    }

    /// Removes the entries under a pattern whose keys are accepted, and counts them; those that show what is pending stay.
    async fn unlink(
        &self,
        pattern: &str,
        accepted: &(dyn Fn(&str) -> bool + Send + Sync),
    ) -> Result<u64, StoreError> {
        let mut removed = 0;
        let mut scan = Scan::new(pattern.to_owned());
        while let Some(found) = self.step(OPERATION, &mut scan).await? {
            let parsed = found.iter().filter_map(|name| {
                let (partition, text) = self.keys.parse_data(name)?;
                accepted(text).then_some((partition, name.as_str(), text))
            });
            let parsed: Vec<_> = parsed.collect();
            let chunks = by_partition(&parsed, |(partition, ..)| *partition);
            let calls = chunks.iter().map(|(partition, entries)| {
                let mut keys = vec![self.keys.queued_writes(*partition)];
                keys.extend(entries.iter().map(|(_, name, _)| (*name).to_owned()));
                let mut call = SCRIPTS.unlink.call(&keys);
                call.arg(self.keys.control_prefix(*partition));
                for (.., text) in entries {
                    call.arg(*text);
                }
                call
            });
            let calls: Vec<_> = calls.collect();
            let answers = calls.iter().map(|call| self.run(OPERATION, &SCRIPTS.unlink, call));
            for answer in try_join_all(answers).await? {
                removed += number::<u64>(OPERATION, answer)?;
            }
        }
        Ok(removed)
    }
}
