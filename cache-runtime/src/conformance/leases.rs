//! One caller at a time may load and store a key.

use super::{LONG, PAST_ROOMY, PAST_SHORT, ROOMY, SHORT, Subject, key};
use crate::store::{FillOutcome, Lookup, Read, Seen, Token};
use bytes::Bytes;

/// While one caller holds the lease, others wait, at most for as long as it lasts.
pub async fn lease_is_exclusive(s: &Subject) {
    let key = key("product:1");
    s.granted(&key, LONG).await;
    match s.acquire(&key, Token::random(), LONG).await {
        Lookup::Wait(time) => assert!(time > SHORT && time <= LONG, "{time:?}"),
        other => panic!("the second caller should wait, not {other:?}"),
    }
}

/// A repeated request for the lease is answered like the first.
pub async fn same_token_gets_the_same_answer(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    let again = s.acquire(&key, grant.token, LONG).await;
    assert_eq!(again, Lookup::Granted { epoch: grant.epoch, stamps: grant.stamps });
}

/// Whoever comes for the lease when the entry is there already gets the entry.
pub async fn present_entry_is_handed_over(s: &Subject) {
    let key = key("product:1");
    s.put(&key, "one").await;
    let expected = Read { entry: Some(Bytes::from_static(b"one")), stamps: Vec::new() };
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Present(expected));
}

/// An entry the caller can't use doesn't keep it from loading, and stays readable until it is replaced.
pub async fn rejected_entry_counts_as_missing(s: &Subject) {
    let key = key("product:1");
    s.put(&key, "one").await;
    let seen = Seen::new(&s.entry(&key).await.expect("it was just stored"));
    let token = Token::random();
    let answer = s
        .store()
        .acquire_over(&key, &seen, token, LONG)
        .await
        .expect("the store under test answers an acquire");
    let Lookup::Granted { epoch, stamps } = answer else {
        panic!("the lease should have been granted, not {answer:?}")
    };
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"one"[..]));
    assert_eq!(
        s.fill(&key, &super::Grant { token, epoch, stamps }, "two", Some(LONG)).await,
        FillOutcome::Stored
    );
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"two"[..]));
}

/// Somebody replaced the rejected entry in the meantime: the caller gets the new one.
pub async fn another_entry_than_the_rejected_one_is_handed_over(s: &Subject) {
    let key = key("product:1");
    s.put(&key, "new").await;
    for rejected in ["old", "newer", "ne", ""] {
        let seen = Seen::new(&Bytes::copy_from_slice(rejected.as_bytes()));
        let answer = s.store().acquire_over(&key, &seen, Token::random(), LONG).await;
        assert!(
            matches!(answer, Ok(Lookup::Present(read)) if read.entry.as_deref() == Some(b"new")),
            "{rejected:?}"
        );
    }
}

/// A lease that nobody renews ends, and the next caller loads.
pub async fn expired_lease_goes_to_the_next(s: &Subject) {
    let key = key("product:1");
    s.granted(&key, SHORT).await;
    s.pass(PAST_SHORT).await;
    s.granted(&key, LONG).await;
}

/// Whoever lost the lease stores nothing, whether or not another has it now.
pub async fn fill_after_a_lost_lease_is_refused(s: &Subject) {
    let key = key("product:1");
    let first = s.granted(&key, SHORT).await;
    s.pass(PAST_SHORT).await;
    assert_eq!(s.fill(&key, &first, "late", Some(LONG)).await, FillOutcome::Refused);
    let second = s.granted(&key, LONG).await;
    assert_eq!(s.fill(&key, &first, "late", Some(LONG)).await, FillOutcome::Refused);
    assert_eq!(s.entry(&key).await, None);
    assert_eq!(s.fill(&key, &second, "good", Some(LONG)).await, FillOutcome::Stored);
    assert_eq!(s.fill(&key, &first, "late", Some(LONG)).await, FillOutcome::Refused);
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"good"[..]));
}

/// Nobody stores without having asked.
pub async fn fill_without_a_lease_is_refused(s: &Subject) {
    let key = key("product:1");
    let mut grant = s.granted(&super::key("product:2"), LONG).await;
    grant.token = Token::random();
    assert_eq!(s.fill(&key, &grant, "one", Some(LONG)).await, FillOutcome::Refused);
    assert_eq!(s.entry(&key).await, None);
}

/// A repeated fill is answered like the first, and so is one refused.
pub async fn repeated_fill_gets_the_same_answer(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    assert_eq!(s.fill(&key, &grant, "one", Some(LONG)).await, FillOutcome::Stored);
    assert_eq!(s.fill(&key, &grant, "one", Some(LONG)).await, FillOutcome::Stored);
    s.invalidate(&[super::target(&key)], None).await;
    assert_eq!(s.fill(&key, &grant, "one", Some(LONG)).await, FillOutcome::Refused);
    assert_eq!(s.entry(&key).await, None);
}

/// A renewed lease lasts from the renewal on.
pub async fn renewed_lease_outlives_its_first_end(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, ROOMY).await;
    assert!(s.store().renew(&key, grant.token, LONG).await.expect("the store under test answers a renewal"));
    s.pass(PAST_ROOMY).await;
    assert!(matches!(s.acquire(&key, Token::random(), LONG).await, Lookup::Wait(_)));
    assert_eq!(s.fill(&key, &grant, "one", Some(LONG)).await, FillOutcome::Stored);
}

/// Renewal tells that the lease is gone: run out, taken by another, used, or never granted.
pub async fn lost_lease_is_not_renewed(s: &Subject) {
    let key = key("product:1");
    let renew = async |token| {
        s.store().renew(&key, token, LONG).await.expect("the store under test answers a renewal")
    };
    assert!(!renew(Token::random()).await);
    let first = s.granted(&key, SHORT).await;
    s.pass(PAST_SHORT).await;
    assert!(!renew(first.token).await);
    let second = s.granted(&key, LONG).await;
    assert!(!renew(first.token).await);
    s.fill(&key, &second, "one", Some(LONG)).await;
    assert!(!renew(second.token).await);
}

/// A lease that is given back is free at once.
pub async fn released_lease_is_free_at_once(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    for _ in 0..2 {
        s.store().release(&key, grant.token).await.expect("the store under test answers a release");
    }
    assert_eq!(s.fill(&key, &grant, "late", Some(LONG)).await, FillOutcome::Refused);
    s.granted(&key, LONG).await;
}

/// Nobody gives back another's lease, or an entry.
pub async fn release_by_another_token_changes_nothing(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    s.store().release(&key, Token::random()).await.expect("the store under test answers a release");
    assert_eq!(s.fill(&key, &grant, "one", Some(LONG)).await, FillOutcome::Stored);
    s.store().release(&key, grant.token).await.expect("the store under test answers a release");
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"one"[..]));
}

/// A used lease blocks nobody: when the entry is gone, the next caller loads at once.
pub async fn lease_is_free_after_the_fill(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    assert_eq!(s.fill(&key, &grant, "one", Some(SHORT)).await, FillOutcome::Stored);
    s.pass(PAST_SHORT).await;
    s.granted(&key, LONG).await;
}
