//! Where the servers' programs are, and how to get one that is missing.

use crate::error::StartError;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

const REDIS_HELP: &str = "`apt-get install redis-server` (Debian, Ubuntu), `brew install redis` (macOS), \
    or set `TEST_REDIS_SERVER` to the path of a `redis-server` or `valkey-server`; `cargo xtask test` installs it \
    where it may";

const POSTGRES_HELP: &str = "`apt-get install postgresql` (Debian, Ubuntu), `brew install postgresql` (macOS), \
    or set `TEST_POSTGRES_BIN` to the folder that holds `postgres` and `initdb`; `cargo xtask test` installs it \
    where it may";

/// The Redis server's program.
pub(crate) fn redis_server() -> Result<PathBuf, StartError> {
    if let Some(path) = env::var_os("TEST_REDIS_SERVER") {
        return Ok(path.into());
    }
    let found = in_path("redis-server").or_else(|| in_path("valkey-server"));
    found.ok_or(StartError::Missing { program: "redis-server", install: REDIS_HELP })
}

/// The folder with `postgres`, `initdb` and `createdb`; the newest version where several are installed.
pub(crate) fn postgres_bin() -> Result<PathBuf, StartError> {
    if let Some(path) = env::var_os("TEST_POSTGRES_BIN") {
        return Ok(path.into());
    }
    // A link in PATH often stands alone; the programs beside its target belong together.
    let linked = in_path("postgres").and_then(|path| fs::canonicalize(path).ok());
    let linked = linked.and_then(|path| path.parent().map(Path::to_owned));
    let found = linked.filter(|bin| is_complete(bin)).or_else(newest_debian_bin);
    found.ok_or(StartError::Missing { program: "postgres", install: POSTGRES_HELP })
}

fn newest_debian_bin() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let numbered = versions.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((version, entry.path().join("bin")))
    });
    numbered.filter(|(_, bin)| is_complete(bin)).max().map(|(_, bin)| bin)
}

fn is_complete(bin: &Path) -> bool {
    ["postgres", "initdb", "createdb"].iter().all(|program| bin.join(program).is_file())
}

fn in_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
