-- The highest position of an event that retention took away: behind it the events are whole.
ALTER TABLE event_positions ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
-- What was taken away before that was noted: positions have no gap but that, so it is what
-- stands before the last event that follows none; all of them where there is none.
UPDATE event_positions SET removed = COALESCE(
    (SELECT MAX(event.position) - 1 FROM events AS event
        LEFT JOIN events AS before_it ON before_it.position = event.position - 1
        WHERE event.position IS NOT NULL AND before_it.id IS NULL),
    last)
WHERE id = 1;
