//! How a server's process is started, signalled, waited for and ended.

use crate::{
    error::StartError,
    home::{Home, Owner},
};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use std::{
    fs,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How often a state that nobody announces is looked at.
pub(crate) const POLL: Duration = Duration::from_millis(2);

/// One server's process, which may end and be started again in the same folder.
#[derive(Debug)]
pub(crate) struct Process {
    program: &'static str,
    child: Mutex<Option<Child>>,
    home: Home,
}

impl Process {
    pub(crate) fn new(program: &'static str, home: Home) -> Self {
        Self { program, child: Mutex::new(None), home }
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// The process id, or `None` while no process runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child().as_ref().map(Child::id)
    }

    /// Starts `command` with its output in the log; a process that still runs is killed first.
    pub(crate) fn spawn(&self, command: &mut Command, owner: Option<Owner>) -> Result<u32, StartError> {
        self.kill();
        let log = fs::File::options().create(true).append(true).open(self.log_path());
        let log = log.map_err(StartError::io("open the server's log"))?;
        let errors = log.try_clone().map_err(StartError::io("share the server's log"))?;
        if let Some(Owner { uid, gid }) = owner {
            command.uid(uid).gid(gid);
        }
        command.current_dir(self.home.path()).stdin(Stdio::null()).stdout(log).stderr(errors);
        let child = command.process_group(0).spawn();
        let child = child.map_err(StartError::io(format!("run `{}`", self.program)))?;
        let pid = child.id();
        self.home.guard(Some(pid));
        *self.child() = Some(child);
        Ok(pid)
    }

    /// Waits until `ready` says so, the process ends, or `patience` is over.
    pub(crate) fn wait_until(
        &self,
        patience: Duration,
        mut ready: impl FnMut() -> bool,
    ) -> Result<(), StartError> {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.reap() {
                return Err(StartError::Exited { program: self.program, status, log: self.log_tail() });
            }
            if ready() {
                return Ok(());
            }
            if begin.elapsed() > patience {
                return Err(StartError::NotReady {
                    program: self.program,
                    after: patience,
                    log: self.log_tail(),
                });
            }
            thread::sleep(POLL);
        }
    }

    /// Ends the process at once, without its knowing; returns when it is gone.
    pub(crate) fn kill(&self) {
        let mut child = self.child();
        if let Some(mut child) = child.take() {
            let _ = child.kill();
            let _ = child.wait();
            self.home.guard(None);
        }
    }

    /// Asks the process to end with `signal`, kills it when it has not within `patience`.
    pub(crate) fn end(&self, signal: Signal, patience: Duration) {
        self.signal(Signal::CONT);
        self.signal(signal);
        let begin = Instant::now();
        while self.pid().is_some() && self.reap().is_none() && begin.elapsed() < patience {
            thread::sleep(POLL);
        }
        self.kill();
    }

    /// Stops the process in its tracks (`SIGSTOP`); returns when it stands still.
    pub(crate) fn pause(&self) {
        let child = self.child();
        let Some(pid) = child.as_ref().and_then(pid_of) else { return };
        if kill_process(pid, Signal::STOP).is_err() {
            return;
        }
        let options = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
        while let Ok(None) = waitid(WaitId::Pid(pid), options) {
            thread::sleep(POLL);
        }
    }

    /// Sends `signal`, when a process runs.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.child().as_ref().and_then(pid_of) {
            let _ = kill_process(pid, signal);
        }
    }

    /// All that the server has written.
    pub(crate) fn log(&self) -> String {
        fs::read(self.log_path()).map_or_else(
            |error| format!("(no log: {error})"),
            |bytes| String::from_utf8_lossy(&bytes).into_owned(),
        )
    }

    /// The last lines of what the server has written.
    pub(crate) fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// How the process ended, when it has; it is then forgotten.
    fn reap(&self) -> Option<ExitStatus> {
        let mut child = self.child();
        let status = child.as_mut()?.try_wait().ok().flatten()?;
        *child = None;
        self.home.guard(None);
        Some(status)
    }

    fn log_path(&self) -> PathBuf {
        self.home.path().join("log")
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- log of `{}` ---\n{}", self.program, self.log_tail());
        }
        self.kill();
    }
}

/// Runs `work` on a blocking thread, so that neither the test's runtime nor a paused clock is in its way.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => panic!("the runtime shut down while a server started: {error}"),
        },
    }
}

fn pid_of(child: &Child) -> Option<Pid> {
    Pid::from_raw(child.id().try_into().ok()?)
}
