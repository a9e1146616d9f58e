-- ?view=full reads the reference and the method of each payment in a page from the index alone.
DROP INDEX ix_payments_enrolment;
CREATE INDEX ix_payments_enrolment ON payments (enrolment_id, reference, method);
