-- What people settled by hand in the place of a delivery; rows are added and never taken
-- away. settled_by is the name of the token that was sent, if it has one; settled_at is
-- milliseconds since 1970 in UTC. The note of a person who was erased is empty.
CREATE TABLE resolutions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    enrolment_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    note TEXT NOT NULL,
    settled_by TEXT NULL,
    settled_at INTEGER NOT NULL
);
CREATE INDEX ix_resolutions_enrolment ON resolutions (enrolment_id);
-- Whoever is erased is found in the events of enrolments that are deleted, too.
CREATE INDEX ix_events_user ON events (user_id);
-- Whose requests are remembered: the user that a request names, and else the enrolment.
-- The release before writes neither; what it remembers is gone after a day.
ALTER TABLE idempotency ADD COLUMN user_id TEXT NULL;
ALTER TABLE idempotency ADD COLUMN enrolment_id INTEGER NULL;
CREATE INDEX ix_idempotency_user ON idempotency (user_id, enrolment_id);
