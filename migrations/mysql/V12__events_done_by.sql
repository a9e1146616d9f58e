-- The name of the token of the one who asked for it, if there was one.
ALTER TABLE events ADD COLUMN done_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL;
