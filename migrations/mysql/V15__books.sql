-- The tax of a document: a rate in percent, zw or np; null where it was not kept. The index lists
-- and sums the documents of a period without the table.
ALTER TABLE documents
    ADD COLUMN tax VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD INDEX ix_documents_issued_on (issued_on, id, kind, currency, gross_hundredths);
