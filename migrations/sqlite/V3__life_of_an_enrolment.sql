-- What was paid, when it went back, and why: in hundredths, and milliseconds since 1970
-- in UTC. is_open is 1 unless the enrolment is canceled: of several for one user and
-- course only one may be. SQLite takes no constraint away, so the table is made anew.
CREATE TABLE enrolments_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    course_id INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    invoice_url TEXT NULL,
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'CANCELED', 'COMPLETED')),
    payment_status TEXT NOT NULL CHECK (payment_status IN ('PENDING', 'PAID', 'FAILED')),
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    course_end_date TEXT NULL,
    paid_hundredths INTEGER NULL,
    refunded_at INTEGER NULL,
    reason TEXT NULL,
    is_open INTEGER GENERATED ALWAYS AS (CASE WHEN status = 'CANCELED' THEN NULL ELSE 1 END) VIRTUAL,
    CONSTRAINT uq_enrolments_open UNIQUE (user_id, course_id, is_open)
);
-- The highest number so far, whose row may be gone.
INSERT INTO sqlite_sequence (name, seq) SELECT 'enrolments_new', seq FROM sqlite_sequence WHERE name = 'enrolments';
INSERT INTO enrolments_new
    (id, course_id, user_id, invoice_url, status, payment_status, created_at, updated_at, course_end_date)
SELECT id, course_id, user_id, invoice_url, status, payment_status, created_at, updated_at, course_end_date
FROM enrolments;
DROP TABLE enrolments;
-- An operator's view of it may stay meanwhile.
PRAGMA legacy_alter_table = ON;
ALTER TABLE enrolments_new RENAME TO enrolments;
CREATE INDEX ix_enrolments_course_id ON enrolments (course_id);
CREATE INDEX ix_enrolments_expiry ON enrolments (status, course_end_date, id);
CREATE INDEX ix_enrolments_active ON enrolments (status, id);
-- Lists by user, by payment, and by course and status, which counts a course's seats, too.
CREATE INDEX ix_enrolments_user_id ON enrolments (user_id);
CREATE INDEX ix_enrolments_payment ON enrolments (payment_status);
CREATE INDEX ix_enrolments_course_status ON enrolments (course_id, status);
-- Invoices and corrections that were issued. gross_hundredths is below 0 for a
-- correction; created_at is milliseconds since 1970 in UTC; vendor_id is the invoicing
-- service's own number for the document.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    enrolment_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    vendor_id INTEGER NULL,
    number TEXT NULL,
    url TEXT NULL,
    gross_hundredths INTEGER NULL,
    currency TEXT NULL,
    issued_on TEXT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT uq_documents UNIQUE (enrolment_id, kind)
);
