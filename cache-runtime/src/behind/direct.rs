//! What a direct write, or a read of the database, does about what is acknowledged for its key and not there yet.

use super::{
    failures::Buried,
    scope,
    state::{Behind, DRAIN, LOOK, PAUSE},
};
use crate::store::{EntryKey, StoreError};
use tokio::time::{Instant, timeout, timeout_at};

/// While it lives this process flushes nothing.
pub(crate) type Paused = tokio::sync::OwnedRwLockReadGuard<()>;

/// What became of what was acknowledged for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drained {
    /// Nothing of it is left.
    All,
    /// The database did not take it in time, up to this version.
    Left(u64),
    /// The key is halted: this can't be flushed before its dead letter is dealt with.
    Halted(u64),
}

impl Behind {
    /// Writes out what was acknowledged for a key so far.
    ///
    /// # Errors
    ///
    /// When the queue doesn't say what is pending.
    pub(crate) async fn drain(&self, key: &EntryKey) -> Result<Drained, StoreError> {
        let Some(state) = self.state().filter(|_| !scope::is_flushing()) else { return Ok(Drained::All) };
        let version = match state.look(key).await? {
            None => return Ok(Drained::All),
            Some(pending) if pending.halted => return Ok(Drained::Halted(pending.version)),
            Some(pending) => pending.version,
        };
        let flushed = async {
            loop {
                let progress = state.progress.notified();
                match state.look(key).await {
                    Ok(None) => return Drained::All,
                    Ok(Some(pending)) if pending.flushed >= version => return Drained::All,
                    Ok(Some(pending)) if pending.halted => return Drained::Halted(version),
                    Ok(Some(_)) | Err(_) => state.hurry_until(progress).await,
                }
            }
        };
        Ok(timeout(DRAIN, flushed).await.unwrap_or(Drained::Left(version)))
    }

    /// What waits for a key, without waiting for it.
    ///
    /// # Errors
    ///
    /// When the queue doesn't say what is pending.
    pub(crate) async fn waiting(&self, key: &EntryKey) -> Result<Drained, StoreError> {
        let pending = if scope::is_flushing() { None } else { self.look(key).await? };
        Ok(match pending {
            None => Drained::All,
            Some(pending) if pending.halted => Drained::Halted(pending.version),
            Some(pending) => Drained::Left(pending.version),
        })
    }

    /// Lets this process flush nothing while the guard lives; `None` if a flush under way doesn't end in time.
    pub(crate) async fn pause(&self) -> Option<Paused> {
        let flushing = self.state()?.flushing.clone();
        timeout(PAUSE, flushing.read_owned()).await.ok()
    }

    /// A direct write to the key has committed. What was acknowledged before it, up to this version, and did not reach the database becomes a
    /// dead letter: written later, it would undo the direct write. Dead letters of the key count as older from now on.
    pub(crate) async fn overtaken(&self, key: &EntryKey, version: u64) {
        let Some(state) = self.state() else { return };
        let placed = state.placed(key);
        match state.queue().overtake(&placed, version).await {
            Ok(overtaken) if overtaken.is_empty() => {}
            Ok(overtaken) => {
                let error = "a direct write to the key overtook it";
                for write in &overtaken {
                    state.buried(&Buried { partition: placed.partition, write, class: "overtaken", error });
                }
                state.progress.notify_waiters();
            }
            Err(error) => tracing::error!(
                %error,
                "a direct write to a key with acknowledged writes could not be told to the queue: an older value may be written over it"
            ),
        }
    }

    /// Waits, for a second, until no flusher is writing a write of the key; `false` if one still may be.
    pub(crate) async fn settled(&self, key: &EntryKey) -> bool {
        self.settled_by(key, Instant::now() + PAUSE).await
    }

    /// The same up to this moment. The queue is asked once in any case.
    pub(crate) async fn settled_by(&self, key: &EntryKey, deadline: Instant) -> bool {
        let Some(state) = self.state() else { return true };
        loop {
            let progress = state.progress.notified();
            match state.look(key).await {
                Ok(None) => return true,
                Ok(Some(pending)) if !pending.moving => return true,
                Ok(Some(_)) if Instant::now() < deadline => {
                    let _ = timeout_at(deadline.min(Instant::now() + LOOK), progress).await;
                }
                Ok(Some(_)) | Err(_) => return false,
            }
        }
    }
}
