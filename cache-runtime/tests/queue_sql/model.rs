//! Does a queue in a database answer what the reference answers, whatever it is asked in whatever order?

use crate::databases::{SqliteFile, postgres};
use cache_runtime::{
    __private::SqlQueue,
    SqlDatabase,
    store::{
        Claim, EntryKey, Fingerprint, Group, MemoryStore, NewWrite, Partition, Settled, Shows, Taken, Target,
        Token, WriteQueue,
    },
};
use futures_util::future::join_all;
use proptest::{prelude::*, test_runner::TestRunner};
use sqlx::Pool;
use std::{
    borrow::Cow,
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use test_servers::Postgres;

const LONG: Duration = Duration::from_mins(10);

#[derive(Clone, Debug)]
enum Command {
    Enqueue {
        key: u8,
        function: u8,
        shows: u8,
        coalesce: bool,
        full: bool,
    },
    /// The last write again.
    Repeat,
    /// Several of these at once, in this order.
    Together(Vec<Self>),
    Look {
        key: u8,
        variant: u8,
    },
    Claim {
        holder: u8,
    },
    Yield {
        holder: u8,
    },
    Peek {
        skip: u8,
        most: u8,
    },
    /// By the current or an earlier claim; of what was peeked last.
    Take {
        claim: u8,
        which: u8,
    },
    /// What became of each of the writes that were taken last.
    Settle {
        claim: u8,
        /// Of the batch; or of its writes only.
        batch: bool,
        ends: Vec<u8>,
    },
    Overtake {
        key: u8,
        latest: bool,
    },
    Replay {
        letter: u8,
    },
    Discard {
        letter: u8,
    },
}

fn enqueue() -> impl Strategy<Value = Command> {
    (0_u8..3, 0_u8..2, 0_u8..8, any::<bool>(), 0_u8..10).prop_map(|(key, function, shows, coalesce, full)| {
        Command::Enqueue { key, function, shows, coalesce, full: full == 0 }
    })
}

fn command() -> impl Strategy<Value = Command> {
    let n = || 0_u8..3;
    let several = prop::collection::vec(prop_oneof![8 => enqueue(), 1 => Just(Command::Repeat)], 2..20);
    prop_oneof![
        8 => enqueue(),
        1 => Just(Command::Repeat),
        4 => several.prop_map(Command::Together),
        3 => (n(), 0_u8..4).prop_map(|(key, variant)| Command::Look { key, variant }),
        3 => (0_u8..2).prop_map(|holder| Command::Claim { holder }),
        1 => (0_u8..2).prop_map(|holder| Command::Yield { holder }),
        3 => (n(), 1_u8..9).prop_map(|(skip, most)| Command::Peek { skip, most }),
        4 => (0_u8..5, any::<u8>()).prop_map(|(claim, which)| Command::Take { claim, which }),
        5 => (0_u8..5, prop::bool::weighted(0.8), prop::collection::vec(0_u8..8, 8))
            .prop_map(|(claim, batch, ends)| Command::Settle { claim, batch, ends }),
        1 => (n(), any::<bool>()).prop_map(|(key, latest)| Command::Overtake { key, latest }),
        2 => (0_u8..4).prop_map(|letter| Command::Replay { letter }),
        1 => (0_u8..4).prop_map(|letter| Command::Discard { letter }),
    ]
}

/// One command, or those of a flusher that goes about its work.
fn some_commands() -> impl Strategy<Value = Vec<Command>> {
    let flush = (any::<u8>(), prop::collection::vec(0_u8..8, 8)).prop_map(|(which, ends)| {
        vec![
            Command::Claim { holder: 0 },
            Command::Peek { skip: 0, most: 8 },
            Command::Take { claim: 0, which },
            Command::Settle { claim: 0, batch: true, ends },
        ]
    });
    prop_oneof![8 => command().prop_map(|command| vec![command]), 2 => flush]
}

/// What two queues answer that count differently: numbers by the order in which they are seen first.
#[derive(Default)]
struct Seen(HashMap<u64, usize>);

impl Seen {
    /// Replaces the numbers that only clocks and counters make.
    fn plain(&mut self, text: &str) -> String {
        let mut plain = String::new();
        let mut digits = String::new();
        for c in text.chars().chain([' ']) {
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            // Shorter ones are ours; none of the clocks' is.
            match digits.parse::<u64>() {
                Ok(number) if digits.len() > 8 => {
                    let next = self.0.len();
                    plain.push('#');
                    plain.push_str(&self.0.entry(number).or_insert(next).to_string());
                }
                _ => plain.push_str(&digits),
            }
            digits.clear();
            plain.push(c);
        }
        plain
    }
}

/// A queue, and what its user remembers.
struct Side<'q> {
    queue: &'q dyn WriteQueue,
    seen: Seen,
    /// The claims of the partition so far, the latest last.
    claims: Vec<Claim>,
    peeked: Vec<u64>,
    taken: Option<Taken>,
    latest: HashMap<u8, u64>,
}

fn key(key: u8, variant: u8) -> EntryKey {
    EntryKey {
        text: format!("product:{key}").into(),
        partition: Partition::of("product"),
        template: Cow::Borrowed("product:<id>"),
        fingerprint: Fingerprint(u64::from(variant / 3) + 1),
        groups: Vec::new(),
    }
}

impl<'q> Side<'q> {
    fn new(queue: &'q dyn WriteQueue) -> Self {
        let seen = Seen::default();
        Self { queue, seen, claims: Vec::new(), peeked: Vec::new(), taken: None, latest: HashMap::new() }
    }

    /// The claim of so many ago.
    fn claim(&self, ago: u8) -> Option<Claim> {
        let ago = usize::from(ago.saturating_sub(3));
        self.claims.iter().rev().nth(ago).or(self.claims.first()).cloned()
    }

    /// Does it, and tells everything that can be seen afterwards.
    async fn run(&mut self, command: &Command, writes: &[NewWrite], holders: &[Token; 2]) -> String {
        let answer = self.answer(command, writes, holders).await;
        let mut all = format!("{answer} | {:?}", self.queue.depths().await.expect("it answers"));
        let dead = self.queue.dead().await.expect("it answers");
        for mut dead in dead {
            // What is of no consequence depends on the clock alone.
            dead.times = Default::default();
            all = format!("{all} | {dead:?}");
        }
        self.seen.plain(&all)
    }

    async fn answer(&mut self, command: &Command, writes: &[NewWrite], holders: &[Token; 2]) -> String {
        match command {
            Command::Enqueue { .. } | Command::Repeat | Command::Together(_) => {
                let puts = join_all(writes.iter().map(|write| self.queue.enqueue(write))).await;
                let puts: Vec<_> = puts.into_iter().map(|put| put.expect("it answers")).collect();
                format!("{puts:?}")
            }
            Command::Look { key: text, variant } => {
                let pending = self.queue.look(&key(*text, *variant)).await.expect("it answers");
                if let Some(pending) = &pending {
                    self.latest.insert(*text, pending.version);
                }
                format!("{pending:?}")
            }
            Command::Claim { holder } => {
                let claims =
                    self.queue.claim(holders[usize::from(*holder)], LONG, &[]).await.expect("it answers");
                self.claims.extend(claims.iter().cloned());
                format!("{claims:?}")
            }
            Command::Yield { holder } => {
                self.queue.yield_claims(holders[usize::from(*holder)]).await.expect("it answers");
                String::new()
            }
            Command::Peek { skip, most } => {
                let Some(claim) = self.claim(0) else { return String::new() };
                let after = if *skip == 0 { 0 } else { self.peeked.first().copied().unwrap_or(0) };
                let waiting =
                    self.queue.peek(claim.partition, after, (*most).into()).await.expect("it answers");
                self.peeked = waiting.iter().map(|waiting| waiting.id).collect();
                format!("{waiting:?}")
            }
            Command::Take { claim, which } => {
                let Some(claim) = self.claim(*claim) else { return String::new() };
                let ids = self.peeked.iter().enumerate().filter(|(n, _)| which >> (n % 8) & 1 == 1);
                let ids: Vec<_> = ids.map(|(_, id)| *id).collect();
                let taken = self.queue.take(&claim, &ids).await.expect("it answers");
                if taken.is_some() {
                    self.taken.clone_from(&taken);
                }
                format!("{taken:?}")
            }
            Command::Settle { claim, batch, ends } => {
                let Some(claim) = self.claim(*claim) else { return String::new() };
                let number = self.taken.as_ref().filter(|_| *batch).map(|taken| taken.number);
                let writes = self.taken.iter().flat_map(|taken| &taken.writes).zip(ends);
                let settled: Vec<_> =
                    writes.filter_map(|(write, end)| settled(*end, write.id, write.version)).collect();
                let held = self.queue.settle(&claim, number, &settled).await.expect("it answers");
                format!("{held}")
            }
            Command::Overtake { key: text, latest } => {
                let version = if *latest { u64::MAX } else { self.latest.get(text).copied().unwrap_or(0) };
                format!("{:?}", self.queue.overtake(&key(*text, 0), version).await.expect("it answers"))
            }
            Command::Replay { letter } | Command::Discard { letter } => {
                let dead = self.queue.dead().await.expect("it answers");
                let Some(dead) = dead.get(usize::from(*letter)) else { return String::new() };
                if matches!(command, Command::Replay { .. }) {
                    let replayed = self.queue.replay(dead.partition, dead.write.id).await;
                    format!("{:?}", replayed.expect("it answers"))
                } else {
                    let discarded = self.queue.discard(dead.partition, dead.write.id).await;
                    format!("{:?}", discarded.expect("it answers"))
                }
            }
        }
    }
}

fn settled(end: u8, id: u64, version: u64) -> Option<Settled> {
    match end {
        0..=3 => Some(Settled::Done { id, version }),
        4 => Some(Settled::Failed { id, version }),
        5 => Some(Settled::Dead { id, version, error: "broken".to_owned(), halt: false }),
        6 => Some(Settled::Dead { id, version, error: "broken".to_owned(), halt: true }),
        _ => None,
    }
}

/// The writes that a command enqueues.
fn writes(command: &Command, last: &mut Option<NewWrite>) -> Vec<NewWrite> {
    match command {
        Command::Together(commands) => commands.iter().flat_map(|command| writes(command, last)).collect(),
        Command::Enqueue { .. } => {
            *last = write(command);
            last.iter().cloned().collect()
        }
        Command::Repeat => last.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

fn write(command: &Command) -> Option<NewWrite> {
    let Command::Enqueue { key: text, function, shows, coalesce, full } = command else { return None };
    let shows = match shows {
        0 | 1 => Shows::Delta,
        2 => Shows::Absent,
        // An entry in the reference's own words.
        _ => Shows::Value(format!("ent\u{3}{shows}").into()),
    };
    let group = Target::Group(Group { text: format!("g:{function}").into(), partition: Partition::of("g") });
    Some(NewWrite {
        token: Token::random(),
        key: key(*text, *function * 3),
        function: format!("save{function}").into(),
        payload: format!("p{}", distinct(command)).into(),
        shows,
        ttl: None,
        coalesce: *coalesce,
        drops: vec![group],
        most: if *full { 2 } else { 100 },
    })
}

/// A payload that tells one command from most others.
fn distinct(command: &Command) -> String {
    format!("{command:?}").chars().filter(char::is_ascii_alphanumeric).collect()
}

async fn agree<DB: SqlDatabase>(
    pool: &Pool<DB>,
    namespace: &str,
    commands: &[Command],
) -> Result<(), TestCaseError> {
    let (memory, sql) = (MemoryStore::new(), SqlQueue::new(pool.clone(), namespace));
    let (mut reference, mut tested) = (Side::new(&memory), Side::new(&sql));
    let holders = [Token::random(), Token::random()];
    let mut last = None;
    for (n, command) in commands.iter().enumerate() {
        let writes = writes(command, &mut last);
        let commits = sql.commits();
        let expected = reference.run(command, &writes, &holders).await;
        let answer = tested.run(command, &writes, &holders).await;
        prop_assert_eq!(answer, expected, "{}: {:?}", n, command);
        // However many they are, they are committed together.
        prop_assert_eq!(sql.commits() - commits, u64::from(!writes.is_empty()));
    }
    Ok(())
}

fn agrees<DB: SqlDatabase>(runtime: &tokio::runtime::Runtime, pool: &Pool<DB>, cases: u32) {
    let made = AtomicUsize::new(0);
    let mut runner =
        TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..Default::default() });
    let commands = prop::collection::vec(some_commands(), 1..60);
    let result = runner.run(&commands, |commands| {
        let commands = commands.concat();
        let namespace = format!("model:{}", made.fetch_add(1, Ordering::Relaxed));
        runtime.block_on(agree(pool, &namespace, &commands))
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// How many sequences are tried: `QUEUE_CASES`, or this many.
fn cases(few: u32) -> u32 {
    std::env::var("QUEUE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(few)
}

#[test]
fn queue_in_sqlite_answers_like_the_reference() {
    let (runtime, file) = (runtime(), SqliteFile::new());
    let pool = runtime.block_on(file.pool(2));
    agrees(&runtime, &pool, cases(60));
}

#[test]
fn queue_in_postgres_answers_like_the_reference() {
    let runtime = runtime();
    let server = runtime.block_on(Postgres::start());
    let pool = runtime.block_on(postgres(&server));
    agrees(&runtime, &pool, cases(40));
}
