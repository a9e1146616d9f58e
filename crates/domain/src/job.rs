//! What is owed to a customer: rows of the outbox.

use crate::{EnrolmentId, Money, User};
use chrono::{DateTime, NaiveDate, Utc};
use std::fmt;
use std::time::Duration;

/// What a worker may still do to a job that it holds. Whoever wants to change
/// the job names the token; once another has taken the job over, the name no
/// longer fits and the change affects nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Random, 32 hexadecimal digits.
    pub token: String,
    /// When others may take the job over.
    pub until: DateTime<Utc>,
}

impl Lease {
    /// How long a lease lasts: longer than a whole run with its last delivery.
    pub const LENGTH: Duration = Duration::from_secs(60);
    /// The most jobs that are put under one lease at once.
    pub const JOBS: u32 = 20;
}

/// The number of a row in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub i64);

/// Which delivery a job asks for. An enrolment has at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The mail that confirms an enrolment.
    EnrolmentEmail,
    /// The invoice for a payment.
    Invoice,
    /// The mail that confirms a payment and links to the invoice.
    PaymentEmail,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::EnrolmentEmail, Self::Invoice, Self::PaymentEmail];
    /// What the invoicing service delivers.
    pub const INVOICES: &'static [Self] = &[Self::Invoice];
    /// What the mail relay delivers.
    pub const MAILS: &'static [Self] = &[Self::EnrolmentEmail, Self::PaymentEmail];
}

/// What tells an invoice from every other one that is ever asked for under the
/// number of its enrolment: such numbers come again once an older copy of the
/// database is restored. Drawn at random when the payment is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvoiceReference(pub u64);

/// 16 hexadecimal digits.
impl fmt::Display for InvoiceReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// All that a delivery needs, as it was known when the job was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// For [`Kind::EnrolmentEmail`].
    EnrolmentEmail {
        /// To whom.
        recipient: User,
        /// What for.
        course_name: String,
    },
    /// For [`Kind::Invoice`].
    Invoice(Purchase),
    /// For [`Kind::PaymentEmail`].
    PaymentEmail {
        /// To whom.
        recipient: User,
        /// What for.
        course_name: String,
        /// The page that shows the invoice; none for a course without a price.
        invoice_url: Option<String>,
    },
}

/// What an invoice is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Who bought.
    pub buyer: User,
    /// What was bought.
    pub course_name: String,
    /// What was paid, tax included.
    pub gross: Money,
    /// The day of the payment in Warsaw.
    pub paid_on: NaiveDate,
    /// With the enrolment it makes the number of the invoice. A job that was
    /// written before there were references has none, and is known by the
    /// enrolment alone.
    pub reference: Option<InvoiceReference>,
}

impl Payload {
    /// Which delivery this is for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::EnrolmentEmail { .. } => Kind::EnrolmentEmail,
            Self::Invoice(_) => Kind::Invoice,
            Self::PaymentEmail { .. } => Kind::PaymentEmail,
        }
    }
}

/// A job that is held under a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Which enrolment it belongs to, which may be gone. With the payload's kind
    /// and the lease it names the job: no row is read back for a number.
    pub enrolment_id: EnrolmentId,
    /// What to deliver.
    pub payload: Payload,
    /// How often a delivery was begun, this time included: from 1.
    pub attempts: u32,
    /// Since when it was due when it was claimed.
    pub due_at: DateTime<Utc>,
    /// Since when it is not known whether the delivery took place.
    pub unknown_since: Option<DateTime<Utc>>,
    /// When the job was written; with the enrolment and the kind it makes the
    /// key under which a relay recognises a repeated mail.
    pub created_at: DateTime<Utc>,
    /// The holder's claim.
    pub lease: Lease,
}
