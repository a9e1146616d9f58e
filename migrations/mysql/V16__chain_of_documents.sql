-- The place of a document in the chain of its enrolment's documents, from 1. Null: a release without
-- chains issued it, the invoice at place 1 and the correction at place 2.
ALTER TABLE documents
    ADD COLUMN chain_no INT NULL,
    DROP INDEX uq_documents,
    ADD UNIQUE INDEX uq_documents_chain (enrolment_id, chain_no);
