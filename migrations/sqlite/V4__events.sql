-- What happened to enrolments; rows are added and never changed, but for the position:
-- the number under which readers get an event, given to what is committed by then, in the
-- order of id. occurred_at is milliseconds since 1970 in UTC.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NULL,
    enrolment_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    course_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    payment_status TEXT NOT NULL,
    invoice_url TEXT NULL
);
CREATE INDEX ix_events_position ON events (position, id);
CREATE INDEX ix_events_enrolment ON events (enrolment_id);
-- Whoever has locked the database gives positions: last is the highest so far, owed the
-- one up to which the platform is told.
CREATE TABLE event_positions (
    id INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    owed INTEGER NOT NULL DEFAULT 0
);
INSERT INTO event_positions (id, last) VALUES (1, 0);
