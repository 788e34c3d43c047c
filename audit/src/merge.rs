//! How the streams of several processes become one history in the order of time.
//!
//! Each stream is in order by itself. An event is handed on once every stream has got past it; a process that stands still holds
//! the others back, and what they send meanwhile waits here.

use crate::{event::Event, words::Nanos};
use std::collections::{BTreeMap, VecDeque};

/// Streams that are being merged.
#[derive(Debug, Default)]
pub(crate) struct Merge {
    streams: BTreeMap<u32, Stream>,
    handed_on: Nanos,
    /// Events that came after later ones had been handed on; there should be none.
    late: u64,
}

#[derive(Debug)]
struct Stream {
    waiting: VecDeque<Event>,
    reached: Nanos,
    open: bool,
}

impl Merge {
    /// A process that begins now.
    pub(crate) fn open(&mut self, process: u32, now: Nanos) {
        let reached = now.max(self.handed_on);
        self.streams.insert(process, Stream { waiting: VecDeque::new(), reached, open: true });
    }

    /// A process from which nothing more will come.
    pub(crate) fn close(&mut self, process: u32) {
        if let Some(stream) = self.streams.get_mut(&process) {
            stream.open = false;
        }
    }

    pub(crate) fn push(&mut self, event: Event) {
        if let Some(stream) = self.streams.get_mut(&event.process) {
            stream.reached = stream.reached.max(event.at);
            stream.waiting.push_back(event);
        }
    }

    /// The next event, if it is known that none comes before it.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let limit = self.streams.values().filter(|stream| stream.open).map(|stream| stream.reached).min();
        let heads = self.streams.iter().filter_map(|(id, stream)| Some((stream.waiting.front()?.at, *id)));
        let (at, id) = heads.min()?;
        if limit.is_some_and(|limit| at > limit) {
            return None;
        }
        self.late += u64::from(at < self.handed_on);
        self.handed_on = self.handed_on.max(at);
        let stream = self.streams.get_mut(&id)?;
        let event = stream.waiting.pop_front();
        if !stream.open && stream.waiting.is_empty() {
            self.streams.remove(&id);
        }
        event
    }

    /// How many events came out of order.
    pub(crate) fn late(&self) -> u64 {
        self.late
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::What;

    fn event(process: u32, at: Nanos) -> Event {
        Event { at, process, what: What::Tick }
    }

    fn drain(merge: &mut Merge) -> Vec<Nanos> {
        std::iter::from_fn(|| merge.next()).map(|event| event.at).collect()
    }

    #[test]
    fn events_wait_until_every_stream_has_got_past_them() {
        let mut merge = Merge::default();
        merge.open(1, 0);
        merge.open(2, 0);
        for at in [1, 4, 6] {
            merge.push(event(1, at));
        }
        assert!(drain(&mut merge).is_empty());
        merge.push(event(2, 5));
        assert_eq!(drain(&mut merge), [1, 4, 5]);
        merge.close(2);
        assert_eq!(drain(&mut merge), [6]);
        assert_eq!(merge.late(), 0);
    }

    #[test]
    fn what_a_dead_process_left_is_handed_on_in_its_place() {
        let mut merge = Merge::default();
        merge.open(1, 0);
        merge.open(2, 0);
        merge.push(event(2, 3));
        merge.close(2);
        merge.push(event(1, 2));
        merge.push(event(1, 7));
        assert_eq!(drain(&mut merge), [2, 3, 7]);
    }

    #[test]
    fn a_process_that_begins_late_does_not_turn_time_back() {
        let mut merge = Merge::default();
        merge.open(1, 0);
        merge.push(event(1, 10));
        assert_eq!(drain(&mut merge), [10]);
        merge.open(2, 5);
        merge.push(event(1, 12));
        assert!(drain(&mut merge).is_empty());
        merge.push(event(2, 13));
        assert_eq!(drain(&mut merge), [12]);
        assert_eq!(merge.late(), 0);
    }
}
