-- The search for documents.
ALTER TABLE documents
    ADD INDEX ix_documents_number (number),
    ADD INDEX ix_documents_ksef_number (ksef_number);
