-- Version 1 of the schema for SQLite. `spin up --sqlite @migrations/sqlite/schema.sql`
-- runs it at every start, so every statement must do nothing the second time. The
-- service itself applies what has changed since: the files beside this one.

-- Readers and the one writer do not wait for each other. It stays with the file.
PRAGMA journal_mode = WAL;

CREATE TABLE IF NOT EXISTS enrolments (
    -- AUTOINCREMENT: an id never comes again, for the invoice's number is made of it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    course_id INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    invoice_url TEXT NULL,
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'CANCELED', 'COMPLETED')),
    payment_status TEXT NOT NULL CHECK (payment_status IN ('PENDING', 'PAID', 'FAILED')),
    -- YYYY-MM-DD HH:MM:SS in UTC, which sorts as text.
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    course_end_date TEXT NULL,
    CONSTRAINT uq_enrolments UNIQUE (user_id, course_id)
);
CREATE INDEX IF NOT EXISTS ix_enrolments_course_id ON enrolments (course_id);
-- Expiry walks what is active by end date; /active walks it by id.
CREATE INDEX IF NOT EXISTS ix_enrolments_expiry ON enrolments (status, course_end_date, id);
CREATE INDEX IF NOT EXISTS ix_enrolments_active ON enrolments (status, id);

-- What is owed to customers. Times are milliseconds since 1970 in UTC.
-- due_at is when the next worker may take the row: for one that is held under
-- a lease that is the lease's end; a finished or dead row has none.
CREATE TABLE IF NOT EXISTS outbox (
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
    CONSTRAINT uq_outbox UNIQUE (enrolment_id, kind)
);
CREATE INDEX IF NOT EXISTS ix_outbox_due ON outbox (due_at, id);
CREATE INDEX IF NOT EXISTS ix_outbox_lease ON outbox (lease_token);
-- Operators look at jobs by state.
CREATE INDEX IF NOT EXISTS ix_outbox_state ON outbox (state, id);

-- What was answered under an Idempotency-Key; rows are forgotten after a day.
-- Times are milliseconds since 1970 in UTC. A row without a token is answered.
CREATE TABLE IF NOT EXISTS idempotency (
    idempotency_key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    token TEXT NULL,
    lease_until INTEGER NOT NULL,
    outcome TEXT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_idempotency_created_at ON idempotency (created_at);

-- Which of those files are applied, and when: milliseconds since 1970 in UTC.
CREATE TABLE IF NOT EXISTS schema_migrations (
    version INTEGER PRIMARY KEY,
    applied_at INTEGER NOT NULL
);
