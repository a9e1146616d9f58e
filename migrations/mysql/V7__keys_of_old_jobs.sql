-- Up to here an enrolment has one job of each kind.
UPDATE outbox SET job_key = CONCAT(kind, ':', enrolment_id) WHERE job_key IS NULL;
