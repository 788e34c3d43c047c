//! How a fresh PostgreSQL data folder comes about in a fraction of a second.
//!
//! `initdb` takes seconds, so its result is made once per user and version, kept in the temporary folder,
//! and copied for every server.

use crate::{error::StartError, home::Owner};
use rustix::process::geteuid;
use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash as _, Hasher as _},
    io,
    os::unix::{
        fs::{DirBuilderExt as _, MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const INITDB: &[&str] = &[
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--wal-segsize=1",
    "--no-sync",
    "--no-instructions",
];

/// The user to run the server as: `None` for the test's own, unless that is root.
pub(crate) fn owner() -> Result<Option<Owner>, StartError> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(StartError::io("read `/etc/passwd`"))?;
    let find = |name| users.lines().find_map(|line| parse_user(line, name));
    find("postgres").or_else(|| find("nobody")).map(Some).ok_or(StartError::Missing {
        program: "a user `postgres` or `nobody`",
        install: "PostgreSQL refuses to run as root: add such a user, or run the tests as another one",
    })
}

/// Makes `target` a fresh data folder that belongs to `owner`.
pub(crate) fn copy_to(bin: &Path, owner: Option<Owner>, target: &Path) -> Result<(), StartError> {
    let template = template(bin, owner)?;
    copy(&template, target, owner).map_err(StartError::io(format!(
        "copy `{}` to `{}`",
        template.display(),
        target.display()
    )))
}

/// Runs a helper program to its end; its output is shown when it fails.
pub(crate) fn finish(program: &'static str, command: &mut Command) -> Result<(), StartError> {
    let output = command.current_dir("/").stdin(Stdio::null()).output();
    let output = output.map_err(StartError::io(format!("run `{program}`")))?;
    if output.status.success() {
        return Ok(());
    }
    let log = [output.stdout, output.stderr].concat();
    let log = String::from_utf8_lossy(&log).into_owned();
    Err(StartError::Exited { program, status: output.status, log })
}

/// The folder to copy from; the first who asks makes it, under a lock.
fn template(bin: &Path, owner: Option<Owner>) -> Result<PathBuf, StartError> {
    let folder = env::temp_dir().join(format!("test-servers-{}", geteuid().as_raw()));
    private_folder(&folder, owner).map_err(StartError::io(format!("use `{}`", folder.display())))?;
    let name = template_name(bin);
    let lock = fs::File::create(folder.join(format!("{name}.lock")));
    let lock = lock.map_err(StartError::io("make the template's lock"))?;
    lock.lock().map_err(StartError::io("take the template's lock"))?;
    let template = folder.join(&name);
    if !template.exists() {
        // Made under another name first, so that half a template is never taken for one.
        let half = folder.join(format!("{name}.half"));
        let _ = fs::remove_dir_all(&half);
        let mut initdb = Command::new(bin.join("initdb"));
        initdb.arg("-D").arg(&half).args(INITDB).process_group(0);
        if let Some(Owner { uid, gid }) = owner {
            initdb.uid(uid).gid(gid);
        }
        finish("initdb", &mut initdb)?;
        fs::rename(&half, &template).map_err(StartError::io("keep the template"))?;
    }
    Ok(template)
}

/// One name per program and way of calling it, so that an upgrade gets a template of its own.
fn template_name(bin: &Path) -> String {
    let changed = fs::metadata(bin.join("initdb")).map(|file| (file.mtime(), file.size())).ok();
    let mut hasher = DefaultHasher::new();
    (bin, changed, INITDB).hash(&mut hasher);
    format!("postgres-{:016x}", hasher.finish())
}

/// Makes a folder that nobody else can write to, or makes sure that an old one is such a folder.
fn private_folder(folder: &Path, owner: Option<Owner>) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => owner.map_or(Ok(()), |owner| chown(folder, Some(owner.uid), Some(owner.gid))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(folder)?;
            let expected = owner.map_or(geteuid().as_raw(), |owner| owner.uid);
            let ours = found.is_dir() && [expected, geteuid().as_raw()].contains(&found.uid());
            if ours && found.mode().trailing_zeros() >= 6 {
                // Neither the group nor others may do anything with it.
                Ok(())
            } else {
                Err(io::Error::other("it belongs to somebody else; remove it"))
            }
        }
        Err(error) => Err(error),
    }
}

fn copy(from: &Path, to: &Path, owner: Option<Owner>) -> io::Result<()> {
    let kind = fs::symlink_metadata(from)?;
    if kind.is_dir() {
        fs::DirBuilder::new().mode(0o700).create(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()), owner)?;
        }
    } else {
        fs::copy(from, to)?;
    }
    owner.map_or(Ok(()), |owner| chown(to, Some(owner.uid), Some(owner.gid)))
}

// postgres:x:101:104:PostgreSQL administrator:/var/lib/postgresql:/bin/bash
fn parse_user(line: &str, name: &str) -> Option<Owner> {
    let mut fields = line.strip_prefix(name)?.strip_prefix(':')?.split(':').skip(1);
    let uid = fields.next()?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(Owner { uid, gid })
}
