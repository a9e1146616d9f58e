-- Version 1 of the schema for SQLite. `spin up --sqlite @migrations/sqlite/schema.sql`
-- runs it at every start, so every statement must do nothing the second time. Later versions
-- are files beside this one, which the service applies itself.
-- Times are milliseconds since 1970 in UTC, except in enrolments.

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
    -- What was paid, in hundredths; when it was refunded, in milliseconds since 1970 in UTC;
    -- the reason of a cancellation or refund.
    paid_hundredths INTEGER NULL,
    refunded_at INTEGER NULL,
    reason TEXT NULL,
    -- 1 unless the enrolment is canceled: only one enrolment of a user in a course is open.
    is_open INTEGER GENERATED ALWAYS AS (CASE WHEN status = 'CANCELED' THEN NULL ELSE 1 END) VIRTUAL,
    CONSTRAINT uq_enrolments_open UNIQUE (user_id, course_id, is_open)
);
-- Expiry reads active rows by end date, GET /active by id; lists read by course, by user, by
-- payment status, and by course and status. The last index also counts the seats of a course.
CREATE INDEX IF NOT EXISTS ix_enrolments_course_id ON enrolments (course_id);
CREATE INDEX IF NOT EXISTS ix_enrolments_expiry ON enrolments (status, course_end_date, id);
CREATE INDEX IF NOT EXISTS ix_enrolments_active ON enrolments (status, id);
CREATE INDEX IF NOT EXISTS ix_enrolments_user_id ON enrolments (user_id);
CREATE INDEX IF NOT EXISTS ix_enrolments_payment ON enrolments (payment_status);
CREATE INDEX IF NOT EXISTS ix_enrolments_course_status ON enrolments (course_id, status);

-- Jobs: deliveries that are still to be made, and those that are made.
-- job_key names a job, such as invoice:7. due_at is when the next worker may take the row: for
-- a job under a lease that is the end of the lease; a job that is done or dead has none.
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_key TEXT NOT NULL,
    enrolment_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    payload_version INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NULL,
    lease_token TEXT NULL,
    unknown_since INTEGER NULL,
    last_error TEXT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER NULL,
    CONSTRAINT uq_outbox_job UNIQUE (job_key)
);
CREATE INDEX IF NOT EXISTS ix_outbox_due ON outbox (due_at, id);
CREATE INDEX IF NOT EXISTS ix_outbox_lease ON outbox (lease_token);
CREATE INDEX IF NOT EXISTS ix_outbox_state ON outbox (state, id);
CREATE INDEX IF NOT EXISTS ix_outbox_enrolment ON outbox (enrolment_id, kind);

-- The answer to a request with an Idempotency-Key; a row is deleted after a day. A row
-- without a token is answered. user_id and enrolment_id say which user and which enrolment
-- the request names, so that the row is found when the user is erased.
CREATE TABLE IF NOT EXISTS idempotency (
    idempotency_key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    token TEXT NULL,
    lease_until INTEGER NOT NULL,
    outcome TEXT NULL,
    user_id TEXT NULL,
    enrolment_id INTEGER NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_idempotency_created_at ON idempotency (created_at);
CREATE INDEX IF NOT EXISTS ix_idempotency_user ON idempotency (user_id, enrolment_id);

-- Invoices and corrections that were issued. gross_hundredths is below 0 for a correction.
-- vendor_id is the invoicing service's own id for the document. ksef_status is the progress
-- of the document at KSeF in the invoicing service's words, ksef_number the number that KSeF
-- gave it; both are null for a document that does not go there.
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    enrolment_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    vendor_id INTEGER NULL,
    number TEXT NULL,
    url TEXT NULL,
    gross_hundredths INTEGER NULL,
    currency TEXT NULL,
    issued_on TEXT NULL,
    ksef_status TEXT NULL,
    ksef_number TEXT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT uq_documents UNIQUE (enrolment_id, kind)
);

-- Events of enrolments. Rows are added and never changed, except for the position: the id
-- under which readers get an event. Committed events get it, in the order of id.
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NULL,
    enrolment_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    course_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    payment_status TEXT NOT NULL,
    invoice_url TEXT NULL
);
CREATE INDEX IF NOT EXISTS ix_events_position ON events (position, id);
CREATE INDEX IF NOT EXISTS ix_events_enrolment ON events (enrolment_id);
CREATE INDEX IF NOT EXISTS ix_events_user ON events (user_id);

-- One row. last is the highest position, owed the position up to which events have jobs,
-- pruned the position up to which retention has looked, removed the highest position of an
-- event that retention deleted.
CREATE TABLE IF NOT EXISTS event_positions (
    id INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    owed INTEGER NOT NULL,
    pruned INTEGER NOT NULL,
    removed INTEGER NOT NULL
);
INSERT OR IGNORE INTO event_positions (id, last, owed, pruned, removed) VALUES (1, 0, 0, 0, 0);

-- Deliveries that people resolved; rows are never deleted. settled_by is the name of the token
-- that was sent, if it has one. The note about a user who was erased is empty.
CREATE TABLE IF NOT EXISTS resolutions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    enrolment_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    note TEXT NOT NULL,
    settled_by TEXT NULL,
    settled_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_resolutions_enrolment ON resolutions (enrolment_id);

-- The pace of requests to each outside system, for all runs together: free_at is when the
-- next request may begin, gap_ms the pause between two requests that the system asked for,
-- learnt_at when it asked. doubts counts the deliveries in a row whose outcome is unknown.
-- runner names the run that works for the system, until runner_until. A row begins with the
-- defaults.
CREATE TABLE IF NOT EXISTS paces (
    name TEXT PRIMARY KEY,
    free_at INTEGER NOT NULL DEFAULT 0,
    gap_ms INTEGER NOT NULL DEFAULT 0,
    learnt_at INTEGER NOT NULL DEFAULT 0,
    doubts INTEGER NOT NULL DEFAULT 0,
    runner TEXT NOT NULL DEFAULT '',
    runner_until INTEGER NOT NULL DEFAULT 0
);

-- Which later versions are applied, and when.
CREATE TABLE IF NOT EXISTS schema_migrations (
    version INTEGER PRIMARY KEY,
    applied_at INTEGER NOT NULL
);
