//! Where a server keeps its files, and who clears up when the test process is killed.

use crate::error::StartError;
use std::{
    env, fs,
    io::{self, Write as _},
    os::unix::{
        fs::{DirBuilderExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

/// The user that a server runs as, when that is not the user of the test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// A temporary folder with a watchdog: a shell that reads the server's process id from its standard input
/// and, when that input ends because the test process died, ends the server and removes the folder.
#[derive(Debug)]
pub(crate) struct Home {
    path: PathBuf,
    watchdog: Mutex<Watchdog>,
}

#[derive(Debug)]
struct Watchdog {
    shell: Child,
    pids: ChildStdin,
}

// Reads process ids line by line and keeps the last; an empty line stands for "none runs".
// `$1` is the folder, `$2` the signal that the server gets first.
const SCRIPT: &str = r#"
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ] && kill -"$2" "$pid" 2>/dev/null; then
    tries=20
    while [ "$2" != KILL ] && [ "$tries" -gt 0 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; tries=$((tries - 1)); done
    kill -KILL "$pid" 2>/dev/null
fi
rm -rf "$1"
"#;

impl Home {
    /// A fresh folder; `signal` is what the watchdog sends first.
    pub(crate) fn new(owner: Option<Owner>, signal: &str) -> Result<Self, StartError> {
        let path = fresh_folder().map_err(StartError::io("make a temporary folder"))?;
        let watchdog = Watchdog::start(&path, signal).map_err(StartError::io("start a watchdog with `sh`"));
        let watchdog = match watchdog {
            Ok(watchdog) => Mutex::new(watchdog),
            Err(error) => {
                let _ = fs::remove_dir_all(&path);
                return Err(error);
            }
        };
        let home = Self { path, watchdog };
        if let Some(owner) = owner {
            chown(&home.path, Some(owner.uid), Some(owner.gid))
                .map_err(StartError::io(format!("give `{}` to the server's user", home.path.display())))?;
        }
        Ok(home)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells the watchdog which process to end.
    pub(crate) fn guard(&self, pid: Option<u32>) {
        let line = pid.map_or_else(|| "\n".to_owned(), |pid| format!("{pid}\n"));
        let mut watchdog = self.watchdog.lock().unwrap_or_else(PoisonError::into_inner);
        // A watchdog that somebody ended guards nothing; the server is still ended on drop.
        let _ = watchdog.pids.write_all(line.as_bytes());
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
        let watchdog = self.watchdog.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = watchdog.shell.kill();
        let _ = watchdog.shell.wait();
    }
}

impl Watchdog {
    fn start(path: &Path, signal: &str) -> io::Result<Self> {
        // A process group of its own: what ends the test's group must not end the one who clears up.
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "watchdog"])
            .arg(path)
            .arg(signal)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        match shell.stdin.take() {
            Some(pids) => Ok(Self { shell, pids }),
            None => Err(io::Error::other("the watchdog has no standard input")),
        }
    }
}

fn fresh_folder() -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        // Short, because a Unix socket's path may have at most about 100 bytes.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("test-server-{}-{number}", std::process::id()));
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}
