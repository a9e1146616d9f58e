-- Nothing reads by it: a job that is held is found by its key or its id, and every write of a job costs less without it.
ALTER TABLE outbox DROP INDEX ix_outbox_lease;
