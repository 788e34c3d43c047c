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
    pub(super) unlink: StoredScript,
    pub(super) enqueue: StoredScript,
    pub(super) look: StoredScript,
    pub(super) claim: StoredScript,
    pub(super) peek: StoredScript,
    pub(super) take: StoredScript,
    pub(super) settle: StoredScript,
    pub(super) overtake: StoredScript,
    pub(super) depth: StoredScript,
    pub(super) replay: StoredScript,
    pub(super) discard: StoredScript,
}

macro_rules! script {
    ($file:literal) => {
        StoredScript::new(concat!(include_str!("lua/prelude.lua"), "\n", include_str!($file)))
    };
    (queue $file:literal) => {
        StoredScript::new(concat!(
            include_str!("lua/prelude.lua"),
            "\n",
            include_str!("lua/queue.lua"),
            "\n",
            include_str!($file)
        ))
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
    unlink: script!("lua/unlink.lua"),
    enqueue: StoredScript::new(include_str!("lua/enqueue.lua")),
    look: script!(queue "lua/look.lua"),
    claim: script!(queue "lua/claim.lua"),
    // These only look, or are asked for each batch: they come without the words of the others.
    peek: StoredScript::new(include_str!("lua/peek.lua")),
    take: StoredScript::new(include_str!("lua/take.lua")),
    settle: script!(queue "lua/settle.lua"),
    overtake: script!(queue "lua/overtake.lua"),
    depth: StoredScript::new(include_str!("lua/depth.lua")),
    replay: script!(queue "lua/replay.lua"),
    discard: script!(queue "lua/discard.lua"),
});

impl Scripts {
    pub(super) fn all(&self) -> [&StoredScript; 20] {
        let Self { acquire, renew, fill, release, drop, extend, end, touch, sweep, unlink, .. } = self;
        let Self { enqueue, look, claim, peek, take, settle, overtake, depth, replay, discard, .. } = self;
        [
            acquire, renew, fill, release, drop, extend, end, touch, sweep, unlink, enqueue, look, claim,
            peek, take, settle, overtake, depth, replay, discard,
        ]
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
