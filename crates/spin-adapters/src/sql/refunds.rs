//! The table `refunds`. A row outlives its enrolment: a reference is recorded once in all.

use super::{Columns, Connection, DbError, Param, Sql, unreadable};
use chrono::{DateTime, Utc};
use domain::model::reference::PlatformReference;
use domain::model::refund::RecordedRefund;
use domain::{EnrolmentId, Error, Money};

const INSERT: Sql = Sql::both(
    "INSERT INTO refunds (reference, enrolment_id, amount_hundredths, created_at)
     VALUES (?, ?, ?, ?)",
);

const BY_REFERENCE: Sql =
    Sql::both("SELECT enrolment_id, reference, amount_hundredths FROM refunds WHERE reference = ?");

/// Inserts a refund. An error of the domain says that its reference is recorded.
pub(super) fn insert(
    connection: &Connection,
    id: EnrolmentId,
    refund: &RecordedRefund,
    now: DateTime<Utc>,
) -> Result<Result<(), Error>, DbError> {
    let RecordedRefund { reference, amount } = refund;
    let row: [Param<'_>; 4] = [
        reference.as_ref().map(PlatformReference::as_str).into(),
        id.get().into(),
        amount.map(Money::hundredths).into(),
        now.timestamp_millis().into(),
    ];
    match (connection.execute(INSERT, &row), reference) {
        (Err(DbError::Duplicate(_)), Some(reference)) => {
            let (recorded, _) = find(connection, reference)?.ok_or_else(unreadable)?;
            Ok(Err(Error::RefundRecorded(recorded)))
        }
        (result, _) => result.map(Ok),
    }
}

/// The refund with this reference, and its enrolment.
pub(super) fn find(
    connection: &Connection,
    reference: &PlatformReference,
) -> Result<Option<(EnrolmentId, RecordedRefund)>, DbError> {
    let rows = connection.query(BY_REFERENCE, &[reference.as_str().into()])?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut columns = Columns::new(row);
    let id = EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?;
    let reference = columns.optional_text()?.map(PlatformReference::stored);
    let amount = columns.optional_int()?;
    let amount = amount.map(|amount| Money::from_hundredths(amount).ok_or_else(unreadable)).transpose()?;
    Ok(Some((id, RecordedRefund { reference, amount })))
}
