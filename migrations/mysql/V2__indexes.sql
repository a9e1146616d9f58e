-- Expiry walks what is active by end date; /active walks it by id. One statement,
-- so that a failure leaves neither.
ALTER TABLE enrolments
    ADD INDEX ix_enrolments_expiry (status, course_end_date, id),
    ADD INDEX ix_enrolments_active (status, id);
