-- Expiry walks what is active by end date; /active walks it by id.
CREATE INDEX ix_enrolments_expiry ON enrolments (status, course_end_date, id);
CREATE INDEX ix_enrolments_active ON enrolments (status, id);
