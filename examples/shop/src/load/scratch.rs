//! A folder that is gone when nobody needs it any more.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::config::DatabaseUrl;

/// A temporary folder for one database file.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a folder of its own below the system's temporary one.
    pub fn new() -> io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("shop-{}-{number}", process::id()));
        // What is there already was left by a process that had our number and was killed.
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }

    /// A database file in it.
    pub fn database(&self) -> DatabaseUrl {
        DatabaseUrl::file(&self.file())
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The path of that file.
    pub fn file(&self) -> PathBuf {
        self.0.join("shop.db")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Temporary files that stay are the system's to clean.
        let _ = fs::remove_dir_all(&self.0);
    }
}
