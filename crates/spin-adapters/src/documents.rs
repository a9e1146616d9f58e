//! The table `documents`: invoices and corrections that were issued.

use crate::database::{Columns, Connection, DbError, Row, Sql, Store};
use chrono::{DateTime, Utc};
use domain::invoice::{Document, DocumentKind, InvoiceState, IssuedInvoice};
use domain::job::Kind;
use domain::ports::Documents;
use domain::{Balance, EnrolmentId, Money, Unavailable};

const INSERT: Sql = Sql::both(
    "INSERT INTO documents \
     (enrolment_id, kind, vendor_id, number, url, gross_hundredths, currency, issued_on, created_at) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
);

/// The columns that [`read`] takes, in its order.
const OF_ENROLMENT: Sql = Sql::both(
    "SELECT kind, vendor_id, number, url, gross_hundredths, currency, issued_on FROM documents \
     WHERE enrolment_id = ? ORDER BY id",
);

/// The jobs of a payment that are not done, and whether one was done without an invoice.
const JOBS_OF_PAYMENT: Sql = Sql::both(
    "SELECT kind, state FROM outbox WHERE enrolment_id = ? AND kind IN ('invoice', 'invoice_data', 'payment_email')",
);

impl Documents for Store {
    async fn documents(&self, id: EnrolmentId) -> Result<Vec<Document>, Unavailable> {
        self.read(|connection| of_enrolment(connection, id))
    }

    async fn invoice_state(&self, id: EnrolmentId) -> Result<InvoiceState, Unavailable> {
        self.read(|connection| {
            // Read first: of a job that is done then, the document is there afterwards.
            let jobs = connection.query(JOBS_OF_PAYMENT, &[id.get().into()])?;
            let documents = of_enrolment(connection, id)?;
            if let Some(invoice) = documents.into_iter().find(|document| document.kind == DocumentKind::Invoice) {
                return Ok(correctable(invoice).map_or(InvoiceState::Unidentified, InvoiceState::Issued));
            }
            let mut state = InvoiceState::Unidentified;
            for row in jobs {
                let mut columns = Columns::new(row);
                let (kind, done) = (Kind::from_word(&columns.text()?), columns.text()? == "done");
                match (kind, done) {
                    (Some(Kind::Invoice | Kind::InvoiceData), false) => return Ok(InvoiceState::Owed),
                    // Its page is known, but not by which number to correct it.
                    (Some(Kind::Invoice), true) => return Ok(InvoiceState::Unidentified),
                    (Some(Kind::PaymentEmail), _) => state = InvoiceState::None,
                    _ => {}
                }
            }
            Ok(state)
        })
    }
}

/// Adds a document, in the transaction that finishes its job.
pub(crate) fn insert(
    connection: &Connection,
    id: EnrolmentId,
    document: &Document,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let Document { kind, vendor_id, number, url, gross, currency, issued_on } = document;
    let issued_on = issued_on.map(|day| day.to_string());
    let row = [
        id.get().into(),
        kind.as_str().into(),
        (*vendor_id).into(),
        number.as_deref().into(),
        url.as_deref().into(),
        gross.map(|Balance(hundredths)| hundredths).into(),
        currency.as_deref().into(),
        issued_on.as_deref().into(),
        now.timestamp_millis().into(),
    ];
    connection.execute(INSERT, &row)
}

fn of_enrolment(connection: &Connection, id: EnrolmentId) -> Result<Vec<Document>, DbError> {
    connection.query(OF_ENROLMENT, &[id.get().into()])?.into_iter().filter_map(|row| read(row).transpose()).collect()
}

/// None for a kind of a later release.
fn read(row: Row) -> Result<Option<Document>, DbError> {
    let mut columns = Columns::new(row);
    let Some(kind) = DocumentKind::parse(&columns.text()?) else { return Ok(None) };
    let document = Document {
        kind,
        vendor_id: columns.optional_int()?,
        number: columns.optional_text()?,
        url: columns.optional_text()?,
        gross: columns.optional_int()?.map(Balance),
        currency: columns.optional_text()?,
        issued_on: columns.optional_text()?.map(|day| day.parse().map_err(|_| unreadable())).transpose()?,
    };
    Ok(Some(document))
}

/// What a correction has to know of an invoice, if that is all known.
fn correctable(invoice: Document) -> Option<IssuedInvoice> {
    let Balance(gross) = invoice.gross?;
    Some(IssuedInvoice {
        vendor_id: invoice.vendor_id?,
        gross: Money::from_hundredths(gross)?,
        currency: invoice.currency?,
    })
}

fn unreadable() -> DbError {
    DbError::Failed("unreadable document".to_owned())
}
