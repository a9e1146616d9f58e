-- The day of the payment in Warsaw as YYYY-MM-DD; when an enrolment was canceled, in milliseconds
-- since 1970 in UTC, and the name of the token of the one who asked for it, if there was one. Null:
-- it is not, or the release that did it had none of them.
ALTER TABLE enrolments
    ADD COLUMN paid_on VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN canceled_at BIGINT NULL,
    ADD COLUMN canceled_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL;
