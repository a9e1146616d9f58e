-- What the platform stores with an enrolment for itself: its own number, and texts as a JSON object.
ALTER TABLE enrolments ADD COLUMN reference TEXT NULL;
ALTER TABLE enrolments ADD COLUMN metadata TEXT NULL;
-- Lists by reference.
CREATE INDEX ix_enrolments_reference ON enrolments (reference);
