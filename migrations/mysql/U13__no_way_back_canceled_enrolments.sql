-- A user may have any number of canceled enrolments in a course beside the one that is
-- not. From here on rows can be written that the Flask service's own schema does not
-- allow, and the release before would take a canceled one for the new one, so on its
-- database this is taken only when asked for. Its own unique key may have any name: it is
-- found by its columns. One statement, so that a failure leaves both or neither.
SET @unique_key = (
    SELECT index_name FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name = 'enrolments' AND non_unique = 0
    GROUP BY index_name
    HAVING GROUP_CONCAT(column_name ORDER BY seq_in_index) = 'user_id,course_id'
    LIMIT 1
);
SET @statement = CONCAT(
    'ALTER TABLE enrolments ADD UNIQUE KEY uq_enrolments_open (user_id, course_id, is_open)',
    IF(@unique_key IS NULL, '', CONCAT(', DROP INDEX `', @unique_key, '`'))
);
PREPARE open_enrolments FROM @statement;
EXECUTE open_enrolments;
DEALLOCATE PREPARE open_enrolments;
