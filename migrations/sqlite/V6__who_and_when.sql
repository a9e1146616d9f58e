-- The day of the payment in Warsaw as YYYY-MM-DD; when an enrolment was canceled, in milliseconds
-- since 1970 in UTC, and the name of the token of the one who asked for it, if there was one. Null:
-- it is not, or the release that did it had none of them.
ALTER TABLE enrolments ADD COLUMN paid_on TEXT NULL;
ALTER TABLE enrolments ADD COLUMN canceled_at INTEGER NULL;
ALTER TABLE enrolments ADD COLUMN canceled_by TEXT NULL;
-- The name of the token of the one who asked for the event, if there was one.
ALTER TABLE events ADD COLUMN done_by TEXT NULL;
