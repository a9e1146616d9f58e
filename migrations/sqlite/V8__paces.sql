-- How fast each outside system is asked, by all runs together. Times are milliseconds since
-- 1970: when the next request may begin, the pause between two that the system asked for
-- and when it did, how often in a row it left open whether something was delivered, and
-- which run asks it and until when.
CREATE TABLE paces (
    name TEXT PRIMARY KEY,
    free_at INTEGER NOT NULL DEFAULT 0,
    gap_ms INTEGER NOT NULL DEFAULT 0,
    learnt_at INTEGER NOT NULL DEFAULT 0,
    doubts INTEGER NOT NULL DEFAULT 0,
    runner TEXT NOT NULL DEFAULT '',
    runner_until INTEGER NOT NULL DEFAULT 0
);
