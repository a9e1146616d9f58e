-- The place of a document in the chain of its enrolment's documents, from 1. Null: a release without
-- chains issued it, the invoice at place 1 and the correction at place 2. The constraint of one
-- document of each kind is gone with the old table.
CREATE TABLE documents_of_chain (
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
    tax TEXT NULL,
    chain_no INTEGER NULL,
    CONSTRAINT uq_documents_chain UNIQUE (enrolment_id, chain_no)
);
INSERT INTO documents_of_chain (id, enrolment_id, kind, vendor_id, number, url, gross_hundredths, currency, issued_on,
    ksef_status, ksef_number, created_at, tax)
SELECT id, enrolment_id, kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, ksef_number,
    created_at, tax
FROM documents;
DELETE FROM sqlite_sequence WHERE name = 'documents_of_chain';
INSERT INTO sqlite_sequence (name, seq) SELECT 'documents_of_chain', seq FROM sqlite_sequence WHERE name = 'documents';
DROP TABLE documents;
ALTER TABLE documents_of_chain RENAME TO documents;
CREATE INDEX ix_documents_issued_on ON documents (issued_on, id, kind, currency, gross_hundredths);
-- The place of the document that an event is about.
ALTER TABLE events ADD COLUMN chain_no INTEGER NULL;
-- Each refund, with the payment provider's reference, which is recorded once in all. A row outlives
-- its enrolment. The amount is null for all of a payment whose amount is not known.
CREATE TABLE refunds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reference TEXT NULL,
    enrolment_id INTEGER NOT NULL,
    amount_hundredths INTEGER NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT uq_refunds_reference UNIQUE (reference)
);
CREATE INDEX ix_refunds_enrolment ON refunds (enrolment_id);
-- How much of a payment is refunded: null if nothing is, or all of it by a release that refunds no
-- parts. The place of the newest document in the chain: null if that release wrote it, or there is
-- only the payment's invoice.
ALTER TABLE enrolments ADD COLUMN refunded_hundredths INTEGER NULL;
ALTER TABLE enrolments ADD COLUMN chain_end INTEGER NULL;
