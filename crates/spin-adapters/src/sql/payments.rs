//! Payments with a reference or a method. A row outlives its enrolment: a reference is recorded once
//! in all.

use super::{Columns, Connection, DbError, Param, Sql, unreadable};
use chrono::{DateTime, Utc};
use domain::model::payment::{PaymentMethod, ReferredPayment};
use domain::model::reference::PlatformReference;
use domain::{EnrolmentId, Error, Money};

const INSERT: Sql = Sql::both(
    "INSERT INTO payments (reference, method, enrolment_id, amount_hundredths, buyer, created_at)
     VALUES (?, ?, ?, ?, ?, ?)",
);

const BY_REFERENCE: Sql =
    Sql::both("SELECT enrolment_id, reference, method, amount_hundredths, buyer FROM payments WHERE reference = ?");

/// Inserts a payment. An error of the domain says that its reference is recorded.
pub(super) fn insert(
    connection: &Connection,
    id: EnrolmentId,
    payment: &ReferredPayment,
    now: DateTime<Utc>,
) -> Result<Result<(), Error>, DbError> {
    let ReferredPayment { reference, method, amount, buyer } = payment;
    let row: [Param<'_>; 6] = [
        reference.as_ref().map(PlatformReference::as_str).into(),
        method.as_ref().map(PaymentMethod::as_str).into(),
        id.get().into(),
        amount.map(Money::hundredths).into(),
        buyer.as_str().into(),
        now.timestamp_millis().into(),
    ];
    match (connection.execute(INSERT, &row), reference) {
        (Err(DbError::Duplicate(_)), Some(reference)) => {
            let (recorded, _) = find(connection, reference)?.ok_or_else(unreadable)?;
            Ok(Err(Error::PaymentRecorded(recorded)))
        }
        (result, _) => result.map(Ok),
    }
}

/// The payment with this reference, and its enrolment.
pub(super) fn find(
    connection: &Connection,
    reference: &PlatformReference,
) -> Result<Option<(EnrolmentId, ReferredPayment)>, DbError> {
    let rows = connection.query(BY_REFERENCE, &[reference.as_str().into()])?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut columns = Columns::new(row);
    let id = EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?;
    let reference = columns.optional_text()?.map(PlatformReference::stored);
    let method = columns.optional_text()?.map(PaymentMethod::stored);
    let amount = columns.optional_money()?;
    Ok(Some((id, ReferredPayment { reference, method, amount, buyer: columns.text()? })))
}
