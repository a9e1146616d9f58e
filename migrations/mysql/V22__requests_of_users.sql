-- Whose requests are remembered: the user that a request names, byte for byte, and else
-- the enrolment. The release before writes neither; what it remembers is gone after a day.
ALTER TABLE idempotency
    ADD COLUMN user_id VARBINARY(256) NULL,
    ADD COLUMN enrolment_id INT NULL,
    ADD INDEX ix_idempotency_user (user_id, enrolment_id);
