//! What was given up is kept, and may come back.

use super::{
    QueueSubject, delta, deltas, done, entry, event, failed, given_up, halting, key, tagging, write,
};
use crate::{
    conformance::LONG,
    store::{Claim, Dead, NewWrite, Partition, Put, Replayed, Settled, Shown, Token},
};

async fn replay(s: &QueueSubject, dead: &Dead) -> Replayed {
    s.queue().replay(dead.partition, dead.write.id).await.expect("the queue under test replays")
}

async fn discard(s: &QueueSubject, dead: &Dead) -> bool {
    s.queue().discard(dead.partition, dead.write.id).await.expect("the queue under test discards")
}

/// Claims, and gives up all that waits.
async fn bury(s: &QueueSubject, holder: Token, end: impl Fn(u64, u64) -> Settled) -> Claim {
    let claim = s.claim(holder, LONG).await;
    s.flush(&claim, end).await;
    claim
}

/// The one dead letter.
async fn the_dead(s: &QueueSubject) -> Dead {
    let mut dead = s.dead().await;
    assert_eq!(dead.len(), 1, "{dead:?}");
    dead.remove(0)
}

/// Payload, error and times; its key shows what the database has.
pub async fn dead_letter_is_kept_whole(s: &QueueSubject) {
    let write = write("product:1", "one");
    let id = s.queued(&write).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.flush(&claim, failed).await;
    s.flush(&claim, given_up).await;
    let dead = the_dead(s).await;
    assert_eq!((dead.partition, dead.write.id, dead.write.version), (write.key.partition, id, id));
    assert_eq!((&dead.write.payload, &dead.write.function), (&write.payload, &write.function));
    assert_eq!((&dead.write.key, dead.write.attempts), (&write.key.text, 1));
    assert_eq!((&*dead.error, dead.halted, dead.superseded), ("it is broken", false, false));
    assert!(dead.times.0 <= dead.times.1 && dead.times.0.as_micros() > 0);
    assert_eq!(s.look(&write.key).await, None);
    assert!(s.ids(&claim).await.is_empty());
}

/// It has another chance as somebody else.
pub async fn replaced_write_does_not_die(s: &QueueSubject) {
    let id = s.queued(&write("product:1", "one")).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &[id]).await;
    let version = s.coalesced(&write("product:1", "two")).await;
    assert!(s.settle(&claim, &[given_up(id, id)]).await);
    assert_eq!(s.dead().await, []);
    let taken = s.take(&claim, &[id]).await;
    assert_eq!((taken.writes[0].version, &*taken.writes[0].payload), (version, &b"payload two"[..]));
}

/// It comes back as a new write, seen by every reader.
pub async fn dead_letter_is_replayed(s: &QueueSubject) {
    let write = write("product:1", "one");
    let id = s.queued(&write).await;
    let claim = bury(s, Token::random(), given_up).await;
    let later = s.queued(&super::write("product:2", "two")).await;
    let dead = the_dead(s).await;
    assert_eq!(replay(s, &dead).await, Replayed::Queued);
    assert_eq!(s.dead().await, []);
    let ids = s.ids(&claim).await;
    assert_eq!((ids.len(), ids[0]), (2, later));
    assert!(ids[1] > id);
    let pending = s.look(&write.key).await.expect("it is pending again");
    assert_eq!((pending.version, pending.shows), (ids[1], Shown::Value(entry("one"))));
    let taken = s.take(&claim, &ids[1..]).await;
    assert_eq!((&taken.writes[0].payload, taken.writes[0].attempts), (&write.payload, 0));
    assert_eq!(taken.writes[0].version, ids[1]);
}

/// What readers see already isn't replaced by something older.
pub async fn newer_pending_write_supersedes(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    let claim = bury(s, Token::random(), given_up).await;
    let newer = s.queued(&write("product:1", "two")).await;
    let dead = the_dead(s).await;
    assert_eq!(replay(s, &dead).await, Replayed::Superseded);
    assert_eq!(the_dead(s).await.write, dead.write, "it stays where it is");
    assert_eq!(s.ids(&claim).await, [newer]);
}

/// Nor what the database has.
pub async fn newer_flushed_write_supersedes(s: &QueueSubject) {
    let holder = Token::random();
    for text in ["product:1", "product:2"] {
        s.queued(&write(text, "one")).await;
    }
    bury(s, holder, given_up).await;
    s.queued(&write("product:1", "two")).await;
    bury(s, holder, done).await;
    let dead = s.dead().await;
    assert_eq!(dead.iter().map(|dead| dead.superseded).collect::<Vec<_>>(), [true, false]);
    assert_eq!(replay(s, &dead[0]).await, Replayed::Superseded);
    assert_eq!(replay(s, &dead[1]).await, Replayed::Queued);
    assert!(discard(s, &dead[0]).await);
}

/// A write before the one that was given up says nothing about it.
pub async fn older_flushed_write_does_not_supersede(s: &QueueSubject) {
    let first = s.queued(&write("product:1", "one")).await;
    s.queued(&tagging("product:1", "two")).await;
    let end = |id, version| if id == first { done(id, version) } else { given_up(id, version) };
    bury(s, Token::random(), end).await;
    let dead = the_dead(s).await;
    assert!(!dead.superseded);
    assert_eq!(replay(s, &dead).await, Replayed::Queued);
}

/// Each event counts, whatever came after it: others, or a value.
pub async fn events_are_always_replayed(s: &QueueSubject) {
    let holder = Token::random();
    for value in ["one", "two"] {
        s.queued(&event("product:1", value)).await;
    }
    bury(s, holder, given_up).await;
    let dead = s.dead().await;
    assert_eq!(replay(s, &dead[0]).await, Replayed::Queued);
    bury(s, holder, done).await;
    assert!(!the_dead(s).await.superseded);
    s.queued(&write("product:1", "three")).await;
    bury(s, holder, done).await;
    assert!(!the_dead(s).await.superseded);
    let pending = s.queued(&write("product:1", "four")).await;
    assert_eq!(replay(s, &dead[1]).await, Replayed::Queued);
    let claim = s.claim(holder, LONG).await;
    let ids = s.ids(&claim).await;
    assert_eq!((ids.len(), ids[0]), (2, pending));
    assert_eq!(s.take(&claim, &ids).await.writes[1].payload, "payload two");
}

/// Nor does it replace a value that was given up: this comes back beside it.
pub async fn event_supersedes_nothing(s: &QueueSubject) {
    let holder = Token::random();
    s.queued(&write("product:1", "one")).await;
    bury(s, holder, given_up).await;
    s.queued(&event("product:1", "two")).await;
    bury(s, holder, done).await;
    let dead = the_dead(s).await;
    assert!(!dead.superseded);
    let event = s.queued(&event("product:1", "three")).await;
    assert_eq!(replay(s, &dead).await, Replayed::Queued);
    let claim = s.claim(holder, LONG).await;
    let ids = s.ids(&claim).await;
    assert_eq!((ids.len(), ids[0]), (2, event));
    s.coalesced(&write("product:1", "four")).await;
}

/// It is as if it were made now. What was shown before may be needed again.
pub async fn replayed_event_is_shown_last(s: &QueueSubject) {
    let holder = Token::random();
    s.queued(&event("product:1", "one")).await;
    bury(s, holder, given_up).await;
    let other = s.queued(&event("product:1", "two")).await;
    assert_eq!(replay(s, &the_dead(s).await).await, Replayed::Queued);
    let shown = async || s.look(&key("product:1")).await.expect("it is pending").shows;
    assert_eq!(shown().await, Shown::Value(entry("one")));
    let claim = s.claim(holder, LONG).await;
    let ids = s.ids(&claim).await;
    s.take(&claim, &ids).await;
    assert!(s.settle(&claim, &[given_up(other, other), done(ids[1], ids[1])]).await);
    assert_eq!(s.look(&key("product:1")).await, None);
    assert_eq!(replay(s, &the_dead(s).await).await, Replayed::Queued);
    assert_eq!(shown().await, Shown::Value(entry("two")));
}

/// A halted key takes no values, those of earlier dead letters either; an event waits there until it goes on.
pub async fn whole_write_is_not_replayed_into_a_halted_key(s: &QueueSubject) {
    let holder = Token::random();
    let ids = [s.queued(&write("product:1", "one")).await, s.queued(&event("product:1", "two")).await];
    bury(s, holder, given_up).await;
    s.queued(&event("product:1", "three")).await;
    let claim = bury(s, holder, halting).await;
    let dead = s.dead().await;
    assert_eq!(dead[..2].iter().map(|dead| dead.write.id).collect::<Vec<_>>(), ids);
    assert_eq!(replay(s, &dead[0]).await, Replayed::Superseded);
    assert_eq!(replay(s, &dead[1]).await, Replayed::Queued);
    assert!(s.ids(&claim).await.is_empty(), "the key is halted");
    assert_eq!(replay(s, &dead[2]).await, Replayed::Queued);
    let ids = s.ids(&claim).await;
    assert_eq!((ids.len(), ids[0]), (2, dead[2].write.id));
    assert_eq!(replay(s, &dead[0]).await, Replayed::Queued);
}

/// What is added may be added later.
pub async fn delta_is_always_replayed(s: &QueueSubject) {
    let holder = Token::random();
    s.queued(&delta("product:1", "one")).await;
    bury(s, holder, given_up).await;
    s.queued(&delta("product:1", "two")).await;
    bury(s, holder, done).await;
    s.queued(&delta("product:1", "three")).await;
    let dead = the_dead(s).await;
    assert!(!dead.superseded);
    assert_eq!(replay(s, &dead).await, Replayed::Queued);
    let pending = s.look(&key("product:1")).await.expect("both are pending");
    assert_eq!(pending.shows, deltas(&["three", "one"]));
}

/// As when it is enqueued, it doesn't wait beside a value.
pub async fn delta_is_not_replayed_beside_a_value(s: &QueueSubject) {
    let holder = Token::random();
    s.queued(&delta("product:1", "one")).await;
    bury(s, holder, given_up).await;
    s.queued(&write("product:1", "two")).await;
    let dead = the_dead(s).await;
    assert_eq!(replay(s, &dead).await, Replayed::Superseded);
    bury(s, holder, done).await;
    assert_eq!(replay(s, &dead).await, Replayed::Queued);
}

/// Where there is no dead letter nothing is replayed or discarded.
pub async fn what_is_not_there_is_gone(s: &QueueSubject) {
    let partition = key("product:1").partition;
    let nothing = async |id| {
        assert!(matches!(s.queue().replay(partition, id).await, Ok(Replayed::Gone)));
        assert!(matches!(s.queue().discard(partition, id).await, Ok(false)));
    };
    nothing(1).await;
    let id = s.queued(&write("product:1", "one")).await;
    nothing(id).await;
    assert_eq!(s.dead().await, []);
    assert!(s.look(&key("product:1")).await.is_some());
}

/// Forgotten is forgotten.
pub async fn discarded_letter_is_gone(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    bury(s, Token::random(), given_up).await;
    let dead = the_dead(s).await;
    assert!(discard(s, &dead).await);
    assert!(!discard(s, &dead).await);
    assert_eq!(replay(s, &dead).await, Replayed::Gone);
    assert_eq!(s.dead().await, []);
}

/// A halted key shows what was given up and takes nothing more; others go on.
pub async fn halted_key_takes_no_writes(s: &QueueSubject) {
    let version = s.queued(&write("product:1", "one")).await;
    bury(s, Token::random(), halting).await;
    assert!(the_dead(s).await.halted);
    assert_eq!(s.enqueue(&write("product:1", "two")).await, Put::Halted);
    let pending = s.look(&key("product:1")).await.expect("a halted key is pending");
    assert_eq!((pending.halted, pending.version), (true, version));
    assert_eq!(pending.shows, Shown::Value(entry("one")));
    s.queued(&write("product:2", "two")).await;
}

/// It comes back where it was, as it was, and its key goes on.
pub async fn halted_write_is_replayed_in_its_place(s: &QueueSubject) {
    let holder = Token::random();
    let id = s.queued(&write("product:1", "one")).await;
    let claim = bury(s, holder, halting).await;
    let later = s.queued(&write("product:2", "two")).await;
    assert_eq!(replay(s, &the_dead(s).await).await, Replayed::Queued);
    assert_eq!(s.ids(&claim).await, [id, later]);
    let taken = s.take(&claim, &[id]).await;
    assert_eq!((taken.writes[0].version, taken.writes[0].attempts), (id, 0));
    s.coalesced(&write("product:1", "three")).await;
    assert_eq!(s.look(&key("product:1")).await.map(|pending| pending.halted), Some(false));
    assert_eq!(s.dead().await, []);
}

/// Giving it up for good lets the key show what the database has.
pub async fn discarded_halt_frees_its_key(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    bury(s, Token::random(), halting).await;
    assert!(discard(s, &the_dead(s).await).await);
    assert_eq!(s.look(&key("product:1")).await, None);
    s.queued(&write("product:1", "two")).await;
}

/// What a halted key had waiting waits on, out of the flushers' sight, in its order.
pub async fn halted_key_keeps_its_other_writes(s: &QueueSubject) {
    let mut ids = Vec::new();
    for value in ["one", "two", "three"] {
        ids.push(s.queued(&delta("product:1", value)).await);
    }
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &ids).await;
    assert!(s.settle(&claim, &[halting(ids[1], ids[1])]).await);
    assert!(s.ids(&claim).await.is_empty());
    let pending = s.look(&key("product:1")).await.expect("they are pending");
    assert_eq!((pending.halted, pending.shows), (true, deltas(&["one", "three"])));
    assert_eq!(replay(s, &the_dead(s).await).await, Replayed::Queued);
    assert_eq!(s.ids(&claim).await, ids);
    let pending = s.look(&key("product:1")).await.expect("they are pending");
    assert_eq!((pending.halted, pending.shows), (false, deltas(&["one", "two", "three"])));
}

async fn overtake(s: &QueueSubject, version: u64) -> Vec<u64> {
    let overtaken =
        s.queue().overtake(&key("product:1"), version).await.expect("the queue under test answers");
    // As they waited.
    assert!(
        overtaken
            .iter()
            .all(|write| *write.key == *"product:1" && write.attempts == 0 && !write.payload.is_empty())
    );
    overtaken.iter().map(|write| write.id).collect()
}

/// A direct write was made after these were pending: they are older, and would undo it. What came later stays.
pub async fn overtaken_writes_die(s: &QueueSubject) {
    assert!(overtake(s, u64::MAX).await.is_empty());
    let mut ids = Vec::new();
    for write in [write("product:1", "one"), tagging("product:1", "two"), super::write("product:1", "three")]
    {
        ids.push(s.queued(&write).await);
    }
    let other = s.queued(&write("product:2", "one")).await;
    assert_eq!(overtake(s, ids[1]).await, ids[..2]);
    let claim = s.claim(Token::random(), LONG).await;
    assert_eq!(s.ids(&claim).await, [ids[2], other]);
    let dead = s.dead().await;
    assert_eq!(dead.iter().map(|dead| dead.write.id).collect::<Vec<_>>(), ids[..2]);
    assert!(dead.iter().all(|dead| dead.superseded && !dead.halted && dead.error.contains("overtook")));
    assert_eq!(overtake(s, ids[2]).await, [ids[2]]);
    assert_eq!(s.look(&key("product:1")).await, None);
    assert_eq!(s.ids(&claim).await, [other]);
    assert!(overtake(s, u64::MAX).await.is_empty());
}

/// An event is out of the direct write's way as well, but isn't undone by it.
pub async fn overtaken_event_may_be_replayed(s: &QueueSubject) {
    let id = s.queued(&event("product:1", "one")).await;
    assert_eq!(overtake(s, u64::MAX).await, [id]);
    let dead = the_dead(s).await;
    assert!(!dead.superseded && dead.error.contains("overtook"));
    assert_eq!(replay(s, &dead).await, Replayed::Queued);
}

/// Dead letters are older as well; deltas aren't, which are added whenever they come.
pub async fn overtaking_supersedes_dead_letters(s: &QueueSubject) {
    let holder = Token::random();
    for write in [write("product:1", "one"), write("product:2", "one")] {
        s.queued(&write).await;
    }
    bury(s, holder, given_up).await;
    s.queued(&delta("product:1", "two")).await;
    bury(s, holder, given_up).await;
    assert!(overtake(s, 1).await.is_empty());
    let superseded: Vec<_> = s.dead().await.iter().map(|dead| dead.superseded).collect();
    assert_eq!(superseded, [true, false, false]);
}

/// Errors come from elsewhere, and may say anything.
pub async fn error_may_be_any_text(s: &QueueSubject) {
    let write = NewWrite { function: "Products::save".into(), ..write("product:1", "one") };
    let id = s.queued(&write).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &[id]).await;
    let error = "\0 ä ' \" \\ %s $1".to_owned();
    let dead = Settled::Dead { id, version: id, error, halt: false };
    assert!(s.settle(&claim, &[dead]).await);
    assert!(the_dead(s).await.error.ends_with("ä ' \" \\ %s $1"));
    assert_eq!(the_dead(s).await.partition, Partition::of("product"));
}
