-- Whoever is erased is found in the events of enrolments that are deleted, too.
ALTER TABLE events ADD INDEX ix_events_user (user_id);
