//! The mails that follow from events: of a seat that lapsed, and of one that is offered.

use super::{POSITIONS_LOCKED, Positions, positions};
use crate::sql::{Connection, DbError, Sql};

/// The most events in one transaction, and the most transactions in one run.
const AT_ONCE: i64 = 1000;
pub(super) const TRANSACTIONS: usize = 100;

/// As `domain` writes such a job's key and payload. The time of an offer is that of now, if it was extended since.
/// One with the same key stays: the release before wrote them with their events.
const ADD: Sql = Sql {
    mysql: r#"INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                  created_at)
              SELECT CONCAT('notice:', events.enrolment_id,
                            CASE kind WHEN 'enrolment.lapsed' THEN ':lapse' ELSE ':offer' END),
                  events.enrolment_id, 'notice',
                  CASE kind WHEN 'enrolment.lapsed' THEN '{"topic":"lapse"}'
                            ELSE CONCAT('{"topic":"offer","pay_until":', pay_until, '}') END,
                  1, 'due', 0, {now}, {now}
              FROM events FORCE INDEX (ix_events_position)
              STRAIGHT_JOIN enrolments ON enrolments.id = events.enrolment_id
              WHERE position > ? AND position <= ?
                    AND (kind = 'enrolment.lapsed' OR kind = 'enrolment.offered' AND pay_until IS NOT NULL)
              ON DUPLICATE KEY UPDATE job_key = outbox.job_key"#,
    sqlite: r#"INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                   created_at)
               SELECT 'notice:' || events.enrolment_id
                          || CASE kind WHEN 'enrolment.lapsed' THEN ':lapse' ELSE ':offer' END,
                   events.enrolment_id, 'notice',
                   CASE kind WHEN 'enrolment.lapsed' THEN '{"topic":"lapse"}'
                             ELSE '{"topic":"offer","pay_until":' || pay_until || '}' END,
                   1, 'due', 0, {now}, {now}
               FROM events
               CROSS JOIN enrolments ON enrolments.id = events.enrolment_id
               WHERE position > ? AND position <= ?
                     AND (kind = 'enrolment.lapsed' OR kind = 'enrolment.offered' AND pay_until IS NOT NULL)
               ON CONFLICT (job_key) DO NOTHING"#,
};

const SET_NOTICED: Sql = Sql::both("UPDATE event_positions SET noticed = ? WHERE id = 1");

/// Adds those of the next events, of those that have their jobs: they keep their positions. Whether there are more.
pub(super) fn add(connection: &Connection) -> Result<bool, DbError> {
    let Positions { owed, noticed, .. } = positions(connection, POSITIONS_LOCKED)?;
    let until = owed.min(noticed + AT_ONCE);
    if noticed < until {
        connection.execute(ADD, &[noticed.into(), until.into()])?;
        connection.execute(SET_NOTICED, &[until.into()])?;
    }
    Ok(until < owed)
}
