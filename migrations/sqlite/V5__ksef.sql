-- How far a document is on its way to KSeF, in the invoicing service's words, and the
-- number that it was given there; both are null where nothing is known of it.
ALTER TABLE documents ADD COLUMN ksef_status TEXT NULL;
ALTER TABLE documents ADD COLUMN ksef_number TEXT NULL;
