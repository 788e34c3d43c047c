//! The Lua scripts, each single-slot and idempotent.

use redis::{Cmd, Script};
use std::sync::LazyLock;

/// A script and the command that calls it.
#[derive(Debug)]
pub(super) struct StoredScript {
    code: &'static str,
    hash: String,
}

/// All scripts.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) acquire: StoredScript,
    pub(super) renew: StoredScript,
    pub(super) fill: StoredScript,
    pub(super) release: StoredScript,
    pub(super) drop: StoredScript,
    pub(super) extend: StoredScript,
    pub(super) end: StoredScript,
    pub(super) touch: StoredScript,
    pub(super) sweep: StoredScript,
}

macro_rules! script {
    ($file:literal) => {
        StoredScript::new(concat!(include_str!("lua/prelude.lua"), "\n", include_str!($file)))
    };
}

pub(super) static SCRIPTS: LazyLock<Scripts> = LazyLock::new(|| Scripts {
    acquire: script!("lua/acquire.lua"),
    renew: script!("lua/renew.lua"),
    fill: script!("lua/fill.lua"),
    release: script!("lua/release.lua"),
    drop: script!("lua/drop.lua"),
    extend: script!("lua/extend.lua"),
    end: script!("lua/end.lua"),
    touch: script!("lua/touch.lua"),
    sweep: script!("lua/sweep.lua"),
});

impl Scripts {
    pub(super) fn all(&self) -> [&StoredScript; 9] {
        let Self { acquire, renew, fill, release, drop, extend, end, touch, sweep } = self;
        [acquire, renew, fill, release, drop, extend, end, touch, sweep]
    }
}

impl StoredScript {
    fn new(code: &'static str) -> Self {
        Self { code, hash: Script::new(code).get_hash().to_owned() }
    }

    /// The command that calls it with these keys; arguments may be added.
    pub(super) fn call<K: AsRef<str>>(&self, keys: &[K]) -> Cmd {
        let mut cmd = Cmd::new();
        cmd.arg("EVALSHA").arg(&self.hash).arg(keys.len());
        for key in keys {
            cmd.arg(key.as_ref());
        }
        cmd
    }

    /// The command that loads it.
    pub(super) fn load(&self) -> Cmd {
        let mut cmd = Cmd::new();
        cmd.arg("SCRIPT").arg("LOAD").arg(self.code);
        cmd
    }
}
