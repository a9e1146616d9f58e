-- Lists by payment, and by course and status; the latter counts a course's seats, too.
-- One statement, so that a failure leaves neither.
ALTER TABLE enrolments
    ADD INDEX ix_enrolments_payment (payment_status),
    ADD INDEX ix_enrolments_course_status (course_id, status);
