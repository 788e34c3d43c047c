//! What one process changes the others are told, before they are told that they have heard of everything.

use super::{LONG, Subject, group, key, page, target};
use crate::store::{Change, Clear, Ear, EntryKey, Fill, FillOutcome, Kept, Store, Target, Token, Written};
use bytes::Bytes;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{sync::watch, task::JoinHandle};

/// How long a store may take to tell something.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Changed(Change),
    Heard { asked_at: Duration, store_time: Duration },
}

/// An ear that remembers what it was told, in order.
#[derive(Debug)]
struct Recorder {
    begun: Instant,
    events: Mutex<Vec<Event>>,
    asked_at: watch::Sender<Option<Duration>>,
}

impl Recorder {
    fn events(&self) -> Vec<Event> {
        self.events.lock().expect("nobody panics with it").clone()
    }

    fn add(&self, event: Event) {
        self.events.lock().expect("nobody panics with it").push(event);
    }
}

impl Ear for Recorder {
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn every(&self) -> Duration {
        Duration::from_millis(2)
    }

    fn changed(&self, change: Change) {
        self.add(Event::Changed(change));
    }

    fn heard(&self, asked_at: Duration, store_time: Duration) {
        self.add(Event::Heard { asked_at, store_time });
        self.asked_at.send_replace(Some(asked_at));
    }
}

/// Somebody who follows a store, for as long as this lives.
struct Follower {
    ear: Arc<Recorder>,
    following: JoinHandle<()>,
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.following.abort();
    }
}

impl Follower {
    async fn of(store: &Arc<dyn Store>) -> Self {
        let ear = Arc::new(Recorder {
            begun: Instant::now(),
            events: Mutex::default(),
            asked_at: watch::Sender::new(None),
        });
        let (store, listener) = (store.clone(), ear.clone());
        let following = tokio::spawn(async move {
            let error = store.follow(listener).await.expect_err("following never ends well");
            panic!("the store under test can be followed: {error}");
        });
        let follower = Self { ear, following };
        follower.caught_up().await;
        follower
    }

    /// Waits until everything was heard that was changed before this call.
    async fn caught_up(&self) {
        let now = self.ear.now();
        let mut asked_at = self.ear.asked_at.subscribe();
        let heard = asked_at.wait_for(|asked_at| asked_at.is_some_and(|asked_at| asked_at >= now));
        let heard = tokio::time::timeout(PATIENCE, heard).await.expect("the store under test tells in time");
        heard.expect("the ear lives");
    }

    /// What was told since the last time.
    async fn told(&self) -> Vec<Change> {
        self.caught_up().await;
        let events = std::mem::take(&mut *self.ear.events.lock().expect("nobody panics with it"));
        let changes = events.into_iter().filter_map(|event| match event {
            Event::Changed(change) => Some(change),
            Event::Heard { .. } => None,
        });
        changes.collect()
    }
}

fn changed(key: &EntryKey) -> Change {
    Change::Key { text: key.text.clone(), partition: key.partition }
}

async fn filled(store: &dyn Store, key: &EntryKey) {
    let token = Token::random();
    let lookup = store.acquire(key, token, LONG).await.expect("the store under test answers an acquire");
    let crate::store::Lookup::Granted { epoch, stamps } = lookup else {
        panic!("the lease should have been granted, not {lookup:?}")
    };
    assert!(store.renew(key, token, LONG).await.expect("the store under test answers a renewal"));
    let entry = Bytes::from_static(b"one");
    let fill = Fill { token, entry, ttl: Some(LONG), epoch, stamps, version: None };
    let outcome = store.fill(key, fill).await.expect("the store under test answers a fill");
    assert_eq!(outcome, FillOutcome::Stored);
}

/// An invalidation tells the keys and groups it drops, those that are not stored, too.
pub async fn invalidations_are_told_to_others(s: &Subject) {
    let follower = Follower::of(s.other()).await;
    let (key, page) = (key("product:1"), page("books", 1));
    s.invalidate(&[target(&key), Target::Group(group("books")), target(&page)], None).await;
    let mut told = follower.told().await;
    let mut expected = vec![changed(&key), Change::Group(group("books")), changed(&page)];
    let order = |change: &Change| format!("{change:?}");
    told.sort_by_key(order);
    expected.sort_by_key(order);
    assert_eq!(told, expected);
    s.invalidate(&[target(&key)], Some(LONG)).await;
    assert_eq!(follower.told().await, [changed(&key)]);
}

/// An announced write is told when it begins and when it ends, whether or not it leaves an entry.
pub async fn writes_are_told_to_others_at_both_ends(s: &Subject) {
    let follower = Follower::of(s.other()).await;
    let key = key("product:1");
    for kept in [false, true] {
        let token = Token::random();
        s.store().begin(&[target(&key)], token, LONG).await.expect("the store under test answers a begin");
        assert_eq!(follower.told().await, [changed(&key)]);
        assert!(s.store().extend(&[target(&key)], token, LONG).await.expect("the store under test answers"));
        assert_eq!(follower.told().await, []);
        let pulse = s.store().pulse().await.expect("the store under test has a pulse");
        let kept = kept.then(|| Kept {
            fingerprint: key.fingerprint,
            entry: Bytes::from_static(b"two"),
            ttl: Some(LONG),
            epoch: pulse.epochs[key.partition.index()],
        });
        let written = [Written { target: target(&key), kept }];
        s.store().end(&written, token).await.expect("the store under test answers an end");
        assert_eq!(follower.told().await, [changed(&key)]);
    }
}

/// Clearing tells that anything may have gone.
pub async fn clearing_is_told_to_others(s: &Subject) {
    let follower = Follower::of(s.other()).await;
    let prefix =
        Clear::Prefix { prefix: "product:".into(), matches: |_, _| true, template: "product:<id>".into() };
    for scope in [Clear::Namespace, prefix] {
        s.store().clear(&scope).await.expect("the store under test can be cleared");
        let told = follower.told().await;
        assert!(!told.is_empty() && told.iter().all(|change| *change == Change::Everything), "{told:?}");
    }
}

/// Who changes something drops it by itself, exactly; messages about that would come too late or drop too much.
pub async fn own_changes_are_not_told(s: &Subject) {
    let follower = Follower::of(s.shared_store()).await;
    let key = key("product:1");
    s.invalidate(&[target(&key)], None).await;
    let token = Token::random();
    s.store().begin(&[target(&key)], token, LONG).await.expect("the store under test answers a begin");
    let written = [Written { target: target(&key), kept: None }];
    s.store().end(&written, token).await.expect("the store under test answers an end");
    s.store().clear(&Clear::Namespace).await.expect("the store under test can be cleared");
    assert_eq!(follower.told().await, []);
}

/// Reading, asking for leave, loading and storing change nothing that anybody else has.
pub async fn reads_and_fills_are_not_told(s: &Subject) {
    let follower = Follower::of(s.other()).await;
    let (stored, released) = (key("product:1"), key("product:2"));
    filled(s.store(), &stored).await;
    filled(s.store(), &page("books", 1)).await;
    assert!(s.entry(&stored).await.is_some());
    let grant = s.granted(&released, LONG).await;
    s.store().release(&released, grant.token).await.expect("the store under test answers a release");
    assert_eq!(follower.told().await, []);
}

/// Neither by the clock of who listens nor by the store's is anything told too late.
pub async fn what_was_changed_is_told_before_it_counts_as_heard(s: &Subject) {
    let follower = Follower::of(s.other()).await;
    for number in 0..200 {
        let key = key(&format!("product:{number}"));
        let told = s.store().invalidate(&[target(&key)], None).await.expect("the store under test answers");
        let now = follower.ear.now();
        follower.caught_up().await;
        let events = follower.ear.events();
        let at = events.iter().position(|event| *event == Event::Changed(changed(&key)));
        let at = at.expect("it was told");
        for event in &events[..at] {
            if let Event::Heard { asked_at, store_time } = event {
                assert!(*asked_at < now, "asked at {asked_at:?}, changed before {now:?}");
                assert!(*store_time <= told.0, "heard of all before {store_time:?}, changed at {told:?}");
            }
        }
    }
}
