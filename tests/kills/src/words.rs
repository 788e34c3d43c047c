//! What the harness calls things: queues, databases, faults, and the points at which a worker dies.

/// Defines an enum whose variants have a name, and what it means.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal $meaning:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum $name { $(#[doc = $meaning] $variant,)* }

        impl $name {
            /// All of them, in the order in which they are shown.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name on the command line and in tables.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it is, for `--help`.
            pub(crate) const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// The one of this name.
            pub(crate) fn named(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// The queues.
    QueueKind {
        RedisFsync = "redis_fsync" "in Redis, on its disk",
        Redis = "redis" "in Redis, in its memory",
        Sql = "sql" "in tables of the database",
        Memory = "memory" "in the process",
    }
}

words! {
    /// The databases.
    Engine {
        Sqlite = "sqlite" "a file",
        Postgres = "postgres" "a server",
    }
}

words! {
    /// Where a worker ends or stands still of its own accord, so that it does so exactly there.
    Point {
        Acknowledged = "acknowledged" "after an acknowledgement",
        Taken = "taken" "after its flusher has taken a batch, before the transaction begins",
        Writing = "writing" "in the batch function, before the commit",
        Committed = "committed" "after the commit, before the batch is settled",
    }
}

words! {
    /// What happens in a round.
    Fault {
        Calm = "calm" "nothing",
        Kill = "kill" "kill -9 of a worker, at any time",
        KillAll = "kill-all" "kill -9 of all workers, at any time",
        KillAcknowledged = "kill-acknowledged" "kill -9 right after an acknowledgement",
        KillTaken = "kill-taken" "kill -9 after a batch was taken, before its transaction",
        KillWriting = "kill-writing" "kill -9 in the batch function",
        KillCommitted = "kill-committed" "kill -9 after the commit, before the batch is settled",
        Stop = "stop" "SIGSTOP of a worker for longer than its claims last, at any time",
        StopTaken = "stop-taken" "the same after a batch was taken, before its transaction",
        StopWriting = "stop-writing" "the same in the batch function",
        StopCommitted = "stop-committed" "the same after the commit, before the batch is settled",
        QueueCut = "queue-cut" "a worker's requests reach the queue, their answers don't",
        QueueSilent = "queue-silent" "nothing passes between a worker and the queue, and arrives late",
        DataCut = "data-cut" "a worker's requests reach the database, their answers don't",
        DataSilent = "data-silent" "nothing passes between a worker and the database, and arrives late",
        KillRedis = "kill-redis" "kill -9 of Redis, and a restart on its files",
        KillRedisSlow = "kill-redis-slow" "kill -9 of Redis on a slow disk while nobody flushes; only with `--..-slow-fsync`",
        KillDatabase = "kill-database" "kill -9 of the database server, and a restart on its files",
    }
}

/// What a worker does at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Die,
    Halt,
}

impl Fault {
    /// Where the worker does it itself.
    pub(crate) const fn at(self) -> Option<(Point, Act)> {
        match self {
            Self::KillAcknowledged => Some((Point::Acknowledged, Act::Die)),
            Self::KillTaken => Some((Point::Taken, Act::Die)),
            Self::KillWriting => Some((Point::Writing, Act::Die)),
            Self::KillCommitted => Some((Point::Committed, Act::Die)),
            Self::StopTaken => Some((Point::Taken, Act::Halt)),
            Self::StopWriting => Some((Point::Writing, Act::Halt)),
            Self::StopCommitted => Some((Point::Committed, Act::Halt)),
            Self::Calm
            | Self::Kill
            | Self::KillAll
            | Self::Stop
            | Self::QueueCut
            | Self::QueueSilent
            | Self::DataCut
            | Self::DataSilent
            | Self::KillRedis
            | Self::KillRedisSlow
            | Self::KillDatabase => None,
        }
    }

    /// Whether it means anything for this queue and this database.
    pub(crate) fn fits(self, queue: QueueKind, engine: Engine) -> bool {
        let redis = matches!(queue, QueueKind::Redis | QueueKind::RedisFsync);
        let server = engine == Engine::Postgres;
        match self {
            Self::KillRedis => redis,
            // It has a run of its own.
            Self::KillRedisSlow => false,
            Self::KillDatabase | Self::DataCut | Self::DataSilent => server,
            Self::QueueCut | Self::QueueSilent => redis || server && queue == QueueKind::Sql,
            _ => true,
        }
    }
}

words! {
    /// The write-behind functions of the workers' repository.
    Function {
        Put = "put" "the last value of a row, in a transaction",
        Mark = "mark" "a row that comes ..",
        Unmark = "unmark" ".. and goes (`deletes`)",
        Append = "append" "events (`coalesce = false`)",
        Add = "add" "a sum (`merge`)",
        Loose = "loose" "the last value of a row, without a transaction (`unordered`)",
    }
}

impl Function {
    /// The functions that write the same rows have one name in the history.
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Mark | Self::Unmark => "mark",
            Self::Append => "append",
            Self::Add => "add",
            Self::Loose => "loose",
        }
    }
}
