-- ?view=full reads the reference and the method of each payment in a page from the index alone.
ALTER TABLE payments
    DROP INDEX ix_payments_enrolment,
    ADD INDEX ix_payments_enrolment (enrolment_id, reference, method);
