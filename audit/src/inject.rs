//! What is broken next, for how long, and how.

use crate::{collect::Say, event::What, fleet::Fleet, words::Fault};
use fastrand::Rng;
use rustix::process::Signal;
use std::{io, time::Duration};
use test_servers::{Mode, Redis};

/// The pause between two faults.
const PAUSE: std::ops::Range<u64> = 500..5_000;
/// Longer than an intent, in milliseconds.
const PAST_INTENTS: std::ops::Range<u64> = 11_000..13_000;

/// Breaks things, one after the other. The same seed breaks the same things in the same order for the same time.
#[derive(Debug)]
pub(crate) struct Injector {
    faults: Vec<Fault>,
    /// What is left of this round; each round has every fault once.
    round: Vec<Fault>,
    random: Rng,
    say: Say,
    /// Whether there is time for faults that last longer than an intent.
    long: bool,
}

impl Injector {
    pub(crate) fn new(faults: &[Fault], seed: u64, time: Duration, say: Say) -> Self {
        let long = time >= Duration::from_secs(60);
        Self { faults: faults.to_vec(), round: Vec::new(), random: Rng::with_seed(seed), say, long }
    }

    /// Waits a while, then breaks one thing and mends it.
    pub(crate) async fn next(&mut self, fleet: &mut Fleet, redis: &Redis) -> io::Result<()> {
        self.sleep(PAUSE).await;
        if self.round.is_empty() {
            self.round = self.faults.clone();
            self.random.shuffle(&mut self.round);
        }
        let Some(fault) = self.round.pop() else { return Ok(()) };
        self.say.now(What::Broken(fault));
        let done = self.inject(fault, fleet, redis).await;
        self.say.now(What::Mended(fault));
        done
    }

    async fn inject(&mut self, fault: Fault, fleet: &mut Fleet, redis: &Redis) -> io::Result<()> {
        let post = self.random.usize(..fleet.posts.len());
        match fault {
            Fault::None | Fault::Slow => {}
            Fault::Kill => {
                for _ in 0..self.random.u32(1..5) {
                    fleet.kill(post)?;
                    self.sleep(100..1_000).await;
                    fleet.start(post)?;
                    self.sleep(500..2_000).await;
                }
            }
            Fault::Stop => {
                fleet.signal(post, Signal::STOP)?;
                self.stand_still().await;
                fleet.signal(post, Signal::CONT)?;
            }
            Fault::RedisKill => {
                redis.kill9();
                self.sleep(100..2_500).await;
                redis.restart_on_same_port().await;
            }
            Fault::RedisStop => {
                redis.pause();
                self.stand_still().await;
                redis.resume();
            }
            Fault::Partition => self.pass_through(Mode::Refuse, 500..5_000, fleet, post).await,
            Fault::Delay => {
                let by = Duration::from_millis(self.random.u64(10..400));
                self.pass_through(Mode::Delay(by), 1_000..4_000, fleet, post).await;
            }
            Fault::BlackHole => self.pass_through(Mode::BlackHole, 300..5_000, fleet, post).await,
            Fault::Cut => {
                if self.random.bool() {
                    self.pass_through(Mode::CutAfterRequest, 300..3_000, fleet, post).await;
                } else {
                    for _ in 0..self.random.u32(3..15) {
                        fleet.posts[post].proxy.cut_once();
                        self.sleep(50..400).await;
                    }
                    fleet.posts[post].proxy.pass();
                }
            }
            Fault::Flush => {
                for _ in 0..self.random.u32(1..6) {
                    ask(redis, "FLUSHALL").await?;
                    self.sleep(10..500).await;
                }
            }
            Fault::Evict => self.evict("volatile-lru", redis).await?,
            Fault::EvictAll => self.evict("allkeys-lru", redis).await?,
            Fault::Skew => {
                // Only the last worker's clock can be moved.
                let by = Duration::from_millis(self.random.u64(1_000..600_000));
                fleet.skew(fleet.posts.len() - 1, by)?;
                self.sleep(200..2_000).await;
            }
        }
        Ok(())
    }

    async fn pass_through(
        &mut self,
        mode: Mode,
        millis: std::ops::Range<u64>,
        fleet: &mut Fleet,
        post: usize,
    ) {
        fleet.posts[post].proxy.set(mode);
        self.sleep(millis).await;
        fleet.posts[post].proxy.pass();
    }

    /// Shortly, for longer than a lease, or for longer than an intent.
    async fn stand_still(&mut self) {
        let millis = match self.random.u8(..4) {
            0 if self.long => PAST_INTENTS,
            0 | 1 => 3_200..5_000,
            _ => 50..1_500,
        };
        self.sleep(millis).await;
    }

    /// Leaves Redis less memory than it uses, again and again, so that it throws away what was used least recently.
    async fn evict(&mut self, policy: &str, redis: &Redis) -> io::Result<()> {
        ask(redis, &format!("CONFIG SET maxmemory-policy {policy}")).await?;
        for _ in 0..self.random.u32(5..30) {
            let info = ask(redis, "INFO memory").await?;
            let used =
                info.lines().find_map(|line| line.strip_prefix("used_memory:")?.trim().parse::<u64>().ok());
            let less = self.random.u64(2_000..60_000);
            if let Some(used) = used {
                ask(redis, &format!("CONFIG SET maxmemory {}", used.saturating_sub(less).max(1))).await?;
            }
            self.sleep(20..150).await;
        }
        ask(redis, "CONFIG SET maxmemory 0").await?;
        ask(redis, "CONFIG SET maxmemory-policy noeviction").await?;
        Ok(())
    }

    async fn sleep(&mut self, millis: std::ops::Range<u64>) {
        let millis = self.random.u64(millis);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// Asks Redis until it answers: the machine may be busy.
async fn ask(redis: &Redis, command: &str) -> io::Result<String> {
    let mut tries = 20;
    loop {
        match redis.ask(command) {
            Err(_) if tries > 0 => tries -= 1,
            answer => return answer,
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
