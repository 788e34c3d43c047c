//! A group of entries is dropped by moving one generation.

use super::{LONG, PAST_ROOMY, ROOMY, Subject, elsewhere, group, key, page};
use crate::store::{FillOutcome, Group, Lookup, Stamp, Target, Token};

/// The lease on a grouped key comes with a stamp, which readers see from then on.
pub async fn acquire_gives_the_group_a_stamp(s: &Subject) {
    let page = page("books", 1);
    let grant = s.granted(&page, LONG).await;
    assert_eq!(grant.stamps.len(), 1);
    assert_ne!(grant.stamps[0], Stamp(0));
    assert_eq!(s.read(&page).await.stamps, grant.stamps);
}

/// Fills and other keys of the group don't move the generation.
pub async fn stamps_stay_while_nothing_is_dropped(s: &Subject) {
    let grant = s.granted(&page("books", 1), LONG).await;
    s.put(&page("books", 2), "two").await;
    assert_eq!(s.fill(&page("books", 1), &grant, "one", None).await, FillOutcome::Stored);
    s.put(&page("books", 3), "three").await;
    assert_eq!(s.read(&page("books", 2)).await.stamps, grant.stamps);
    assert_eq!(s.read(&page("books", 3)).await.stamps, grant.stamps);
}

/// After a group was dropped no entry stored before bears its stamp.
pub async fn dropped_group_changes_its_stamp(s: &Subject) {
    let page = page("books", 1);
    s.put(&page, "one").await;
    let before = s.read(&page).await.stamps;
    s.invalidate(&[Target::Group(group("books"))], None).await;
    assert_ne!(s.read(&page).await.stamps, before);
    let seen = crate::store::Seen::new(&s.entry(&page).await.unwrap_or_default());
    let answer = s.store().acquire_over(&page, &seen, Token::random(), LONG).await;
    let Ok(Lookup::Granted { stamps, .. }) = answer else {
        panic!("the lease should have been granted, not {answer:?}")
    };
    assert_ne!(stamps, before);
    assert_ne!(stamps, vec![Stamp(0)]);
}

/// Loads that began before a group was dropped store nothing.
pub async fn dropped_group_refuses_fills_in_flight(s: &Subject) {
    let (one, two) = (page("books", 1), page("books", 2));
    let (first, second) = (s.granted(&one, LONG).await, s.granted(&two, LONG).await);
    s.invalidate(&[Target::Group(group("books"))], None).await;
    assert_eq!(s.fill(&one, &first, "stale", Some(LONG)).await, FillOutcome::Refused);
    s.store().release(&one, first.token).await.expect("the store under test answers a release");
    s.put(&one, "fresh").await;
    assert_eq!(s.fill(&two, &second, "stale", Some(LONG)).await, FillOutcome::Refused);
}

/// Loads that begin afterwards are stored under the new stamp.
pub async fn dropped_group_is_filled_anew(s: &Subject) {
    let page = page("books", 1);
    s.invalidate(&[Target::Group(group("books"))], None).await;
    let grant = s.granted(&page, LONG).await;
    assert_eq!(s.fill(&page, &grant, "one", Some(LONG)).await, FillOutcome::Stored);
    let read = s.read(&page).await;
    assert_eq!((read.entry.as_deref(), read.stamps), (Some(&b"one"[..]), grant.stamps));
}

/// Only the named group is dropped.
pub async fn other_groups_keep_their_stamps(s: &Subject) {
    let (films, loading) = (page("films", 1), page("films", 2));
    s.put(&films, "one").await;
    let grant = s.granted(&loading, LONG).await;
    let before = s.read(&films).await;
    s.invalidate(&[Target::Group(group("film")), Target::Group(group("books"))], Some(LONG)).await;
    assert_eq!(s.read(&films).await, before);
    assert_eq!(s.fill(&loading, &grant, "two", Some(LONG)).await, FillOutcome::Stored);
}

/// A hold on a group forbids fills of all its keys.
pub async fn hold_on_a_group_forbids_fills_until_it_ends(s: &Subject) {
    let page = page("books", 1);
    let grant = s.granted(&page, LONG).await;
    s.invalidate(&[Target::Group(group("books"))], Some(ROOMY)).await;
    assert_eq!(s.acquire(&page, Token::random(), LONG).await, Lookup::Bypass);
    assert_eq!(s.fill(&page, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
    s.pass(PAST_ROOMY).await;
    assert_eq!(s.fill(&page, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
    s.store().release(&page, grant.token).await.expect("the store under test answers a release");
    s.put(&page, "fresh").await;
}

/// A fill must bear the stamps that came with its lease, all of them.
pub async fn fill_with_a_foreign_stamp_is_refused(s: &Subject) {
    let page = page("books", 1);
    let grant = s.granted(&page, LONG).await;
    for stamps in [vec![Stamp(grant.stamps[0].0 ^ 1)], vec![Stamp(0)]] {
        let forged = super::Grant { stamps, ..grant.clone() };
        assert_eq!(s.fill(&page, &forged, "one", Some(LONG)).await, FillOutcome::Refused);
    }
    assert_eq!(s.fill(&page, &grant, "one", Some(LONG)).await, FillOutcome::Stored);
}

/// A key in two groups is dropped with either of them.
pub async fn key_in_two_groups_is_dropped_with_either(s: &Subject) {
    let mut key = key("browse:books:new:1");
    let named = |text: &str| Group { text: text.into(), partition: key.partition };
    let groups = vec![named("browse:books"), named("browse:books:new")];
    key.groups = groups.clone();
    for group in groups {
        let grant = s.granted(&key, LONG).await;
        assert_eq!(grant.stamps.len(), 2);
        s.invalidate(&[Target::Group(group)], None).await;
        assert_eq!(s.fill(&key, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
        s.store().release(&key, grant.token).await.expect("the store under test answers a release");
    }
}

/// One text in two partitions is two groups: what drops one leaves the other's stamp and its fills.
pub async fn one_text_in_two_partitions_is_two_groups(s: &Subject) {
    let (one, mut other) = (page("books", 1), page("books", 1));
    other.partition = elsewhere(one.partition);
    other.groups[0].partition = other.partition;
    s.put(&one, "one").await;
    let grant = s.granted(&other, LONG).await;
    s.invalidate(&[Target::Group(one.groups[0].clone())], Some(LONG)).await;
    assert_eq!(s.read(&one).await.stamps, [Stamp(0)]);
    assert_eq!(s.read(&other).await.stamps, grant.stamps);
    assert_eq!(s.fill(&other, &grant, "other", Some(LONG)).await, FillOutcome::Stored);
}
