//! How batches end.

use super::{QueueSubject, batch, done, failed, given_up, write};
use crate::{conformance::LONG, store::Token};

/// What the database has is forgotten here.
pub async fn settled_writes_are_gone(s: &QueueSubject) {
    let write = write("product:1", "one");
    let id = s.queued(&write).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &[id]).await;
    assert!(s.settle(&claim, &[done(id, id)]).await);
    assert!(s.ids(&claim).await.is_empty());
    assert_eq!(s.look(&write.key).await, None);
    assert_eq!(s.dead().await, []);
}

/// Taking is not removing.
pub async fn taken_writes_stay_until_they_are_settled(s: &QueueSubject) {
    let write = write("product:1", "one");
    let id = s.queued(&write).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &[id]).await;
    assert_eq!(s.ids(&claim).await, [id]);
    assert!(s.look(&write.key).await.is_some());
}

/// A write that was replaced while it was flushed isn't lost with it, and comes after what came before it.
pub async fn replaced_write_waits_again_at_the_end(s: &QueueSubject) {
    let write_of = |value| write("product:1", value);
    let id = s.queued(&write_of("one")).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &[id]).await;
    let other = s.queued(&write("product:2", "two")).await;
    let version = s.coalesced(&write_of("three")).await;
    assert_eq!(s.ids(&claim).await, [id, other], "it keeps its place until then");
    assert!(s.settle(&claim, &[done(id, id)]).await);
    let ids = s.ids(&claim).await;
    assert_eq!((ids.len(), ids[0]), (2, other));
    assert!(ids[1] > version);
    let pending = s.look(&write_of("").key).await.expect("the later write is pending");
    assert_eq!((pending.version, pending.flushed, pending.moving), (version, id, false));
    let last = s.coalesced(&write_of("four")).await;
    let taken = s.take(&claim, &ids[1..]).await;
    assert_eq!((taken.writes[0].id, taken.writes[0].version), (ids[1], last));
    assert!(s.settle(&claim, &[done(ids[1], last)]).await);
    assert_eq!(s.look(&write_of("").key).await, None);
    assert_eq!(s.ids(&claim).await, [other]);
}

/// How often it failed is told when it is taken next.
pub async fn failed_write_counts_its_attempts(s: &QueueSubject) {
    let ids = [s.queued(&write("product:1", "one")).await, s.queued(&write("product:2", "one")).await];
    let claim = s.claim(Token::random(), LONG).await;
    for attempts in 0..3 {
        let taken = s.take(&claim, &ids).await;
        assert_eq!((taken.writes[0].attempts, taken.writes[1].attempts), (attempts, 0));
        assert!(s.settle(&claim, &[failed(ids[0], ids[0])]).await);
    }
    assert_eq!(s.ids(&claim).await, ids);
}

/// The one in its place starts anew, and isn't blamed for what the earlier one did.
pub async fn replaced_write_has_no_attempts(s: &QueueSubject) {
    let id = s.queued(&write("product:1", "one")).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &[id]).await;
    assert!(s.settle(&claim, &[failed(id, id)]).await);
    s.take(&claim, &[id]).await;
    s.coalesced(&write("product:1", "two")).await;
    assert!(s.settle(&claim, &[failed(id, id)]).await);
    assert_eq!(s.take(&claim, &[id]).await.writes[0].attempts, 0);
}

/// A settle whose answer was lost is repeated.
pub async fn settling_twice_is_settling_once(s: &QueueSubject) {
    let write = write("product:1", "one");
    let id = s.queued(&write).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &[id]).await;
    for _ in 0..2 {
        assert!(s.settle(&claim, &[done(id, id)]).await);
        assert!(s.ids(&claim).await.is_empty());
        assert!(s.queue().depths().await.is_ok_and(|depths| depths.iter().all(|depth| depth.writes == 0)));
    }
}

/// A batch that fell through is over when its flusher says so.
pub async fn what_is_not_settled_stays(s: &QueueSubject) {
    let ids = [s.queued(&write("product:1", "one")).await, s.queued(&write("product:2", "one")).await];
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &ids).await;
    assert!(s.settle(&claim, &[]).await);
    assert_eq!(s.ids(&claim).await, ids);
    s.take(&claim, &ids).await;
    assert!(s.settle(&claim, &[done(ids[1], ids[1])]).await);
    assert_eq!(s.ids(&claim).await, ids[..1]);
}

/// Who settles a batch late, after another was taken, ends neither, and says nothing of its writes.
pub async fn late_settlement_changes_nothing(s: &QueueSubject) {
    let ids = [s.queued(&write("product:1", "one")).await, s.queued(&write("product:2", "one")).await];
    let holder = Token::random();
    let claim = s.claim(holder, LONG).await;
    let earlier = s.take(&claim, &ids).await;
    let later = s.take(&claim, &ids[1..]).await;
    assert!(s.settle_batch(&claim, Some(earlier.number), &[done(ids[0], ids[0])]).await);
    assert_eq!(s.ids(&claim).await, ids);
    s.queue().yield_claims(holder).await.expect("the queue under test takes claims back");
    assert_eq!(s.claim(Token::random(), LONG).await.unfinished, Some(batch(&later, &claim)));
}

/// What is said of writes outside a batch is no end of one: what became of it is still to be found out.
pub async fn settling_without_a_number_leaves_the_batch_open(s: &QueueSubject) {
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(s.queued(&write(&format!("product:{n}"), "one")).await);
    }
    let holder = Token::random();
    let claim = s.claim(holder, LONG).await;
    let taken = s.take(&claim, &ids[3..]).await;
    let settled = [failed(ids[0], ids[0]), given_up(ids[1], ids[1]), done(ids[2], ids[2])];
    assert!(s.settle_batch(&claim, None, &settled).await);
    assert_eq!(s.ids(&claim).await, [ids[0], ids[3]]);
    assert_eq!(s.dead().await.len(), 1);
    s.queue().yield_claims(holder).await.expect("the queue under test takes claims back");
    let next = s.claim(Token::random(), LONG).await;
    assert_eq!(next.unfinished, Some(batch(&taken, &claim)));
    assert!(s.settle_batch(&next, None, &[]).await);
    assert_eq!(s.try_take(&next, &ids[..1]).await, None);
    assert!(s.settle(&next, &[done(ids[3], ids[3])]).await);
    assert_eq!(s.take(&next, &ids[..1]).await.writes[0].attempts, 1);
}

/// Some hundred writes are one batch, whatever became of each.
pub async fn large_batch_is_settled(s: &QueueSubject) {
    const MANY: usize = 900;
    let text = |n: usize| format!("product:{n}");
    for n in 0..MANY {
        s.queued(&write(&text(n), "one")).await;
    }
    let claim = s.claim(Token::random(), LONG).await;
    let ids = s.ids(&claim).await;
    let taken = s.take(&claim, &ids).await;
    assert_eq!(taken.writes.len(), MANY);
    for n in (0..MANY).step_by(3) {
        s.coalesced(&write(&text(n), "two")).await;
    }
    let settled: Vec<_> = taken
        .writes
        .iter()
        .enumerate()
        .map(|(n, write)| match n % 3 {
            0 | 1 => done(write.id, write.version),
            _ => failed(write.id, write.version),
        })
        .collect();
    assert!(s.settle(&claim, &settled).await);
    let left = s.ids(&claim).await;
    assert_eq!(left.len(), MANY / 3 * 2);
    let failed: Vec<_> = ids.iter().skip(2).step_by(3).copied().collect();
    assert_eq!(left[..MANY / 3], failed, "what failed keeps its place");
    let again = s.peek(&claim, failed[MANY / 3 - 1], MANY).await;
    let keys: Vec<_> = again.iter().map(|waiting| waiting.key.to_string()).collect();
    assert_eq!(keys, (0..MANY).step_by(3).map(text).collect::<Vec<_>>(), "the others line up anew");
    let rest = s.take(&claim, &left).await;
    let rest: Vec<_> = rest.writes.iter().map(|write| done(write.id, write.version)).collect();
    assert!(s.settle(&claim, &rest).await);
    assert!(s.ids(&claim).await.is_empty());
    s.queued(&write(&text(0), "three")).await;
    assert_eq!(s.ids(&claim).await.len(), 1, "an empty line goes on");
}
