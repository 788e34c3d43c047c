//! The worker processes, their ways to the servers, and what can be done to them.

use crate::{
    ledger::{Ledger, Said},
    servers::Servers,
    words::QueueKind,
    worker::{Mode, Orders},
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    env,
    io::{self, BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::Duration,
};
use test_servers::Proxy;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::Instant,
};

/// A place in the fleet: ways to the servers, and the process that uses them now.
#[derive(Debug)]
pub(crate) struct Post {
    /// The way to the queue, where it is a server.
    pub(crate) queue: Option<Proxy>,
    /// The way to the database, where it is a server.
    pub(crate) data: Option<Proxy>,
    worker: Option<Worker>,
    /// What the worker has said since that was asked last.
    pub(crate) said: Vec<Said>,
}

#[derive(Debug)]
struct Worker {
    process: i64,
    child: Child,
    voice: ChildStdin,
}

/// All workers.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) posts: Vec<Post>,
    pub(crate) ledger: Ledger,
    template: Orders,
    lines: UnboundedReceiver<(i64, Option<String>)>,
    say: UnboundedSender<(i64, Option<String>)>,
    next: i64,
}

impl Fleet {
    /// As many posts, whose workers get orders like these; the last post has direct ways, for the process that drains.
    pub(crate) async fn new(servers: &Servers, template: Orders, posts: usize) -> Self {
        let mut all = Vec::new();
        for number in 0..=posts {
            let direct = number == posts;
            let queue = match servers.queue_addr(template.queue).filter(|_| !direct) {
                Some(addr) => Some(Proxy::start(addr).await),
                None => None,
            };
            let data = match servers.data_addr().filter(|_| !direct) {
                Some(addr) => Some(Proxy::start(addr).await),
                None => None,
            };
            all.push(Post { queue, data, worker: None, said: Vec::new() });
        }
        let (say, lines) = unbounded_channel();
        let ledger = Ledger { apart: template.queue == QueueKind::Memory, ..Ledger::default() };
        Self { posts: all, ledger, template, lines, say, next: 1 }
    }

    /// The posts of those that write.
    pub(crate) fn writers(&self) -> usize {
        self.posts.len() - 1
    }

    /// Starts a process that never was there before.
    pub(crate) fn start(&mut self, servers: &Servers, place: usize, mode: Mode) -> io::Result<()> {
        let process = self.next;
        self.next += 1;
        let post = &mut self.posts[place];
        let mut orders = Orders { process, mode, ..self.template.clone() };
        servers.address(&mut orders, post.queue.as_ref(), post.data.as_ref());
        let mut command = Command::new(env::current_exe()?);
        let mut child =
            command.args(orders.to_args()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(voice), Some(pipe)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("a worker has no pipes"));
        };
        let say = self.say.clone();
        thread::Builder::new().name("ear".to_owned()).spawn(move || {
            // What is cut off by the death of its speaker was not said.
            let mut pipe = BufReader::new(pipe);
            let mut line = String::new();
            while pipe.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
                let _ = say.send((process, Some(line.trim_end().to_owned())));
                line.clear();
            }
            let _ = say.send((process, None));
        })?;
        post.said.clear();
        post.worker = Some(Worker { process, child, voice });
        Ok(())
    }

    /// Whether a process is at this post.
    pub(crate) fn is_alive(&self, place: usize) -> bool {
        self.posts[place].worker.is_some()
    }

    /// Says something to a worker.
    pub(crate) fn tell(&mut self, place: usize, line: &str) {
        if let Some(worker) = &mut self.posts[place].worker {
            // One that is dead hears nothing.
            let _ = worker.voice.write_all(format!("{line}\n").as_bytes());
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self, place: usize) {
        self.signal(place, Signal::KILL);
    }

    /// Makes a worker stand still, or go on.
    pub(crate) fn signal(&self, place: usize, signal: Signal) {
        let worker = self.posts[place].worker.as_ref();
        let pid = worker.and_then(|worker| Pid::from_raw(worker.child.id().try_into().ok()?));
        if let Some(pid) = pid {
            let _ = kill_process(pid, signal);
        }
    }

    /// Listens until this holds, or the time is over; answers whether it does.
    pub(crate) async fn until(&mut self, time: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let deadline = Instant::now() + time;
        loop {
            while let Ok((process, line)) = self.lines.try_recv() {
                self.hear(process, line);
            }
            if holds(self) {
                return true;
            }
            match tokio::time::timeout_at(deadline, self.lines.recv()).await {
                Ok(Some((process, line))) => self.hear(process, line),
                Ok(None) | Err(_) => return false,
            }
        }
    }

    /// Listens for so long.
    pub(crate) async fn listen(&mut self, time: Duration) {
        self.until(time, |_| false).await;
    }

    fn hear(&mut self, process: i64, line: Option<String>) {
        let post = self
            .posts
            .iter_mut()
            .find(|post| post.worker.as_ref().is_some_and(|worker| worker.process == process));
        let said = line.map_or(Some(Said::Gone), |line| self.ledger.hear(&line));
        if let (Some(post), Some(said)) = (post, said) {
            if said == Said::Gone
                && let Some(mut worker) = post.worker.take()
            {
                let _ = worker.child.kill();
                let _ = worker.child.wait();
            }
            post.said.push(said);
        }
    }

    /// Whether the worker has said this.
    pub(crate) fn has_said(&self, place: usize, what: &Said) -> bool {
        self.posts[place].said.contains(what)
    }

    /// Ends all.
    pub(crate) fn end(&mut self) {
        for worker in self.posts.iter_mut().filter_map(|post| post.worker.take()) {
            let mut worker = worker;
            let _ = worker.child.kill();
            let _ = worker.child.wait();
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.end();
    }
}
