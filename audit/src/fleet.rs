//! The worker processes, and what can be done to them.

use crate::{collect::Say, event::What, worker::Orders};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    env,
    io::{self, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};
use test_servers::Proxy;

/// A place in the fleet: a way to Redis, and the process that uses it now.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) proxy: Proxy,
    orders: Orders,
    worker: Option<Worker>,
}

#[derive(Debug)]
struct Worker {
    child: Child,
    voice: ChildStdin,
}

/// All workers.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) posts: Vec<Post>,
    say: Say,
    next: u32,
}

impl Fleet {
    pub(crate) fn new(say: Say) -> Self {
        Self { posts: Vec::new(), say, next: 1 }
    }

    /// Adds a worker and starts it. Its address of Redis becomes the proxy's.
    pub(crate) fn add(&mut self, proxy: Proxy, orders: Orders) -> io::Result<()> {
        let orders = Orders { redis: proxy.url(), ..orders };
        self.posts.push(Post { proxy, orders, worker: None });
        self.start(self.posts.len() - 1)
    }

    /// Starts a worker, as a process that never was there before.
    pub(crate) fn start(&mut self, post: usize) -> io::Result<()> {
        let process = self.next;
        self.next += 1;
        let post = &mut self.posts[post];
        post.orders.process = process;
        let mut child = Command::new(env::current_exe()?)
            .args(post.orders.to_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(voice), Some(pipe)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("a worker has no pipes"));
        };
        self.say.listen(process, pipe)?;
        post.worker = Some(Worker { child, voice });
        Ok(())
    }

    /// Kills a worker and says that it is dead.
    pub(crate) fn kill(&mut self, post: usize) -> io::Result<()> {
        let post = &mut self.posts[post];
        if let Some(mut worker) = post.worker.take() {
            worker.child.kill()?;
            worker.child.wait()?;
            self.say.now(What::Died(post.orders.process));
        }
        Ok(())
    }

    /// Makes a worker stand still, or go on.
    pub(crate) fn signal(&self, post: usize, signal: Signal) -> io::Result<()> {
        let worker = self.posts[post].worker.as_ref();
        let pid = worker.and_then(|worker| Pid::from_raw(worker.child.id().try_into().ok()?));
        pid.map_or(Ok(()), |pid| Ok(kill_process(pid, signal)?))
    }

    /// Moves a worker's clock forward.
    pub(crate) fn skew(&mut self, post: usize, by: Duration) -> io::Result<()> {
        match &mut self.posts[post].worker {
            Some(worker) => worker.voice.write_all(format!("skew {}\n", by.as_millis()).as_bytes()),
            None => Ok(()),
        }
    }

    /// A worker that has ended by itself, which none should.
    pub(crate) fn ended(&mut self) -> Option<String> {
        self.posts.iter_mut().find_map(|post| {
            let status = post.worker.as_mut()?.child.try_wait().ok()??;
            Some(format!("worker {} ended by itself: {status}", post.orders.process))
        })
    }

    /// Lets all workers finish what they do, and ends those that don't.
    pub(crate) fn stop(&mut self) {
        for post in &mut self.posts {
            if let Some(worker) = &mut post.worker {
                let _ = worker.voice.write_all(b"stop\n");
            }
        }
        let end = Instant::now() + Duration::from_secs(20);
        for post in &mut self.posts {
            let Some(mut worker) = post.worker.take() else { continue };
            while worker.child.try_wait().is_ok_and(|status| status.is_none()) && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(5));
            }
            let _ = worker.child.kill();
            let _ = worker.child.wait();
            self.say.now(What::Died(post.orders.process));
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for worker in self.posts.iter_mut().filter_map(|post| post.worker.as_mut()) {
            let _ = worker.child.kill();
            let _ = worker.child.wait();
        }
    }
}
