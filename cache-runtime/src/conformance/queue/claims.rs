//! One flusher at a time, and what it has taken is handed over.

use super::{QueueSubject, batch, done, event, write};
use crate::{
    conformance::{LONG, PAST_ROOMY, ROOMY, elsewhere},
    store::{NewWrite, Token},
};
use futures_util::future::join_all;

/// Where nothing waits there is nothing to claim.
pub async fn only_partitions_with_writes_are_claimed(s: &QueueSubject) {
    assert_eq!(s.claims(Token::random(), LONG).await, []);
    let write = write("product:1", "one");
    s.queued(&write).await;
    let claim = s.claim(Token::random(), LONG).await;
    assert_eq!((claim.partition, claim.unfinished), (write.key.partition, None));
    assert!(claim.epoch > 0);
}

/// What one holds another doesn't get.
pub async fn one_holder_at_a_time(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    let (holder, other) = (Token::random(), Token::random());
    s.claim(holder, LONG).await;
    assert_eq!(s.claims(other, LONG).await, []);
    let mut elsewhere_too = write("product:1", "one");
    elsewhere_too.key.partition = elsewhere(elsewhere_too.key.partition);
    s.queued(&elsewhere_too).await;
    assert_eq!(s.claim(other, LONG).await.partition, elsewhere_too.key.partition);
    assert_eq!(s.claims(holder, LONG).await.len(), 1);
}

/// Who asks again keeps what it has, under its epoch.
pub async fn holder_keeps_its_claim(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    let holder = Token::random();
    let claim = s.claim(holder, LONG).await;
    assert_eq!(s.claim(holder, LONG).await, claim);
    s.take(&claim, &s.ids(&claim).await).await;
    assert_eq!(s.claim(holder, LONG).await, claim);
}

/// A flusher that is gone holds nothing up, and the next has a greater epoch.
pub async fn claim_ends_with_its_lease(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    let first = s.claim(Token::random(), ROOMY).await;
    let next = Token::random();
    assert_eq!(s.claims(next, LONG).await, []);
    s.pass(PAST_ROOMY).await;
    let second = s.claim(next, ROOMY).await;
    assert!(second.epoch > first.epoch, "{first:?} {second:?}");
    s.pass(PAST_ROOMY).await;
    let again = s.claim(next, LONG).await;
    assert!(again.epoch > second.epoch, "a claim that had ended is a new one: {second:?} {again:?}");
}

/// Asking again makes a claim last longer.
pub async fn renewed_claim_outlives_its_first_end(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    let holder = Token::random();
    let claim = s.claim(holder, ROOMY).await;
    assert_eq!(s.claim(holder, LONG).await, claim);
    s.pass(PAST_ROOMY).await;
    assert_eq!(s.claims(Token::random(), LONG).await, []);
    assert_eq!(s.claim(holder, LONG).await, claim);
}

/// A flusher that stops doesn't make others wait; what others hold stays theirs.
pub async fn yielded_claim_is_free_at_once(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    let (holder, next) = (Token::random(), Token::random());
    let claim = s.claim(holder, LONG).await;
    s.queue().yield_claims(next).await.expect("the queue under test takes claims back");
    assert_eq!(s.claims(next, LONG).await, []);
    s.queue().yield_claims(holder).await.expect("the queue under test takes claims back");
    assert_eq!(s.try_take(&claim, &[]).await, None);
    assert!(s.claim(next, LONG).await.epoch > claim.epoch);
}

/// Who has flushed all of a partition lets it go when it asks next.
pub async fn claim_of_an_empty_line_is_given_back(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    let holder = Token::random();
    let claim = s.claim(holder, LONG).await;
    s.flush(&claim, done).await;
    assert_eq!(s.claims(holder, LONG).await, []);
    s.queued(&write("product:1", "two")).await;
    assert!(s.claim(Token::random(), LONG).await.epoch > claim.epoch);
}

/// Two claims of one partition, the first of which is lost.
async fn overtaken(s: &QueueSubject) -> [crate::store::Claim; 2] {
    let first = Token::random();
    let lost = s.claim(first, LONG).await;
    s.queue().yield_claims(first).await.expect("the queue under test takes claims back");
    [lost, s.claim(Token::random(), LONG).await]
}

/// A flusher that slept through the end of its claim takes nothing.
pub async fn lost_claim_takes_nothing(s: &QueueSubject) {
    let id = s.queued(&write("product:1", "one")).await;
    let [lost, claim] = overtaken(s).await;
    assert_eq!(s.try_take(&lost, &[id]).await, None);
    assert_eq!(s.take(&claim, &[id]).await.writes.len(), 1);
}

/// Nor does it settle anything.
pub async fn lost_claim_settles_nothing(s: &QueueSubject) {
    let id = s.queued(&write("product:1", "one")).await;
    let first = Token::random();
    let lost = s.claim(first, LONG).await;
    let taken = s.take(&lost, &[id]).await;
    s.queue().yield_claims(first).await.expect("the queue under test takes claims back");
    assert!(!s.settle(&lost, &[done(id, id)]).await, "nobody holds it");
    let claim = s.claim(Token::random(), LONG).await;
    assert!(!s.settle(&lost, &[done(id, id)]).await, "another holds it");
    assert_eq!(claim.unfinished, Some(batch(&taken, &lost)));
    assert_eq!(s.ids(&claim).await, [id]);
}

/// As long as nobody else came, a claim whose lease has ended still counts: epochs decide, not clocks.
pub async fn claim_that_ran_out_holds_until_another_comes(s: &QueueSubject) {
    let id = s.queued(&write("product:1", "one")).await;
    let claim = s.claim(Token::random(), ROOMY).await;
    s.pass(PAST_ROOMY).await;
    s.take(&claim, &[id]).await;
    assert!(s.settle(&claim, &[done(id, id)]).await);
    assert!(s.ids(&claim).await.is_empty());
}

/// What a lost flusher had taken is told to the next one as it was, who takes nothing before it is settled.
pub async fn unfinished_batch_is_handed_over(s: &QueueSubject) {
    for text in ["product:1", "product:2", "product:3"] {
        s.queued(&write(text, "one")).await;
    }
    let first = Token::random();
    let lost = s.claim(first, LONG).await;
    let ids = s.ids(&lost).await;
    let taken = s.take(&lost, &ids[..2]).await;
    s.coalesced(&write("product:2", "two")).await;
    s.queue().yield_claims(first).await.expect("the queue under test takes claims back");
    let holder = Token::random();
    let claim = s.claim(holder, LONG).await;
    assert_eq!(claim.unfinished, Some(batch(&taken, &lost)));
    assert_eq!(s.claim(holder, LONG).await, claim, "it is told until it is settled");
    assert_eq!(s.try_take(&claim, &ids).await, None);
    let settled: Vec<_> = taken.writes.iter().map(|write| done(write.id, write.version)).collect();
    assert!(s.settle(&claim, &settled).await);
    assert_eq!(s.claim(holder, LONG).await.unfinished, None);
    let rest = s.ids(&claim).await;
    assert_eq!((rest.len(), rest[0]), (2, ids[2]));
    let next = s.take(&claim, &rest).await;
    assert!(next.number > taken.number);
    assert_eq!(next.writes[1].payload, "payload two");
}

/// A flusher that doesn't know whether it has taken a batch takes it again, under another number.
pub async fn own_batch_may_be_taken_anew(s: &QueueSubject) {
    let ids = [s.queued(&event("product:1", "one")).await, s.queued(&event("product:1", "two")).await];
    let first = Token::random();
    let claim = s.claim(first, LONG).await;
    let earlier = s.take(&claim, &ids).await;
    let later = s.take(&claim, &ids[..1]).await;
    assert!(later.number > earlier.number && earlier.number > ids[1]);
    s.queue().yield_claims(first).await.expect("the queue under test takes claims back");
    assert_eq!(s.claim(Token::random(), LONG).await.unfinished, Some(batch(&later, &claim)));
}

/// Writes that are gone are left out of a batch; one of nothing is a batch all the same, and has to be settled.
pub async fn batch_without_writes_is_a_batch(s: &QueueSubject) {
    let id = s.queued(&write("product:1", "one")).await;
    let first = Token::random();
    let claim = s.claim(first, LONG).await;
    s.flush(&claim, done).await;
    let taken = s.take(&claim, &[id]).await;
    assert_eq!(taken.writes, []);
    s.queue().yield_claims(first).await.expect("the queue under test takes claims back");
    let next = s.claim(Token::random(), LONG).await;
    let unfinished = next.unfinished.clone().expect("it was not settled");
    assert_eq!((unfinished.number, unfinished.writes.len()), (taken.number, 0));
    assert!(s.settle(&next, &[]).await);
}

/// The flusher says in which order a batch is written.
pub async fn taken_writes_come_in_the_order_asked(s: &QueueSubject) {
    let mut ids = Vec::new();
    for n in 0..12 {
        ids.push(s.queued(&write(&format!("product:{n}"), "one")).await);
    }
    ids.reverse();
    ids.insert(3, 7);
    let claim = s.claim(Token::random(), LONG).await;
    let taken: Vec<_> = s.take(&claim, &ids).await.writes.iter().map(|write| write.id).collect();
    ids.remove(3);
    assert_eq!(taken, ids);
}

/// Of many that claim at once each partition goes to one.
pub async fn one_of_many_gets_the_claim(s: &QueueSubject) {
    for n in 0..8 {
        let mut write = NewWrite { ..write("product:1", "one") };
        write.key.partition =
            crate::store::Partition::all().nth(n).expect("a namespace has that many partitions");
        s.queued(&write).await;
    }
    let all = join_all((0..8).map(|_| s.claims(Token::random(), LONG))).await;
    let mut partitions: Vec<_> = all.iter().flatten().map(|claim| claim.partition).collect();
    partitions.sort_unstable();
    assert_eq!(partitions, crate::store::Partition::all().take(8).collect::<Vec<_>>());
}
