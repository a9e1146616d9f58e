//! The table `documents`: invoices and corrections that were issued.

use crate::database::{Columns, Connection, DbError, Param, Row, Sql, Store};
use chrono::{DateTime, Utc};
use domain::invoice::{Document, DocumentKind, InvoiceState, IssuedInvoice};
use domain::job::{Kind, KsefNumber};
use domain::ksef::{Ksef, KsefStatus};
use domain::ports::Documents;
use domain::{Balance, EnrolmentId, Money, Unavailable};

const INSERT: Sql = Sql::both(
    "INSERT INTO documents \
     (enrolment_id, kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, ksef_number, \
     created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
);

const SET_KSEF: Sql = Sql::both(
    "UPDATE documents SET ksef_status = ?, ksef_number = ? WHERE enrolment_id = ? AND kind = ? AND vendor_id = ?",
);

/// The columns that [`read`] takes, in its order.
const OF_ENROLMENT: Sql = Sql::both(
    "SELECT kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, ksef_number \
     FROM documents WHERE enrolment_id = ? ORDER BY id",
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

    async fn set_ksef(&self, id: EnrolmentId, number: KsefNumber, ksef: &Ksef) -> Result<(), Unavailable> {
        let [status, given] = ksef_columns(Some(ksef));
        let kind = number.document.as_str();
        self.write(SET_KSEF, &[status, given, id.get().into(), kind.into(), number.vendor_id.into()])
    }
}

fn ksef_columns(ksef: Option<&Ksef>) -> [Param<'_>; 2] {
    let status = ksef.map(|ksef| ksef.status.as_str());
    [status.into(), ksef.and_then(|ksef| ksef.number.as_deref()).into()]
}

/// Adds a document, in the transaction that finishes its job.
pub(crate) fn insert(
    connection: &Connection,
    id: EnrolmentId,
    document: &Document,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let Document { kind, vendor_id, number, url, gross, currency, issued_on, ksef } = document;
    let [ksef_status, ksef_number] = ksef_columns(ksef.as_ref());
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
        ksef_status,
        ksef_number,
        now.timestamp_millis().into(),
    ];
    connection.execute(INSERT, &row)
}

pub(crate) fn of_enrolment(connection: &Connection, id: EnrolmentId) -> Result<Vec<Document>, DbError> {
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
        ksef: match (columns.optional_text()?, columns.optional_text()?) {
            (None, _) => None,
            (Some(status), number) => Some(Ksef { status: KsefStatus::new(&status).ok_or_else(unreadable)?, number }),
        },
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
