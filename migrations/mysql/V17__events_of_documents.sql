-- The place in the chain of the document that the event is about.
ALTER TABLE events ADD COLUMN chain_no INT NULL;
