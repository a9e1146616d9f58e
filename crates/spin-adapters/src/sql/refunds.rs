//! The table `refunds`. A row outlives its enrolment: a reference is recorded once in all.

use super::enrolments::row::to_json;
use super::{Columns, Connection, DbError, Param, Sql, millis, unreadable};
use chrono::{DateTime, Utc};
use domain::model::full::RefundInFull;
use domain::model::reference::PlatformReference;
use domain::model::refund::RecordedRefund;
use domain::{EnrolmentId, Error, Money};
use std::collections::BTreeMap;

const INSERT: Sql = Sql::both(
    "INSERT INTO refunds (reference, enrolment_id, amount_hundredths, created_at)
     VALUES (?, ?, ?, ?)",
);

const BY_REFERENCE: Sql =
    Sql::both("SELECT enrolment_id, reference, amount_hundredths FROM refunds WHERE reference = ?");

/// Those whose ids are in an array of JSON, the oldest refund first. Without the fixed order of the
/// join a server may walk all refunds and look into the array for each.
const OF_ENROLMENTS: Sql = Sql {
    mysql: "SELECT /* replica */ enrolment_id, amount_hundredths, created_at, reference
            FROM JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$')) AS wanted
            STRAIGHT_JOIN refunds FORCE INDEX (ix_refunds_enrolment) ON enrolment_id = wanted.id
            ORDER BY refunds.id",
    sqlite: "SELECT /* replica */ enrolment_id, amount_hundredths, created_at, reference
             FROM json_each(?) AS wanted
             CROSS JOIN refunds ON enrolment_id = wanted.value
             ORDER BY refunds.id",
};

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
    Ok(Some((id, RecordedRefund { reference, amount: columns.optional_money()? })))
}

/// The refunds of these enrolments, the oldest first. One that a release without this table refunded is
/// not among them.
pub(super) fn of_enrolments(
    connection: &Connection,
    ids: &[i64],
) -> Result<BTreeMap<EnrolmentId, Vec<RefundInFull>>, DbError> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for row in connection.query(OF_ENROLMENTS, &[to_json(&ids).as_str().into()])? {
        let mut columns = Columns::new(row);
        let id = EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?;
        let (amount, at) = (columns.optional_money()?, millis(columns.int()?)?);
        let reference = columns.optional_text()?.map(PlatformReference::stored);
        found.entry(id).or_default().push(RefundInFull { amount, at, reference });
    }
    Ok(found)
}
