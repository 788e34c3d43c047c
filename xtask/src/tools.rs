//! Which programs the tests need besides Rust, and how they get onto the machine.

use crate::{
    run::{Failure, run, succeeds},
    workspace::cargo,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A server that the tests start.
struct Server {
    program: &'static str,
    debian_package: &'static str,
    others: &'static str,
    find: fn() -> Option<PathBuf>,
}

const SERVERS: &[Server] = &[
    Server {
        program: "redis-server",
        debian_package: "redis-server",
        others: "`brew install redis`, `dnf install redis`, or set TEST_REDIS_SERVER to its path",
        find: redis_server,
    },
    Server {
        program: "postgres",
        debian_package: "postgresql",
        others: "`brew install postgresql`, `dnf install postgresql-server`, or set TEST_POSTGRES_BIN to its folder",
        find: postgres,
    },
];

// Installs the packages `$@` and keeps the package manager from starting them as services of the machine.
const INSTALL: &str = r#"
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt-get -qq update || echo "apt-get update failed; trying with the lists that are here" >&2
apt-get -qq install -y --no-install-recommends "$@"
"#;

/// Finds every program, installs what is missing where that is possible, and says what to do where it is not.
pub(crate) fn ensure() -> Result<(), Failure> {
    let missing: Vec<&Server> = SERVERS.iter().filter(|server| (server.find)().is_none()).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    for server in SERVERS {
        let found = (server.find)().ok_or_else(|| to_install(&[server]))?;
        println!("{:<14} {}", server.program, found.display());
    }
    if !has_nextest() && may_install() {
        println!("cargo-nextest is missing and takes some minutes to build");
        // The tests run without it too, so a failure here is none.
        if let Err(failure) = run(&mut cargo(&["install", "cargo-nextest", "--locked"])) {
            println!("{failure}");
        }
    }
    println!(
        "{:<14} {}",
        "cargo-nextest",
        if has_nextest() { "found" } else { "missing, `cargo test` will do" }
    );
    Ok(())
}

/// Whether `cargo nextest` works.
pub(crate) fn has_nextest() -> bool {
    succeeds(&mut cargo(&["nextest", "--version"]))
}

fn install(missing: &[&Server]) -> Result<(), Failure> {
    let apt = may_install() && in_path("apt-get").is_some();
    let mut command = if apt && is_root() {
        Command::new("sh")
    } else if apt && succeeds(Command::new("sudo").args(["-n", "true"])) {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "sh"]);
        sudo
    } else {
        return Err(to_install(missing));
    };
    let packages: Vec<&str> = missing.iter().map(|server| server.debian_package).collect();
    println!("installing {} with apt-get, without starting services", packages.join(" and "));
    command.args(["-c", INSTALL, "install"]).args(&packages).stdin(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("apt-get ended with {status}; {}", to_install(missing)))),
        Err(error) => Err(Failure::new(format!("`sh` could not be run: {error}"))),
    }
}

/// What the reader has to do by hand.
fn to_install(missing: &[&Server]) -> Failure {
    let lines = missing.iter().map(|Server { program, debian_package, others, .. }| {
        format!("\n  `{program}` is missing: `apt-get install {debian_package}`, {others}")
    });
    Failure::new(format!("install these first:{}", lines.collect::<String>()))
}

fn may_install() -> bool {
    env::var_os("NO_INSTALL").is_none_or(|value| value.is_empty() || value == "0")
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn redis_server() -> Option<PathBuf> {
    let named = env::var_os("TEST_REDIS_SERVER").map(PathBuf::from);
    named.or_else(|| in_path("redis-server")).or_else(|| in_path("valkey-server"))
}

fn postgres() -> Option<PathBuf> {
    if let Some(bin) = env::var_os("TEST_POSTGRES_BIN") {
        return Some(Path::new(&bin).join("postgres"));
    }
    let linked = in_path("postgres").and_then(|path| fs::canonicalize(path).ok());
    let debian = || {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
        versions.map(|version| version.path().join("bin/postgres")).find(|program| program.is_file())
    };
    // `initdb` is a part of the server's package, but not of every package with a `postgres` in it.
    linked.into_iter().chain(debian()).find(|program| program.with_file_name("initdb").is_file())
}

fn in_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
