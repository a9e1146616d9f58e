//! Notices of many enrolments at once.

use super::payload;
use crate::sql::{Connection, DbError, Sql};
use chrono::{DateTime, TimeDelta, Utc};
use domain::jobs::{Notice, Payload};

/// Of the enrolments whose ids are in an array of JSON.
const INSERT: Sql = Sql {
    mysql: "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                created_at)
            SELECT CONCAT('notice:', id, ':', ?), id, 'notice', ?, 1, 'due', 0, {now} + ?, ?
            FROM JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$')) AS wanted",
    sqlite: "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                 created_at)
             SELECT 'notice:' || value || ':' || ?, value, 'notice', ?, 1, 'due', 0, {now} + ?, ?
             FROM json_each(?) AS wanted",
};

/// Adds a notice that is due after some time, for each enrolment whose id is in this array of JSON.
pub(crate) fn insert_for_all(
    connection: &Connection,
    (notice, after): (Notice, TimeDelta),
    ids: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let (suffix, payload) = (notice.suffix(), payload::to_json(&Payload::Notice(notice)));
    let (after, at) = (after.num_milliseconds().into(), now.timestamp_millis().into());
    let row = [suffix.as_str().into(), payload.as_str().into(), after, at, ids.into()];
    connection.execute(INSERT, &row)
}
