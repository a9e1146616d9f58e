//! Rows of the table `enrolments`.

use crate::sql::words;
use crate::sql::{Columns, DbError, from_sql_day, millis, unreadable};
use chrono::{DateTime, Utc};
use domain::model::asked::Author;
use domain::model::chain::ChainNo;
use domain::model::note::Reason;
use domain::model::terms::InvoicesProvider;
use domain::ports::change::{Cancellation, Record};
use domain::{CourseId, Enrolment, EnrolmentId, Kept, Status, UserId};
use serde::{Deserialize, Serialize};

pub(crate) fn read(columns: &mut Columns) -> Result<Enrolment, DbError> {
    Ok(Enrolment {
        id: EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?,
        user_id: UserId::stored(columns.text()?),
        course_id: CourseId::new(columns.int()?).ok_or_else(unreadable)?,
        status: words::status(&columns.text()?).ok_or_else(unreadable)?,
        payment_status: words::payment(&columns.text()?).ok_or_else(unreadable)?,
        invoice_url: link(columns.optional_text()?),
    })
}

pub(super) fn read_active(columns: &mut Columns) -> Result<Enrolment, DbError> {
    Ok(Enrolment {
        id: EnrolmentId::new(columns.int()?).ok_or_else(unreadable)?,
        user_id: UserId::stored(columns.text()?),
        course_id: CourseId::new(columns.int()?).ok_or_else(unreadable)?,
        status: Status::Active,
        payment_status: words::payment(&columns.text()?).ok_or_else(unreadable)?,
        invoice_url: link(columns.optional_text()?),
    })
}

pub(in crate::sql) fn read_kept(columns: &mut Columns) -> Result<(Enrolment, Kept), DbError> {
    let enrolment = read(columns)?;
    let (user, terms) = (from_json(columns)?, from_json(columns)?);
    let (pay_until, lapsed) = read_hold(columns)?;
    Ok((enrolment, Kept { user, terms, pay_until, lapsed }))
}

/// Until when a seat is held without a payment, and whether the enrolment lapsed.
pub(super) fn read_hold(columns: &mut Columns) -> Result<(Option<DateTime<Utc>>, bool), DbError> {
    let until = columns.optional_int()?.map(millis).transpose()?;
    Ok((until, columns.optional_int()?.is_some()))
}

/// A record as its column has it.
pub(crate) fn to_json(record: &impl Serialize) -> String {
    // Writing a plain record to memory does not fail.
    serde_json::to_string(record).unwrap_or_default()
}

/// Later releases only add fields, so that a record of theirs can be read, too.
pub(in crate::sql) fn from_json<T: for<'de> Deserialize<'de>>(columns: &mut Columns) -> Result<Option<T>, DbError> {
    let json = columns.optional_text()?;
    json.map(|json| serde_json::from_str(&json).map_err(|_| unreadable())).transpose()
}

/// The Flask service stored `N/A` for an invoice without a link.
fn link(stored: Option<String>) -> Option<String> {
    stored.filter(|url| url != "N/A")
}

pub(super) fn read_record(columns: &mut Columns) -> Result<Record, DbError> {
    let enrolment = read(columns)?;
    let paid = columns.optional_money()?;
    let paid_on = columns.optional_text()?;
    let provider = columns.optional_text()?;
    let provider = provider.map(|word| InvoicesProvider::parse(&word).ok_or_else(unreadable)).transpose()?;
    let (refunded_at, refunded) = (columns.optional_int()?, columns.optional_money()?);
    let chain_end = columns.optional_int()?.and_then(ChainNo::new);
    let (canceled_at, by) = (columns.optional_int()?, columns.optional_text()?.map(Author));
    let reason = columns.optional_text()?.map(Reason::stored);
    let (pay_until, lapsed) = read_hold(columns)?;
    Ok(Record {
        enrolment,
        paid,
        paid_on: paid_on.map(|day| from_sql_day(&day)).transpose()?,
        invoices_provider: provider,
        refunded_at: refunded_at.map(millis).transpose()?,
        refunded,
        chain_end,
        canceled: canceled_at.map(|at| Ok(Cancellation { at: millis(at)?, by })).transpose()?,
        reason,
        pay_until,
        lapsed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Row, Value};
    use domain::{Money, PaymentStatus};

    fn row(status: &str, payment: &str, url: Option<&str>) -> Row {
        let text = |text: &str| Value::Text(text.to_owned());
        vec![Value::Int(1), text("u "), Value::Int(7), text(status), text(payment), url.map_or(Value::Null, text)]
    }

    #[test]
    fn rows_are_read_as_the_schema_has_them() {
        let enrolment = read(&mut Columns::new(row("COMPLETED", "FAILED", Some("https://a.example/i")))).unwrap();
        assert_eq!((enrolment.id.get(), enrolment.user_id.as_str(), enrolment.course_id.get()), (1, "u ", 7));
        assert_eq!((enrolment.status, enrolment.payment_status), (Status::Completed, PaymentStatus::Failed));
        assert_eq!(enrolment.invoice_url.as_deref(), Some("https://a.example/i"));
        let enrolment = read(&mut Columns::new(row("CANCELED", "PAID", None))).unwrap();
        assert_eq!((enrolment.status, enrolment.payment_status), (Status::Canceled, PaymentStatus::Paid));
    }

    #[test]
    fn an_invoice_without_a_link_has_none() {
        assert_eq!(read(&mut Columns::new(row("ACTIVE", "PAID", Some("N/A")))).unwrap().invoice_url, None);
    }

    #[test]
    fn unknown_words_are_errors() {
        read(&mut Columns::new(row("active", "PAID", None))).unwrap_err();
        read(&mut Columns::new(row("ACTIVE", "", None))).unwrap_err();
    }

    #[test]
    fn what_callers_do_not_see_is_read_as_well() {
        let text = |text: &str| Value::Text(text.to_owned());
        let with = |more: [Value; 11]| {
            let mut row = row("CANCELED", "PAID", None);
            row.extend(more);
            read_record(&mut Columns::new(row))
        };
        let (paid, on, at) = (Value::Int(19999), text("2026-06-01"), || Value::Int(1000));
        let (five, three, lapsed) = (Value::Int(5), Value::Int(3), Value::Int(1));
        let (ann, moved) = (text("ann"), text("moved"));
        let record =
            with([paid, on, text("none"), at(), five, three, at(), ann, moved, Value::Int(2000), lapsed]).unwrap();
        assert_eq!((record.pay_until.unwrap().timestamp(), record.lapsed), (2, true));
        assert_eq!((record.paid.unwrap().to_string().as_str(), record.refunded_at.unwrap().timestamp()), ("199.99", 1));
        assert_eq!(
            (record.paid_on.unwrap().to_string().as_str(), record.reason.unwrap().as_str()),
            ("2026-06-01", "moved")
        );
        assert_eq!((record.refunded, record.chain_end), (Money::from_hundredths(5), ChainNo::new(3)));
        let canceled = record.canceled.unwrap();
        assert_eq!((canceled.at.timestamp(), canceled.by), (1, Some(Author("ann".to_owned()))));
        assert_eq!(record.invoices_provider, Some(InvoicesProvider::NoInvoices));

        let nulls = || [const { Value::Null }; 11];
        let record = with(nulls()).unwrap();
        assert_eq!((record.paid, record.paid_on, record.refunded_at, record.canceled), (None, None, None, None));
        assert_eq!((record.invoices_provider, record.reason), (None, None));
        assert_eq!((record.pay_until, record.lapsed), (None, false));
        for (column, value) in [(0, Value::Int(-1)), (1, text("yesterday")), (2, text("later"))] {
            let mut more = nulls();
            more[column] = value;
            with(more).unwrap_err();
        }
    }
}
