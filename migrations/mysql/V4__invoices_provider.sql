-- Who issues the invoice of a payment: fakturownia or none. Null: the release that recorded the
-- payment had no choice, and it is Fakturownia.
ALTER TABLE enrolments ADD COLUMN invoices_provider VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL;
