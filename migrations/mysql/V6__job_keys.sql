-- A job is named by its key: of some kinds an enrolment will have several. The
-- release before writes neither of the two columns and finds its jobs by
-- enrolment and kind. One statement, so that a failure leaves nothing of it.
ALTER TABLE outbox
    ADD COLUMN job_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN payload_version INT NOT NULL DEFAULT 1,
    ADD UNIQUE KEY uq_outbox_job (job_key),
    ADD INDEX ix_outbox_enrolment (enrolment_id, kind),
    DROP INDEX uq_outbox;
