//! One connection to Redis, made again whenever it is lost.
//!
//! The client's own `ConnectionManager` isn't used: it reconnects on the runtime of whichever caller notices the loss, so
//! its driver would die with that runtime, and it never notices a server that accepts and doesn't answer. Here one task on
//! the cache's runtime, the [`keeper`](super::keeper), connects, verifies the namespace, and looks after it. Callers only send through the connection's
//! channel. Nothing is ever sent twice.

use super::{
    durability::{Durability, DurabilityLevel},
    error::store_error,
    keeper::Keeper,
    options::RedisOptions,
};
use crate::store::{StoreError, StoreErrorKind};
use redis::{Cmd, RedisError, RedisResult, Value, aio::MultiplexedConnection};
use std::{fmt, sync::Arc, time::Duration};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{Notify, watch},
    task::JoinHandle,
    time,
};

pub(super) struct Link {
    state: watch::Receiver<State>,
    durability: watch::Receiver<Durability>,
    doubt: Arc<Notify>,
    wanted: watch::Sender<Option<DurabilityLevel>>,
    keeper: JoinHandle<()>,
}

#[derive(Clone)]
pub(super) enum State {
    /// The first attempt, or the first one after a loss: worth waiting for.
    Connecting,
    Up(MultiplexedConnection),
    /// The latest attempt failed; the next one follows by itself.
    Down(Arc<RedisError>),
    /// Redis answers, but the namespace in it isn't ours.
    Refused(Arc<str>),
}

impl Link {
    pub(super) fn new(options: RedisOptions, runtime: &Handle) -> Self {
        let (sender, state) = watch::channel(State::Connecting);
        let doubt = Arc::new(Notify::new());
        let beside =
            Handle::try_current().ok().filter(|here| here.runtime_flavor() == RuntimeFlavor::MultiThread);
        let (found, durability) = watch::channel(Durability::Unverified);
        let (wanted, wants) = watch::channel(None);
        let keeper =
            Keeper { options, beside, state: sender, found, turned_off: false, doubt: doubt.clone(), wants };
        Self { state, durability, doubt, wanted, keeper: runtime.spawn(keeper.run()) }
    }

    /// A handle on the connection. Waits while it is being made, unless the latest attempt has failed.
    #[inline]
    pub(super) async fn connection(
        &self,
        operation: &'static str,
    ) -> Result<MultiplexedConnection, StoreError> {
        if let State::Up(connection) = &*self.state.borrow() {
            return Ok(connection.clone());
        }
        self.settled(operation).await
    }

    #[cold]
    async fn settled(&self, operation: &'static str) -> Result<MultiplexedConnection, StoreError> {
        let mut state = self.state.clone();
        let state =
            state.wait_for(|state| !matches!(state, State::Connecting)).await.map(|state| state.clone());
        let failed = |kind| StoreError::new(kind, operation);
        match state {
            Ok(State::Up(connection)) => Ok(connection),
            Ok(State::Down(error)) => {
                Err(failed(super::error::kind(&error)).because(RedisError::clone(&error)))
            }
            Ok(State::Refused(reason)) => Err(failed(StoreErrorKind::Refused).because(&*reason)),
            Ok(State::Connecting) | Err(_) => {
                Err(failed(StoreErrorKind::Connection).because("the cache's runtime has ended"))
            }
        }
    }

    /// Sends a command and waits for its answer.
    #[inline]
    pub(super) async fn send(&self, operation: &'static str, cmd: &Cmd) -> Result<Value, StoreError> {
        self.try_send(operation, cmd).await?.map_err(|error| store_error(operation, error))
    }

    /// The same, telling errors of the link from those that Redis answered with.
    pub(super) async fn try_send(
        &self,
        operation: &'static str,
        cmd: &Cmd,
    ) -> Result<RedisResult<Value>, StoreError> {
        let mut connection = self.connection(operation).await?;
        match connection.send_packed_command(cmd).await {
            Ok(Value::ServerError(error)) => {
                let error = RedisError::from(error);
                if super::error::is_of_replica(&error) {
                    self.doubt.notify_one();
                }
                Ok(Err(error))
            }
            Ok(value) => Ok(Ok(value)),
            Err(error) => Err(self.lost(operation, error)),
        }
    }

    /// Sends commands together and waits for all their answers.
    pub(super) async fn send_all(
        &self,
        operation: &'static str,
        pipe: &redis::Pipeline,
    ) -> Result<Vec<Value>, StoreError> {
        let mut connection = self.connection(operation).await?;
        let sent = connection.send_packed_commands(pipe, 0, pipe.len()).await;
        let values = sent.map_err(|error| self.lost(operation, error))?;
        values
            .into_iter()
            .map(|value| value.extract_error().map_err(|error| store_error(operation, error)))
            .collect()
    }

    /// The keeper looks at the connection at once instead of at its next ping.
    fn lost(&self, operation: &'static str, error: RedisError) -> StoreError {
        if error.is_unrecoverable_error() {
            self.doubt.notify_one();
        }
        store_error(operation, error)
    }

    pub(super) fn durability(&self) -> Durability {
        self.durability.borrow().clone()
    }

    /// Has Redis asked for its durability each second until it is enough, as somebody may change it. Returns at once.
    pub(super) fn want_durability(&self, level: DurabilityLevel) {
        self.wanted.send_if_modified(|wanted| wanted.replace(level) != Some(level));
    }

    pub(super) fn watch(&self) -> watch::Receiver<State> {
        self.state.clone()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.state.borrow() {
            State::Connecting => "Connecting",
            State::Up(_) => "Up",
            State::Down(_) => "Down",
            State::Refused(_) => "Refused",
        })
    }
}

/// Waits until the link has left `Connecting`, at most for `time`; used by those who start up.
pub(super) async fn settle(mut state: watch::Receiver<State>, time: Duration) -> bool {
    let up = state.wait_for(|state| matches!(state, State::Up(_) | State::Refused(_)));
    matches!(time::timeout(time, up).await, Ok(Ok(state)) if matches!(*state, State::Up(_)))
}
