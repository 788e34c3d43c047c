-- The queue of acknowledged writes. Times are microseconds since the Unix epoch; a version, an id or a number of 0 is none. A write is whole if it replaces what
-- was written to its key before: it is neither an event nor a delta.

-- One row per partition: its line, and who flushes it.
CREATE TABLE IF NOT EXISTS cache_lines (
    namespace TEXT NOT NULL,
    part BIGINT NOT NULL,
    last BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    dead BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    holder TEXT NOT NULL,
    holder_ends BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    batch_epoch BIGINT NOT NULL,
    batch_function TEXT NOT NULL,
    batch_writes TEXT NOT NULL,
    PRIMARY KEY (namespace, part)
);

-- The writes that wait, in their order.
CREATE TABLE IF NOT EXISTS cache_queue (
    namespace TEXT NOT NULL,
    part BIGINT NOT NULL,
    id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    function TEXT NOT NULL,
    key TEXT NOT NULL,
    payload BYTEA NOT NULL,
    drops TEXT NOT NULL,
    whole BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    since BIGINT NOT NULL,
    variant BIGINT NOT NULL,
    shows BIGINT NOT NULL,
    entry BYTEA NOT NULL,
    PRIMARY KEY (namespace, part, id)
);
-- What tells most comes first: whoever looks for a key must not walk along its line.
CREATE INDEX IF NOT EXISTS cache_queue_key ON cache_queue (key, namespace, part, id);

-- The keys with pending writes, and what their readers get.
CREATE TABLE IF NOT EXISTS cache_pending (
    namespace TEXT NOT NULL,
    part BIGINT NOT NULL,
    key TEXT NOT NULL,
    version BIGINT NOT NULL,
    flushed BIGINT NOT NULL,
    halted BIGINT NOT NULL,
    variant BIGINT NOT NULL,
    shows BIGINT NOT NULL,
    entry BYTEA NOT NULL,
    PRIMARY KEY (namespace, part, key)
);

-- The writes that were given up.
CREATE TABLE IF NOT EXISTS cache_dead (
    namespace TEXT NOT NULL,
    part BIGINT NOT NULL,
    id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    function TEXT NOT NULL,
    key TEXT NOT NULL,
    payload BYTEA NOT NULL,
    drops TEXT NOT NULL,
    whole BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    since BIGINT NOT NULL,
    variant BIGINT NOT NULL,
    shows BIGINT NOT NULL,
    entry BYTEA NOT NULL,
    error TEXT NOT NULL,
    died BIGINT NOT NULL,
    halted BIGINT NOT NULL,
    superseded BIGINT NOT NULL,
    PRIMARY KEY (namespace, part, id)
);
CREATE INDEX IF NOT EXISTS cache_dead_key ON cache_dead (namespace, part, key);

-- What was answered to whom, for two minutes: a repeated call gets the same answer.
CREATE TABLE IF NOT EXISTS cache_tokens (
    namespace TEXT NOT NULL,
    part BIGINT NOT NULL,
    token TEXT NOT NULL,
    put BIGINT NOT NULL,
    version BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    PRIMARY KEY (namespace, part, token)
);
CREATE INDEX IF NOT EXISTS cache_tokens_ends ON cache_tokens (ends);
