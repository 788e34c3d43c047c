-- How far the flushers have come, in the database that they write to: the last batch of each partition, and the epoch of its flusher.
CREATE TABLE IF NOT EXISTS cache_progress (
    namespace TEXT NOT NULL,
    part BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    PRIMARY KEY (namespace, part)
);
