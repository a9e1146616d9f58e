-- How far a document is on its way to KSeF, in the invoicing service's words, and the
-- number that it was given there; both are null where nothing is known of it.
ALTER TABLE documents
    ADD COLUMN ksef_status VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN ksef_number VARCHAR(64) NULL;
