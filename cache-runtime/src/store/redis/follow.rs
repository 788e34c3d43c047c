//! How this process hears of what others change: a connection of its own that Redis pushes messages to.
//!
//! What arrives is handed to the ear where the connection is read, before anything that Redis has sent later, and nothing is put aside: a process that
//! can't keep up stops reading, and Redis cuts it off. So the answer to a question on this connection says that everything sent before it was heard.

use super::{
    answers::time_of,
    error::{no_replica, nonsense, store_error},
    keeper::in_time,
    names::PhysicalKeys,
    options::RedisOptions,
};
use crate::store::{Change, Ear, Group, Partition, StoreError, StoreErrorKind};
use redis::{
    AsyncConnectionConfig, Client, Cmd, Pipeline, ProtocolVersion, PushInfo, PushKind, RedisResult, Value,
    aio::{MultiplexedConnection, SendError},
};
use std::sync::{Arc, OnceLock};
use tokio::{sync::Notify, time};

const OPERATION: &str = "follow";
/// How many hex digits tell who sent a message.
const ORIGIN: usize = 16;

/// Hears until the connection is lost, or says something that can't be understood.
pub(super) async fn follow(
    options: &RedisOptions,
    origin: Arc<str>,
    ear: Arc<dyn Ear>,
) -> Result<(), StoreError> {
    let broken = Arc::new(Broken::default());
    let hearing = Hearing { keys: options.keys.clone(), origin, ear: ear.clone(), broken: broken.clone() };
    let dialled = in_time(options.connect_timeout, dial(options, hearing)).await;
    let mut connection = dialled.map_err(|error| store_error(OPERATION, error))?;
    in_time(options.ping_timeout, subscribe(options, &mut connection))
        .await
        .map_err(|error| store_error(OPERATION, error))?;
    loop {
        let asked_at = ear.now();
        let store_time = tokio::select! {
            answer = in_time(options.ping_timeout, ask(&mut connection)) => {
                answer.map_err(|error| store_error(OPERATION, error))?
            }
            error = broken.wait() => return Err(error),
        };
        let store_time = time_of(OPERATION, store_time)?;
        if let Some(error) = broken.error() {
            return Err(error);
        }
        ear.heard(asked_at, store_time);
        tokio::select! {
            () = time::sleep(ear.every()) => {}
            error = broken.wait() => return Err(error),
        }
    }
}

async fn dial(options: &RedisOptions, hearing: Hearing) -> RedisResult<MultiplexedConnection> {
    // Only this protocol has messages beside answers.
    let info = options.client.get_connection_info().clone();
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(info.set_redis_settings(settings))?;
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
        .set_push_sender(move |push: PushInfo| {
            hearing.hear(&push);
            Ok::<_, SendError>(())
        });
    client.get_multiplexed_async_connection_with_config(&config).await
}

async fn subscribe(options: &RedisOptions, connection: &mut MultiplexedConnection) -> RedisResult<()> {
    let mut all = Pipeline::new();
    for partition in Partition::all() {
        all.cmd("SSUBSCRIBE").arg(options.keys.channel(partition));
    }
    if options.foreign_writes {
        all.cmd("CLIENT").arg("TRACKING").arg("ON").arg("BCAST").arg("PREFIX").arg(options.keys.all_data());
    }
    let answers = connection.send_packed_commands(&all, 0, all.len()).await?;
    answers.into_iter().try_for_each(|answer| answer.extract_error().map(drop))
}

/// Asks for the time; the server must still be the primary, as for the connection that entries are read on.
async fn ask(connection: &mut MultiplexedConnection) -> RedisResult<Value> {
    let time = send(connection, &redis::cmd("TIME")).await?;
    // Not together: Redis sends what it has tracked at the end of the round in which it has answered, so only the next answer is behind that.
    no_replica(&send(connection, &redis::cmd("ROLE")).await?)?;
    Ok(time)
}

async fn send(connection: &mut MultiplexedConnection, cmd: &Cmd) -> RedisResult<Value> {
    connection.send_packed_command(cmd).await?.extract_error()
}

/// Why nothing more is heard.
#[derive(Default)]
struct Broken {
    kind: OnceLock<StoreErrorKind>,
    noticed: Notify,
}

impl Broken {
    fn set(&self, kind: StoreErrorKind) {
        // The first reason is the one that counts.
        let _ = self.kind.set(kind);
        self.noticed.notify_one();
    }

    fn error(&self) -> Option<StoreError> {
        match self.kind.get()? {
            StoreErrorKind::Protocol => Some(nonsense(OPERATION)),
            kind => Some(StoreError::new(*kind, OPERATION)),
        }
    }

    async fn wait(&self) -> StoreError {
        loop {
            if let Some(error) = self.error() {
                return error;
            }
            self.noticed.notified().await;
        }
    }
}

/// Understands what Redis pushes.
struct Hearing {
    keys: Arc<PhysicalKeys>,
    origin: Arc<str>,
    ear: Arc<dyn Ear>,
    broken: Arc<Broken>,
}

impl Hearing {
    fn hear(&self, push: &PushInfo) {
        let understood = match &push.kind {
            PushKind::SMessage => self.message(&push.data),
            PushKind::Invalidate => self.tracked(&push.data),
            PushKind::Disconnection
            | PushKind::SUnsubscribe
            | PushKind::Unsubscribe
            | PushKind::PUnsubscribe => {
                return self.broken.set(StoreErrorKind::Connection);
            }
            _ => Some(()),
        };
        if understood.is_none() {
            // It may have meant anything.
            self.ear.changed(Change::Everything);
            self.broken.set(StoreErrorKind::Protocol);
        }
    }

    /// A message of the scripts: who has changed something, and then what.
    fn message(&self, data: &[Value]) -> Option<()> {
        let [Value::BulkString(channel), Value::BulkString(message)] = data else { return None };
        let partition = self.keys.parse_channel(std::str::from_utf8(channel).ok()?)?;
        let (origin, notes) = message.split_at_checked(ORIGIN)?;
        if origin == self.origin.as_bytes() {
            return Some(());
        }
        for note in Notes(notes) {
            let (kind, text) = note?;
            self.ear.changed(match kind {
                b'k' => Change::Key { text: text.into(), partition },
                b'g' => Change::Group(Group { text: text.into(), partition }),
                b'e' => Change::Everything,
                _ => return None,
            });
        }
        Some(())
    }

    /// What Redis itself tells of keys that were written, whoever did it.
    fn tracked(&self, data: &[Value]) -> Option<()> {
        match data {
            [Value::Nil] => self.ear.changed(Change::Everything),
            [Value::Array(names)] => {
                for name in names {
                    let Value::BulkString(name) = name else { return None };
                    // Names that aren't text aren't ours.
                    let parsed = std::str::from_utf8(name).ok().and_then(|name| self.keys.parse_data(name));
                    if let Some((partition, text)) = parsed {
                        self.ear.changed(Change::Key { text: text.into(), partition });
                    }
                }
            }
            _ => return None,
        }
        Some(())
    }
}

/// Kind, length in bytes, a colon and the text of each thing changed.
struct Notes<'m>(&'m [u8]);

impl<'m> Iterator for Notes<'m> {
    /// `None` for what can't be understood.
    type Item = Option<(u8, &'m str)>;

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, rest) = self.0.split_first()?;
        let note = || {
            let colon = rest.iter().position(|byte| *byte == b':')?;
            let (length, rest) = rest.split_at_checked(colon)?;
            let length = std::str::from_utf8(length).ok()?.parse().ok()?;
            let (text, rest) = rest.get(1..)?.split_at_checked(length)?;
            Some((std::str::from_utf8(text).ok()?, rest))
        };
        let Some((text, rest)) = note() else {
            self.0 = &[];
            return Some(None);
        };
        self.0 = rest;
        Some(Some((*kind, text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::Mutex, time::Duration};

    #[derive(Default)]
    struct Heard(Mutex<Vec<Change>>);

    impl Ear for Heard {
        fn now(&self) -> Duration {
            Duration::ZERO
        }

        fn every(&self) -> Duration {
            Duration::ZERO
        }

        fn changed(&self, change: Change) {
            self.0.lock().unwrap().push(change);
        }

        fn heard(&self, _: Duration, _: Duration) {}
    }

    const OWN: &str = "00000000000000aa";
    const OTHER: &str = "00000000000000bb";

    fn hear(kind: PushKind, data: Vec<Value>) -> (Vec<Change>, Option<StoreErrorKind>) {
        let ear = Arc::new(Heard::default());
        let keys = Arc::new(PhysicalKeys::new("shop").unwrap());
        let broken = Arc::new(Broken::default());
        let hearing = Hearing { keys, origin: OWN.into(), ear: ear.clone(), broken: broken.clone() };
        hearing.hear(&PushInfo { kind, data });
        let heard = ear.0.lock().unwrap().clone();
        (heard, broken.kind.get().copied())
    }

    fn text(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn message(origin: &str, notes: &str) -> Vec<Value> {
        vec![text("shop:c:{frw}:m"), text(&format!("{origin}{notes}"))]
    }

    #[test]
    fn messages_name_what_was_changed() {
        let partition = Partition::of("product:42");
        let (heard, broken) = hear(PushKind::SMessage, message(OTHER, "k10:product:42g9:browse:äe0:"));
        let group = Group { text: "browse:ä".into(), partition };
        let key = Change::Key { text: "product:42".into(), partition };
        assert_eq!(heard, [key, Change::Group(group), Change::Everything][..]);
        assert_eq!(broken, None);
    }

    #[test]
    fn own_messages_are_passed_over() {
        assert_eq!(hear(PushKind::SMessage, message(OWN, "k10:product:42")), (Vec::new(), None));
    }

    #[test]
    fn what_can_not_be_understood_may_mean_anything() {
        for notes in ["k11:product:42", "k:product:42", "x10:product:42", "k2:é9", "k1:a7", "kk"] {
            let (heard, broken) = hear(PushKind::SMessage, message(OTHER, notes));
            assert_eq!(heard.last(), Some(&Change::Everything), "{notes}");
            assert_eq!(broken, Some(StoreErrorKind::Protocol), "{notes}");
        }
        for data in
            [vec![], vec![text("other:c:{frw}:m"), text(OTHER)], vec![text("shop:c:{frw}:m"), text("short")]]
        {
            assert_eq!(hear(PushKind::SMessage, data).1, Some(StoreErrorKind::Protocol));
        }
    }

    #[test]
    fn tracked_names_are_keys_and_none_is_everything() {
        let names =
            vec![text("shop:d:{frw}:product:42#beef"), text("shop:d:else"), Value::BulkString(vec![0xff])];
        let (heard, broken) = hear(PushKind::Invalidate, vec![Value::Array(names)]);
        let partition = Partition::of("product:42");
        assert_eq!(heard, [Change::Key { text: "product:42".into(), partition }]);
        assert_eq!(broken, None);
        assert_eq!(hear(PushKind::Invalidate, vec![Value::Nil]), (vec![Change::Everything], None));
    }

    #[test]
    fn lost_subscription_ends_it() {
        for kind in [PushKind::Disconnection, PushKind::SUnsubscribe] {
            assert_eq!(hear(kind, Vec::new()), (Vec::new(), Some(StoreErrorKind::Connection)));
        }
    }
}
