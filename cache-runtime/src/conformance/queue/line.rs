//! Writes wait in their order, and are told apart by their tokens.

use super::{QueueSubject, delta, deltas, done, event, given_up, tagging, write};
use crate::{
    conformance::{LONG, elsewhere},
    store::{Group, NewWrite, Put, Shows, Target, Token, Version},
};
use bytes::Bytes;
use futures_util::future::join_all;
use std::{borrow::Cow, collections::BTreeSet};

/// What came first is first; versions rise.
pub async fn writes_wait_in_their_order(s: &QueueSubject) {
    let mut ids = Vec::new();
    for text in ["product:c", "product:a", "product:b"] {
        ids.push(s.queued(&write(text, "one")).await);
    }
    assert!(ids.is_sorted_by(|a, b| a < b), "versions rise: {ids:?}");
    let claim = s.claim(Token::random(), LONG).await;
    let waiting = s.peek(&claim, 0, 10).await;
    let keys: Vec<_> = waiting.iter().map(|waiting| &*waiting.key).collect();
    assert_eq!(keys, ["product:c", "product:a", "product:b"]);
    assert_eq!(waiting.iter().map(|waiting| waiting.id).collect::<Vec<_>>(), ids);
    assert!(waiting.iter().all(|w| &*w.function == "Products::save product:<id>" && w.bytes >= 11));
}

/// A long line is seen piece by piece.
pub async fn peek_goes_on_after_an_id(s: &QueueSubject) {
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(s.queued(&write(&format!("product:{n}"), "one")).await);
    }
    let claim = s.claim(Token::random(), LONG).await;
    let first: Vec<_> = s.peek(&claim, 0, 2).await.iter().map(|waiting| waiting.id).collect();
    assert_eq!(first, ids[..2]);
    let rest: Vec<_> = s.peek(&claim, ids[1], 10).await.iter().map(|waiting| waiting.id).collect();
    assert_eq!(rest, ids[2..]);
    assert!(s.peek(&claim, ids[4], 10).await.is_empty());
}

/// A partition's line doesn't show, hold up or fill another's.
pub async fn partitions_are_lines_of_their_own(s: &QueueSubject) {
    let one = NewWrite { most: 1, ..write("product:1", "one") };
    let mut other = NewWrite { token: Token::random(), ..one.clone() };
    other.key.partition = elsewhere(one.key.partition);
    let ids = [s.queued(&one).await, s.queued(&other).await];
    let claims = s.claims(Token::random(), LONG).await;
    assert_eq!(claims.len(), 2);
    for claim in &claims {
        let id = if claim.partition == one.key.partition { ids[0] } else { ids[1] };
        assert_eq!(s.ids(claim).await, [id]);
    }
}

/// A key that is written again before it is flushed is flushed once, with the latest arguments, in its first place.
pub async fn later_write_takes_the_place_of_one_that_waits(s: &QueueSubject) {
    let id = s.queued(&write("product:1", "one")).await;
    let other = s.queued(&write("product:2", "two")).await;
    let version = s.coalesced(&write("product:1", "three")).await;
    assert!(version > other);
    let claim = s.claim(Token::random(), LONG).await;
    assert_eq!(s.ids(&claim).await, [id, other]);
    let taken = s.take(&claim, &[id, other]).await;
    assert_eq!((taken.writes[0].id, taken.writes[0].version), (id, version));
    assert_eq!(taken.writes[0].payload, "payload three");
}

/// Writes of two functions are two, and so is one between others of another.
pub async fn other_function_waits_by_itself(s: &QueueSubject) {
    let ids = [
        s.queued(&write("product:1", "one")).await,
        s.queued(&tagging("product:1", "two")).await,
        s.queued(&write("product:1", "three")).await,
    ];
    s.coalesced(&write("product:1", "four")).await;
    let claim = s.claim(Token::random(), LONG).await;
    assert_eq!(s.ids(&claim).await, ids);
}

/// Nothing takes another's place unless it says so.
pub async fn events_wait_by_themselves(s: &QueueSubject) {
    let ids = [s.queued(&event("product:1", "one")).await, s.queued(&event("product:1", "two")).await];
    let claim = s.claim(Token::random(), LONG).await;
    assert_eq!(s.ids(&claim).await, ids);
}

/// Nor is one that doesn't say so replaced by one that does, as by a later release of its function.
pub async fn event_is_not_replaced(s: &QueueSubject) {
    let ids = [s.queued(&event("product:1", "one")).await, s.queued(&write("product:1", "two")).await];
    s.coalesced(&write("product:1", "three")).await;
    let last = s.queued(&event("product:1", "four")).await;
    let claim = s.claim(Token::random(), LONG).await;
    assert_eq!(s.ids(&claim).await, [ids[0], ids[1], last]);
    assert!(s.settle_batch(&claim, None, &[done(last, last)]).await);
    s.coalesced(&write("product:1", "five")).await;
    assert_eq!(s.ids(&claim).await, ids);
}

/// Deltas are combined by whoever flushes them, not here.
pub async fn deltas_wait_by_themselves(s: &QueueSubject) {
    let ids = [s.queued(&delta("product:1", "one")).await, s.queued(&delta("product:1", "two")).await];
    let claim = s.claim(Token::random(), LONG).await;
    assert_eq!(s.ids(&claim).await, ids);
}

fn group(text: &str) -> Target {
    Target::Group(Group { text: text.into(), partition: write("product:1", "").key.partition })
}

/// What a replaced write would have dropped is dropped by the one in its place.
pub async fn drops_of_coalesced_writes_are_joined(s: &QueueSubject) {
    let dropping = |drops: &[&str]| NewWrite {
        drops: drops.iter().map(|text| group(text)).collect(),
        ..write("product:1", "one")
    };
    let id = s.queued(&dropping(&["browse:a", "browse:b"])).await;
    s.coalesced(&dropping(&["browse:b", "browse:c"])).await;
    let claim = s.claim(Token::random(), LONG).await;
    let taken = s.take(&claim, &[id]).await;
    assert_eq!(taken.writes[0].drops, [group("browse:a"), group("browse:b"), group("browse:c")]);
}

/// A call whose answer was lost is repeated with its token: it gets the answer, and counts once.
pub async fn repeated_token_is_answered_the_same(s: &QueueSubject) {
    let (first, second) = (delta("product:1", "one"), write("product:2", "one"));
    let third = write("product:2", "two");
    let puts = [s.enqueue(&first).await, s.enqueue(&second).await, s.enqueue(&third).await];
    assert!(matches!(puts, [Put::Queued(_), Put::Queued(_), Put::Coalesced(_)]), "{puts:?}");
    for (write, put) in [&first, &second, &third].into_iter().zip(puts) {
        assert_eq!(s.enqueue(write).await, put);
    }
    let claim = s.claim(Token::random(), LONG).await;
    assert_eq!(s.ids(&claim).await.len(), 2);
    let pending = s.look(&first.key).await.expect("it is pending");
    assert_eq!(pending.shows, deltas(&["one"]));
}

/// The same when it was flushed, or given up, in between.
pub async fn repeated_token_changes_nothing_after_the_flush(s: &QueueSubject) {
    let holder = Token::random();
    for end in [done, given_up] {
        let write = delta("product:1", "one");
        let put = s.enqueue(&write).await;
        let claim = s.claim(holder, LONG).await;
        s.flush(&claim, end).await;
        assert_eq!(s.enqueue(&write).await, put);
        assert_eq!(s.look(&write.key).await, None);
        assert!(s.ids(&claim).await.is_empty());
    }
}

/// At `most` writes no other gets a place, while one that needs none passes.
pub async fn full_partition_refuses(s: &QueueSubject) {
    let at_most_two = |text: &str| NewWrite { most: 2, ..write(text, "one") };
    s.queued(&at_most_two("product:1")).await;
    s.queued(&at_most_two("product:2")).await;
    let third = at_most_two("product:3");
    assert_eq!(s.enqueue(&third).await, Put::Full);
    assert_eq!(s.look(&third.key).await, None);
    s.coalesced(&at_most_two("product:2")).await;
    s.queued(&NewWrite { most: 3, ..write("product:3", "one") }).await;
}

/// What was refused was not done: the same call may succeed later.
pub async fn refused_write_may_come_again(s: &QueueSubject) {
    let first = NewWrite { most: 1, ..write("product:1", "one") };
    let second = NewWrite { most: 1, ..write("product:2", "two") };
    let mixed = delta("product:1", "three");
    s.queued(&first).await;
    assert_eq!(s.enqueue(&second).await, Put::Full);
    assert_eq!(s.enqueue(&mixed).await, Put::Mixed);
    let claim = s.claim(Token::random(), LONG).await;
    s.flush(&claim, done).await;
    s.queued(&second).await;
    s.queued(&mixed).await;
}

/// Deltas are added to what the database has, values replace it: one waits for the other to be flushed.
pub async fn delta_does_not_wait_beside_a_value(s: &QueueSubject) {
    let absent = |text| NewWrite { shows: Shows::Absent, ..write(text, "gone") };
    s.queued(&write("product:1", "one")).await;
    assert_eq!(s.enqueue(&delta("product:1", "two")).await, Put::Mixed);
    s.queued(&absent("product:2")).await;
    assert_eq!(s.enqueue(&delta("product:2", "two")).await, Put::Mixed);
    s.queued(&delta("product:3", "one")).await;
    assert_eq!(s.enqueue(&write("product:3", "two")).await, Put::Mixed);
    assert_eq!(s.enqueue(&absent("product:3")).await, Put::Mixed);
    s.coalesced(&absent("product:1")).await;
    let claim = s.claim(Token::random(), LONG).await;
    assert_eq!(s.ids(&claim).await.len(), 3);
}

/// Arguments may be any bytes, keys and names any text, and what is dropped is as it was said.
pub async fn writes_come_back_whole(s: &QueueSubject) {
    let everything: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let target = |text: &str, version| Target::Key {
        text: text.into(),
        partition: elsewhere(write("", "").key.partition),
        template: Cow::Owned("other:<id>".to_owned()),
        version,
    };
    let whole = NewWrite {
        payload: Bytes::from(everything),
        function: "Größe::\"speichern\" 'x:<id>'".into(),
        drops: vec![
            target("other:ä'\"\\%", None),
            target("other:2", Version::new(u64::MAX - 1)),
            group("browse:%,:1"),
        ],
        ..write("product:ä'\"\\{}[]%_,:1", "one")
    };
    let empty = NewWrite { payload: Bytes::new(), shows: Shows::Absent, ..write("product:", "") };
    let ids = [s.queued(&whole).await, s.queued(&empty).await];
    let claim = s.claim(Token::random(), LONG).await;
    let waiting = s.peek(&claim, 0, 10).await;
    assert!(waiting[0].bytes >= 100_000);
    let taken = s.take(&claim, &ids).await;
    for (given, taken) in [whole, empty].iter().zip(&taken.writes) {
        assert_eq!((&given.payload, &given.drops), (&taken.payload, &taken.drops));
        assert_eq!((&given.function, &given.key.text), (&taken.function, &taken.key));
        assert_eq!(taken.attempts, 0);
    }
}

/// How much waits, since when, and how much was given up.
pub async fn depths_tell_what_waits(s: &QueueSubject) {
    let depths = async || s.queue().depths().await.expect("the queue under test tells its depths");
    assert!(depths().await.iter().all(|depth| depth.writes == 0 && depth.dead == 0));
    let oldest = s.queued(&write("product:1", "one")).await;
    s.queued(&write("product:2", "one")).await;
    let newest = s.coalesced(&write("product:1", "two")).await;
    let full: Vec<_> = depths().await.into_iter().filter(|depth| depth.writes > 0).collect();
    assert_eq!(full.len(), 1);
    assert_eq!((full[0].writes, full[0].oldest, full[0].dead), (2, Some(oldest), 0));
    assert!(full[0].newest >= newest);
    let claim = s.claim(Token::random(), LONG).await;
    s.flush(&claim, |id, version| if id == oldest { given_up(id, version) } else { done(id, version) }).await;
    let left: Vec<_> = depths().await.into_iter().filter(|depth| depth.dead > 0).collect();
    assert_eq!((left.len(), left[0].writes, left[0].oldest, left[0].dead), (1, 0, None, 1));
}

/// Writers don't lose each other's writes, and no version is given twice.
pub async fn many_enqueue_at_once(s: &QueueSubject) {
    let writes: Vec<_> = (0..40).map(|n| write(&format!("product:{}", n % 10), &format!("{n}"))).collect();
    let puts = join_all(writes.iter().map(|write| s.enqueue(write))).await;
    let versions: BTreeSet<_> = puts
        .iter()
        .map(|put| match put {
            Put::Queued(version) | Put::Coalesced(version) => *version,
            other => panic!("the write should have been accepted, not {other:?}"),
        })
        .collect();
    assert_eq!(versions.len(), 40);
    let queued = puts.iter().filter(|put| matches!(put, Put::Queued(_))).count();
    assert_eq!(queued, 10);
    let claim = s.claim(Token::random(), LONG).await;
    assert_eq!(s.ids(&claim).await.len(), 10);
}
