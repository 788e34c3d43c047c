//! How the readers of one process share a load.

use crate::{
    Event, World,
    world::{At, Doing, Now},
};

impl World {
    /// Who waits for this leader.
    pub(crate) fn followers(&self, leader: usize) -> impl Iterator<Item = usize> {
        (0..self.readers.len()).filter(move |at| {
            matches!(self.readers[*at].at, At::Following { leader: of, .. } if usize::from(of) == leader)
        })
    }
}

impl Now<'_> {
    pub(crate) fn join(&mut self, reader: usize) {
        self.world.readers[reader].at = match self.world.aloft {
            Some(leader) => {
                let At::Leading { stage, .. } = self.world.readers[usize::from(leader)].at else { return };
                At::Following { leader, joined: stage }
            }
            None => {
                self.world.aloft = index(reader);
                At::Leading { stage: 0, doing: Doing::Ask }
            }
        };
    }

    /// The leader is about to look at something, or to store it. Returns the new stage.
    pub(crate) fn stage(&mut self, leader: usize) -> u8 {
        match &mut self.world.readers[leader].at {
            At::Leading { stage, .. } => {
                *stage += 1;
                *stage
            }
            _ => 0,
        }
    }

    /// Nothing came of it: asking again is the same stage.
    pub(crate) fn back(&mut self, leader: usize, reached: u8) {
        if let At::Leading { stage, .. } = &mut self.world.readers[leader].at {
            *stage = reached - 1;
        }
    }

    pub(crate) fn go_on(&mut self, leader: usize, next: Doing) {
        match next {
            // Nobody follows a reader that shares its process with none: it answers at once.
            Doing::Land { value, .. } if leader >= self.config.together => self.answer(leader, value),
            _ => {
                if let At::Leading { doing, .. } = &mut self.world.readers[leader].at {
                    *doing = next;
                }
            }
        }
    }

    /// Ends a flight: those who joined in time get its value, the others begin again.
    pub(crate) fn land(&mut self, leader: usize) {
        let At::Leading { doing: Doing::Land { value, before }, .. } = self.world.readers[leader].at else {
            return;
        };
        self.clear_table(leader);
        self.answer(leader, value);
        let followers: Vec<_> = self.world.followers(leader).collect();
        for follower in followers {
            let At::Following { joined, .. } = self.world.readers[follower].at else { continue };
            if joined < before {
                self.saw(Event::Followed);
                self.answer(follower, value);
            } else {
                self.saw(Event::SentAway);
                self.world.readers[follower].at = At::Again;
            }
        }
    }

    /// The leader's future is dropped. The flight goes on with a follower, unless something was written in this process since it took off.
    pub(crate) fn leave(&mut self, leader: usize, next: Option<usize>) {
        let At::Leading { stage, .. } = self.world.readers[leader].at else { return };
        let detached = self.world.aloft != index(leader);
        let me = &mut self.world.readers[leader];
        (me.left, me.at, me.acked, me.seen) = (me.left - 1, At::Rest, 0, 0);
        let followers: Vec<_> = self.world.followers(leader).collect();
        let Some(heir) = next.filter(|_| !detached) else {
            self.clear_table(leader);
            followers.into_iter().for_each(|follower| self.world.readers[follower].at = At::Again);
            return;
        };
        self.saw(Event::TookOver);
        self.world.aloft = index(heir);
        for follower in followers {
            if let At::Following { leader: of, .. } = &mut self.world.readers[follower].at {
                *of = index(heir).unwrap_or(*of);
            }
        }
        self.world.readers[heir].at = At::Leading { stage, doing: Doing::Ask };
    }

    /// Something was written in this process: who comes later forms the next flight.
    pub(crate) fn detach(&mut self) {
        self.world.aloft = None;
    }

    fn clear_table(&mut self, leader: usize) {
        if self.world.aloft == index(leader) {
            self.world.aloft = None;
        }
    }
}

fn index(reader: usize) -> Option<u8> {
    u8::try_from(reader).ok()
}
