//! The table `documents`: invoices and corrections that were issued.

mod books;

use crate::sql::{Columns, Connection, DbError, Param, Row, Sql, Store, from_sql_day, words};
use chrono::{DateTime, Utc};
use domain::jobs::outbox::State;
use domain::jobs::{JobKey, Kind, KsefNumber, ManualDocument, Released};
use domain::model::chain::ChainNo;
use domain::model::invoice::{Document, DocumentKind, InvoiceState, IssuedInvoice, newest_invoice};
use domain::model::ksef::{Ksef, KsefStatus};
use domain::model::terms::Account;
use domain::ports::Documents;
use domain::{Balance, EnrolmentId, Money, PaymentStatus, Unavailable};

const INSERT: Sql = Sql::both(
    "INSERT INTO documents (enrolment_id, kind, vendor_id, number, url, gross_hundredths, currency, issued_on,
         ksef_status, ksef_number, tax, chain_no, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
);

const SET_KSEF: Sql = Sql::both(
    "UPDATE documents
     SET ksef_status = ?, ksef_number = ?
     WHERE enrolment_id = ? AND kind = ? AND vendor_id = ?",
);

const RELEASE: Sql = Sql::both("UPDATE documents SET url = ? WHERE enrolment_id = ? AND kind = ? AND vendor_id = ?");

/// How the invoicing service calls what a person made is not known.
const REPLACE: Sql = Sql::both(
    "UPDATE documents
     SET url = ?, number = ?, vendor_id = NULL, issued_on = NULL, ksef_status = NULL, ksef_number = NULL
     WHERE enrolment_id = ? AND kind = ? AND vendor_id = ?",
);

/// The columns that [`shown`] takes, in its order. The mark says that a replica may answer, see
/// `deploy/scaling.md`.
const SHOWN: Sql = Sql::both(
    "SELECT /* replica */
         payment_status, invoice_url,
         kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, ksef_number, tax, chain_no
     FROM documents
     LEFT JOIN enrolments ON enrolments.id = documents.enrolment_id
     WHERE documents.enrolment_id = ?
     ORDER BY documents.id",
);

/// The columns that [`read_from`] takes, in its order.
const OF_ENROLMENT: Sql = Sql::both(
    "SELECT kind, vendor_id, number, url, gross_hundredths, currency, issued_on, ksef_status, ksef_number, tax,
         chain_no
     FROM documents
     WHERE enrolment_id = ?
     ORDER BY id",
);

/// The jobs of the chain, those for numbers of KSeF included.
const JOBS_OF_CHAIN: Sql = Sql::both(
    "SELECT kind, state, job_key
     FROM outbox
     WHERE enrolment_id = ? AND kind IN ('invoice', 'invoice_data', 'payment_email', 'correction', 'ksef_number')",
);

impl Documents for Store {
    async fn documents(&self, id: EnrolmentId) -> Result<Vec<Document>, Unavailable> {
        self.read(|connection| shown(connection, id))
    }

    async fn invoice_state(&self, id: EnrolmentId, place: ChainNo) -> Result<InvoiceState, Unavailable> {
        self.read(|connection| {
            // Read first: of a job that is done then, the document is there afterwards.
            let jobs = connection.query(JOBS_OF_CHAIN, &[id.get().into()])?;
            let jobs = jobs.into_iter().map(JobOfChain::read).collect::<Result<Vec<_>, _>>()?;
            let jobs: Vec<_> = jobs.into_iter().filter(|job| job.key.chain_no() < place).collect();
            if jobs.iter().any(JobOfChain::is_owed) {
                return Ok(InvoiceState::NotIssued);
            }
            Ok(match newest_invoice(of_enrolment(connection, id)?, place) {
                Some(invoice) => state_of(invoice, &jobs),
                None => state_without_invoice(&jobs),
            })
        })
    }

    async fn set_ksef(&self, id: EnrolmentId, number: &KsefNumber, ksef: &Ksef) -> Result<(), Unavailable> {
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
    let Document { kind, chain_no, vendor_id, number, url, gross, currency, tax, issued_on, ksef } = document;
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
        tax.as_deref().into(),
        i64::from(chain_no.get()).into(),
        now.timestamp_millis().into(),
    ];
    connection.execute(INSERT, &row)
}

/// Gives a document that was kept its page, or puts the one that a person made in its place.
pub(crate) fn release(connection: &Connection, id: EnrolmentId, released: &Released) -> Result<(), DbError> {
    let Released { kind, vendor_id, url, replaced_by, .. } = released;
    let row = [id.get().into(), kind.as_str().into(), (*vendor_id).into()];
    match replaced_by {
        None => connection.execute(RELEASE, &[&[url.as_deref().into()], row.as_slice()].concat()),
        Some(ManualDocument { number }) => {
            let made = [url.as_deref().into(), number.as_deref().into()];
            connection.execute(REPLACE, &[made.as_slice(), row.as_slice()].concat())
        }
    }
}

/// Those of an enrolment as they are now, oldest first.
pub(crate) fn of_enrolment(connection: &Connection, id: EnrolmentId) -> Result<Vec<Document>, DbError> {
    let rows = connection.query(OF_ENROLMENT, &[id.get().into()])?.into_iter();
    rows.filter_map(|row| read_from(&mut Columns::new(row)).transpose()).collect()
}

/// The same for display: none if they are another enrolment's.
fn shown(connection: &Connection, id: EnrolmentId) -> Result<Vec<Document>, DbError> {
    let (mut owner, mut documents) = (Owner::default(), Vec::new());
    for row in connection.query(SHOWN, &[id.get().into()])? {
        let mut columns = Columns::new(row);
        owner = Owner { payment: columns.optional_text()?, link: columns.optional_text()? };
        documents.extend(read_from(&mut columns)?);
    }
    if !owner.has(&documents) {
        documents.clear();
    }
    Ok(documents)
}

/// What the row of the enrolment says of its documents. Ids come again after a restore, so the
/// documents of an id can be those of another enrolment, for example while tables are restored one
/// after the other.
#[derive(Default)]
struct Owner {
    /// None: the enrolment is deleted, and its documents stay.
    payment: Option<String>,
    link: Option<String>,
}

impl Owner {
    /// Whether these are its own: it is paid, and the transaction that gave an invoice its page wrote
    /// the page to the enrolment, too.
    fn has(&self, documents: &[Document]) -> bool {
        let Some(payment) = self.payment.as_deref().map(words::payment) else { return true };
        let invoices = documents.iter().filter(|document| document.kind == DocumentKind::Invoice);
        let mut pages = invoices.filter_map(|invoice| invoice.url.as_deref()).peekable();
        payment == Some(PaymentStatus::Paid)
            && (pages.peek().is_none() || pages.any(|page| self.link.as_deref() == Some(page)))
    }
}

/// None for a kind of a later release.
fn read_from(columns: &mut Columns) -> Result<Option<Document>, DbError> {
    let Some(kind) = DocumentKind::parse(&columns.text()?) else { return Ok(None) };
    let document = Document {
        kind,
        chain_no: kind.usual_chain_no(),
        vendor_id: columns.optional_int()?,
        number: columns.optional_text()?,
        url: columns.optional_text()?,
        gross: columns.optional_int()?.map(Balance),
        currency: columns.optional_text()?,
        issued_on: columns.optional_text()?.map(|day| from_sql_day(&day)).transpose()?,
        ksef: match (columns.optional_text()?, columns.optional_text()?) {
            (None, _) => None,
            (Some(status), number) => Some(Ksef { status: KsefStatus::new(&status).ok_or_else(unreadable)?, number }),
        },
        tax: columns.optional_text()?,
    };
    let chain_no = columns.optional_int()?.and_then(ChainNo::new);
    Ok(Some(Document { chain_no: chain_no.unwrap_or(document.chain_no), ..document }))
}

/// A job that tells how far the chain is.
struct JobOfChain {
    kind: Option<Kind>,
    state: Option<State>,
    key: JobKey,
}

impl JobOfChain {
    /// Whether its document is not issued, nor made by a person.
    fn is_owed(&self) -> bool {
        self.kind.is_some_and(|kind| kind.document().is_some()) && self.state != Some(State::Done)
    }

    fn read(row: Row) -> Result<Self, DbError> {
        let mut columns = Columns::new(row);
        let (kind, state) = (Kind::from_word(&columns.text()?), State::parse(&columns.text()?));
        Ok(Self { kind, state, key: JobKey::stored(columns.text()?) })
    }
}

/// As long as its number of KSeF is to come, it is not corrected.
fn state_of(invoice: Document, jobs: &[JobOfChain]) -> InvoiceState {
    let is_its_number =
        |job: &&JobOfChain| job.kind == Some(Kind::KsefNumber) && job.key.chain_no() == invoice.chain_no;
    match jobs.iter().find(is_its_number).map(|job| job.state) {
        Some(Some(State::Dead)) => InvoiceState::NotAccepted,
        None | Some(Some(State::Done)) => correctable(invoice).map_or(InvoiceState::Unidentified, InvoiceState::Issued),
        Some(_) => InvoiceState::NotNumbered,
    }
}

/// When every document before it is issued.
fn state_without_invoice(jobs: &[JobOfChain]) -> InvoiceState {
    let has = |kind| jobs.iter().any(|job| job.kind == Some(kind));
    // Without an invoice's job there was nothing to invoice. With it, the page may be known, but not by
    // which number to correct the invoice.
    if has(Kind::PaymentEmail) && !has(Kind::Invoice) { InvoiceState::None } else { InvoiceState::Unidentified }
}

/// What a correction has to know of an invoice, if that is all known.
fn correctable(invoice: Document) -> Option<IssuedInvoice> {
    let Balance(gross) = invoice.gross?;
    Some(IssuedInvoice {
        vendor_id: invoice.vendor_id?,
        gross: Money::from_hundredths(gross)?,
        currency: invoice.currency?,
        tax: invoice.tax,
        account: invoice.url.as_deref().and_then(Account::of_page),
        issued_on: invoice.issued_on,
        ksef_number: invoice.ksef.and_then(|ksef| ksef.number),
    })
}

fn unreadable() -> DbError {
    DbError::Failed("unreadable document".to_owned())
}
