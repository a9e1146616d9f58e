-- A job is named by its key: of some kinds an enrolment will have several. The
-- release before writes neither of the two new columns and finds its jobs by
-- enrolment and kind. SQLite takes no constraint away, so the table is made anew.
CREATE TABLE outbox_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    enrolment_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NULL,
    lease_token TEXT NULL,
    unknown_since INTEGER NULL,
    last_error TEXT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER NULL,
    job_key TEXT NULL,
    payload_version INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT uq_outbox_job UNIQUE (job_key)
);
-- The highest number so far, whose row may be gone.
INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox_new', seq FROM sqlite_sequence WHERE name = 'outbox';
-- Up to here an enrolment has one job of each kind.
INSERT INTO outbox_new
SELECT id, enrolment_id, kind, payload, state, attempts, due_at, lease_token, unknown_since, last_error,
    created_at, finished_at, kind || ':' || enrolment_id, 1
FROM outbox;
DROP TABLE outbox;
-- An operator's view of it may stay meanwhile.
PRAGMA legacy_alter_table = ON;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX ix_outbox_due ON outbox (due_at, id);
CREATE INDEX ix_outbox_lease ON outbox (lease_token);
CREATE INDEX ix_outbox_state ON outbox (state, id);
CREATE INDEX ix_outbox_enrolment ON outbox (enrolment_id, kind);
