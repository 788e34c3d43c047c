//! A slow disk for Redis: a few lines of C between it and the system.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const SHIM: &str = include_str!("../slow_fsync.c");

/// A disk that can be made slow. Its files are gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
    library: PathBuf,
    time: Duration,
}

impl Disk {
    /// Compiles the shim; `None` if this machine has no C compiler, or can't preload what it makes.
    pub(crate) fn make(time: Duration) -> io::Result<Option<Self>> {
        if !cfg!(target_os = "linux") {
            return Ok(None);
        }
        let folder = format!("cache-kills-disk-{}-{:x}", std::process::id(), fastrand::u64(..));
        let folder = env::temp_dir().join(folder);
        fs::create_dir_all(&folder)?;
        let library = folder.join("slow_fsync.so");
        let disk = Self { folder, library, time };
        let source = disk.folder.join("slow_fsync.c");
        fs::write(&source, SHIM)?;
        let named = env::var("CC").ok();
        let compilers = named.iter().map(String::as_str).chain(["cc", "gcc", "clang"]);
        for compiler in compilers {
            let mut command = Command::new(compiler);
            command.args(["-shared", "-fPIC", "-O2", "-o"]).arg(&disk.library).arg(&source);
            if command.output().is_ok_and(|output| output.status.success()) {
                return Ok(Some(disk));
            }
        }
        Ok(None)
    }

    /// What the environment of a process on this disk says.
    pub(crate) fn environment(&self) -> [(&'static str, String); 3] {
        [
            ("LD_PRELOAD", path(&self.library)),
            ("SLOW_FSYNC", path(&self.slow())),
            ("SLOW_FSYNC_MS", self.time.as_millis().to_string()),
        ]
    }

    /// From now on it is slow, or not.
    pub(crate) fn be_slow(&self, slow: bool) -> io::Result<()> {
        if slow { fs::write(self.slow(), "") } else { fs::remove_file(self.slow()) }
    }

    fn slow(&self) -> PathBuf {
        self.folder.join("slow")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
