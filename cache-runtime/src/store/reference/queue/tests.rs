use super::*;
use crate::store::Settled;
use bytes::Bytes;

const NOW: Duration = Duration::from_secs(1_000);
const LONG: Duration = Duration::from_secs(60);

fn key() -> EntryKey {
    EntryKey {
        text: "k".into(),
        partition: Partition::FIRST,
        template: "k".into(),
        fingerprint: Fingerprint(1),
        groups: Vec::new(),
    }
}

fn enqueue(state: &mut Reference, token: u128, function: &str) -> u64 {
    let write = NewWrite {
        token: Token(token),
        key: key(),
        function: function.into(),
        payload: Bytes::new(),
        shows: Shows::Value(Bytes::from_static(&[0, 0, 0, 3])),
        ttl: Some(LONG),
        coalesce: true,
        drops: Vec::new(),
        most: 100,
    };
    match state.enqueue(&write, NOW) {
        Put::Queued(version) | Put::Coalesced(version) => version,
        refused => panic!("not accepted: {refused:?}"),
    }
}

fn take(state: &mut Reference, holder: u128) -> (Claim, QueuedWrite) {
    let claim = state.claim(Token(holder), LONG, &[], NOW).pop().expect("something waits");
    let first = state.peek(claim.partition, 0, 1).pop().expect("something waits");
    let taken = state.take(&claim, &[first.id], NOW).expect("nothing is unfinished");
    (claim, taken.writes[0].clone())
}

fn settle(state: &mut Reference, claim: &Claim, write: &QueuedWrite) -> bool {
    let number = state.known_line(claim.partition).batch.map(|batch| batch.number);
    state.settle(claim, number, &[Settled::Done { id: write.id, version: write.version }], NOW)
}

fn own() -> Target {
    Target::Key { text: "k".into(), partition: Partition::FIRST, template: "k".into(), version: None }
}

#[test]
fn what_has_taken_a_place_keeps_it_before_later_writes_of_the_key() {
    let mut state = Reference::default();
    enqueue(&mut state, 1, "f");
    let (claim, first) = take(&mut state, 1);
    let second = enqueue(&mut state, 2, "f");
    let third = enqueue(&mut state, 3, "g");
    assert!(settle(&mut state, &claim, &first));
    let waiting = state.fetch(Partition::FIRST, &state.known_line(Partition::FIRST).waiting);
    let versions: Vec<_> = waiting.iter().map(|write| write.version).collect();
    assert_eq!(versions, [second, third]);
}

#[test]
fn what_was_dropped_while_it_was_pending_does_not_stay() {
    for dropped in [true, false] {
        let mut state = Reference::default();
        enqueue(&mut state, 1, "f");
        let (claim, write) = take(&mut state, 1);
        if dropped {
            state.invalidate(&[own()], None, NOW);
        }
        assert!(state.known(&key()).entry.is_some(), "it is shown until it is flushed");
        assert!(settle(&mut state, &claim, &write));
        assert_eq!(state.known(&key()).entry.is_none(), dropped);
    }
}

#[test]
fn what_is_accepted_after_a_drop_stays() {
    let mut state = Reference::default();
    enqueue(&mut state, 1, "f");
    state.invalidate(&[own()], None, NOW);
    enqueue(&mut state, 2, "f");
    let (claim, write) = take(&mut state, 1);
    assert!(settle(&mut state, &claim, &write));
    assert!(state.known(&key()).entry.is_some());
}

#[test]
fn a_lost_claim_is_another_ones() {
    let mut state = Reference::default();
    enqueue(&mut state, 1, "f");
    let (claim, write) = take(&mut state, 1);
    assert!(state.claim(Token(2), LONG, &[], NOW).is_empty());
    assert!(state.lose_claim(Partition::FIRST));
    assert!(!state.lose_claim(Partition::FIRST));
    let other = state.claim(Token(2), LONG, &[], NOW).pop().expect("nobody holds it");
    assert!(other.unfinished.is_some_and(|batch| batch.writes == [(write.id, write.version)]));
    assert!(!settle(&mut state, &claim, &write));
}

#[test]
fn tokens_are_forgotten_when_their_time_is_over() {
    let mut line = Line::default();
    for (token, second) in [(1, 1), (2, 3), (3, 2)] {
        line.tokens.insert(Token(token), Put::Queued(1));
        line.ends.insert((Duration::from_secs(second), Token(token)));
    }
    line.forget(Duration::from_secs(2));
    assert_eq!(line.tokens.keys().copied().collect::<Vec<_>>(), [Token(2)]);
    line.forget(Duration::from_secs(3));
    assert!(line.tokens.is_empty() && line.ends.is_empty());
}
