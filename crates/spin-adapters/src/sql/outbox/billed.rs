//! The job of an enrolment's newest invoice, for another buyer.

use crate::sql::outbox::payload;
use crate::sql::{Columns, Connection, DbError, Row, Sql};
use domain::EnrolmentId;
use domain::jobs::{JobId, JobKey, Kind, Payload};
use domain::model::chain::ChainNo;
use domain::model::reason::ReasonCode;
use domain::ports::OwedInvoice;

/// A worker that would take one of them waits, or this waits for it.
const OWED: Sql = Sql {
    mysql: "SELECT id, job_key, kind, payload, payload_version, unknown_since, lease_token, last_error
            FROM outbox FORCE INDEX (ix_outbox_enrolment)
            WHERE enrolment_id = ? AND kind IN ('invoice', 'invoice_data') AND state <> 'done'
            FOR UPDATE",
    sqlite: "SELECT id, job_key, kind, payload, payload_version, unknown_since, lease_token, last_error
             FROM outbox
             WHERE enrolment_id = ? AND kind IN ('invoice', 'invoice_data') AND state <> 'done'",
};

const REPLACE: Sql = Sql::both(
    "UPDATE outbox
     SET payload = ?, payload_version = ?, state = 'due', unknown_since = NULL, attempts = 0, due_at = {now},
         last_error = NULL, finished_at = NULL
     WHERE id = ?",
);

/// The newest invoice that is not issued. Its row is locked.
pub(crate) fn owed(connection: &Connection, id: EnrolmentId) -> Result<Option<OwedInvoice>, DbError> {
    let rows = connection.query(OWED, &[id.get().into()])?;
    let rows = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().max_by_key(|(place, _)| *place).map(|(_, owed)| owed))
}

fn read(row: Row) -> Result<(ChainNo, OwedInvoice), DbError> {
    let mut columns = Columns::new(row);
    let id = JobId(columns.int()?);
    let key = JobKey::stored(columns.text()?);
    let (kind, json) = (columns.text()?, columns.text()?);
    let known = columns.int()? <= Kind::NEWEST_VERSION;
    let (unknown, taken) = (columns.optional_int()?.is_some(), columns.optional_text()?.is_some());
    let reason = columns.optional_text()?.unwrap_or_default();
    // The last thing that is known of it: the account refused it.
    let refused = reason.split(':').next() == Some(ReasonCode::DocumentRefused.word());
    let payload = payload::from_json(&kind, &json).filter(|_| known);
    Ok((key.chain_no(), OwedInvoice { id, payload, may_exist: taken || (unknown && !refused) }))
}

/// Gives a job another payload, and makes it due. Its version is at least that of its place in the chain.
pub(crate) fn replace(connection: &Connection, id: JobId, payload: &Payload) -> Result<(), DbError> {
    let json = payload::to_json(payload);
    connection.execute(REPLACE, &[json.as_str().into(), Kind::NEWEST_VERSION.into(), id.0.into()])
}
