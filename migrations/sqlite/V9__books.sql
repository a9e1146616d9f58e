-- The tax of a document: a rate in percent, zw or np; null where it was not kept. The index lists
-- and sums the documents of a period without the table.
ALTER TABLE documents ADD COLUMN tax TEXT NULL;
CREATE INDEX ix_documents_issued_on ON documents (issued_on, id, kind, currency, gross_hundredths);
