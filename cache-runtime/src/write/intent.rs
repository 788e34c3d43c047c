//! How a write is announced in the shared store before it is made, and how the announcement is kept alive.
//!
//! While it is open nothing is stored under its keys, whoever loads them. It has a deadline on the store's clock, so that a writer that dies
//! doesn't leave its keys uncached for ever, and is extended while its writer lives.

use crate::{
    cache::Remote,
    shared::Shared,
    store::{Ended, Store, StoreError, Target, Token, Written},
};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};
use tokio::{runtime::Handle, task::JoinHandle};

/// A write that is announced, or about to be.
#[derive(Debug)]
pub(crate) struct Intent {
    shared: Arc<Shared>,
    handle: Handle,
    token: Token,
    targets: Arc<[Target]>,
    known: HashSet<Target>,
    standing: Arc<Standing>,
    renewal: Option<JoinHandle<()>>,
}

/// Whether nothing can have come in between since the announcement.
#[derive(Debug)]
struct Standing(AtomicU8);

/// Not announced, or its announcement was not confirmed.
const UNKNOWN: u8 = 0;
const INTACT: u8 = 1;
/// It was gone once: something may have been stored or written meanwhile.
const LOST: u8 = 2;

impl Standing {
    fn is_intact(&self) -> bool {
        self.0.load(Ordering::Acquire) == INTACT
    }

    fn set(&self, standing: u8) {
        self.0.store(standing, Ordering::Release);
    }
}

impl Intent {
    /// What is to be announced; nothing is sent yet.
    pub(crate) fn new(remote: &Remote, targets: Vec<Target>) -> Self {
        Self {
            shared: remote.shared.clone(),
            handle: remote.background.handle().clone(),
            token: Token::random(),
            known: targets.iter().cloned().collect(),
            targets: targets.into(),
            standing: Arc::new(Standing(AtomicU8::new(UNKNOWN))),
            renewal: None,
        }
    }

    /// Announces it, and keeps it announced from now on.
    ///
    /// When this fails the store may have it all the same: the end sees to that.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        self.shared.store.begin(&self.targets, self.token, self.shared.intent).await?;
        self.standing.set(INTACT);
        self.renewal = Some(self.handle.spawn(renew(
            self.shared.clone(),
            self.targets.clone(),
            self.token,
            self.standing.clone(),
        )));
        Ok(())
    }

    /// Makes sure that it is open now and stays so for its whole length, announcing it again if it was lost.
    #[cfg(feature = "sqlx")]
    pub(crate) async fn confirm(&self) -> Result<(), StoreError> {
        confirm(&self.shared, &self.targets, self.token, &self.standing).await
    }

    /// Whether it was open all the time.
    pub(crate) fn is_intact(&self) -> bool {
        self.standing.is_intact()
    }

    /// Whether the store had it and forgot it.
    pub(crate) fn is_lost(&self) -> bool {
        self.standing.0.load(Ordering::Acquire) == LOST
    }

    /// Whether this is a part of what is announced.
    pub(crate) fn covers(&self, target: &Target) -> bool {
        self.known.contains(&target.clone().without_version())
    }

    /// Ends it, once it is stopped, with what the write leaves behind; also if it was never confirmed. What can't be told now is told later.
    pub(crate) async fn end(self, written: Vec<Written>) -> Vec<Ended> {
        self.shared.end(written, self.token).await
    }

    /// Stops extending it. What stands now is final.
    pub(crate) fn stop(&mut self) {
        if let Some(renewal) = self.renewal.take() {
            renewal.abort();
        }
    }
}

impl Drop for Intent {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Extends an announced write a few times within its length, until it is stopped.
async fn renew(shared: Arc<Shared>, targets: Arc<[Target]>, token: Token, standing: Arc<Standing>) {
    loop {
        tokio::time::sleep(shared.intent / 3).await;
        // What was not answered is asked again in time.
        if let Err(error) = confirm(&shared, &targets, token, &standing).await {
            tracing::debug!(%error, "an announced write was not extended");
        }
    }
}

async fn confirm(
    shared: &Shared,
    targets: &[Target],
    token: Token,
    standing: &Standing,
) -> Result<(), StoreError> {
    if shared.store.extend(targets, token, shared.intent).await? {
        return Ok(());
    }
    // From here on readers are kept off again; what happened in between is not known.
    standing.set(LOST);
    shared.store.begin(targets, token, shared.intent).await
}
