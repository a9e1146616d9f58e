//! Jobs: what is owed to a customer, as rows of the outbox.
//!
//! A kind of job is a file below this one: what it needs, how that is kept, which system
//! delivers it, and its word. Adding one touches that file, the list in `kinds!`, and
//! [`deliver`](crate::usecases::deliver::deliver), which says how it is delivered.

use crate::model::text::text;
mod cancellation_email;
mod correction;
mod enrolment_email;
mod event;
mod following;
mod invoice;
mod invoice_data;
mod ksef_number;
mod mail_data;
pub mod outbox;
mod payment_email;
mod reference;
mod refund_email;
mod target;

pub use cancellation_email::CancellationEmail;
pub use correction::Refund;
pub use enrolment_email::EnrolmentEmail;
pub use event::Notification;
pub use invoice::Purchase;
pub use invoice_data::Unbilled;
pub use ksef_number::{DocumentEmail, KsefNumber, Withheld};
pub use mail_data::{Unaddressed, UnaddressedMail};
pub use payment_email::PaymentEmail;
pub use reference::Reference;
pub use refund_email::RefundEmail;
pub use target::Target;

use crate::EnrolmentId;
use crate::model::invoice::{Document, DocumentKind};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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

text! {
    /// The name of a job, such as `invoice:7`: at most 64 characters of ASCII, unique
    /// in the outbox. With the lease's token it is what a worker holds a job by.
    JobKey
}

impl JobKey {
    /// One from the database.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }
}

/// What a kind of job is.
trait JobKind: Serialize + for<'de> Deserialize<'de> {
    /// The word for it in the database, in the API and in metrics: at most 32
    /// lower-case letters and underscores, and never changed.
    const WORD: &'static str;
    const TARGET: Target;

    /// The document that the job has issued, now or later.
    const DOCUMENT: Option<DocumentKind> = None;

    /// The version of the payload's form: the first [`Kind::NEWEST_VERSION`] whose releases
    /// read it as it is meant.
    fn version(&self) -> i64 {
        1
    }

    /// The rest of its key, of which there is one job of the kind: at most 30 characters of
    /// ASCII.
    fn subject(&self, enrolment_id: EnrolmentId) -> String {
        enrolment_id.to_string()
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident($payload:ty)),* $(,)?) => {
        /// Which delivery a job asks for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The word for it in the database, in the API and in metrics.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => <$payload as JobKind>::WORD,)*
                }
            }

            /// Which system delivers it.
            #[must_use]
            pub const fn target(self) -> Target {
                match self {
                    $(Self::$kind => <$payload as JobKind>::TARGET,)*
                }
            }

            /// The document that a job of this kind has issued, now or later, if any.
            #[must_use]
            pub const fn document(self) -> Option<DocumentKind> {
                match self {
                    $(Self::$kind => <$payload as JobKind>::DOCUMENT,)*
                }
            }
        }

        /// All that a delivery needs, as it was known when the job was written.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Payload {
            $($(#[$doc])* $kind($payload),)*
        }

        impl Payload {
            /// Which delivery this is for.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)*
                }
            }

            /// The version of its form: from 1 to [`Kind::NEWEST_VERSION`].
            #[must_use]
            pub fn version(&self) -> i64 {
                match self {
                    $(Self::$kind(payload) => payload.version(),)*
                }
            }

            /// The key of the job that this is for.
            #[must_use]
            pub fn key(&self, enrolment_id: EnrolmentId) -> JobKey {
                let subject = match self {
                    $(Self::$kind(payload) => payload.subject(enrolment_id),)*
                };
                JobKey(format!("{}:{subject}", self.kind()))
            }

            /// Reads the payload of a kind.
            ///
            /// # Errors
            ///
            /// Where it is not as it is written for this kind.
            pub fn deserialize<'de, D: Deserializer<'de>>(kind: Kind, from: D) -> Result<Self, D::Error> {
                match kind {
                    $(Kind::$kind => <$payload>::deserialize(from).map(Self::$kind),)*
                }
            }
        }

        /// Without its kind, which has a column of its own.
        impl Serialize for Payload {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$kind(payload) => payload.serialize(to),)*
                }
            }
        }
    };
}

kinds! {
    /// The email that confirms an enrolment.
    EnrolmentEmail(EnrolmentEmail),
    /// The invoice for a payment.
    Invoice(Purchase),
    /// The email that confirms a payment and links to the invoice.
    PaymentEmail(PaymentEmail),
    /// What an invoice needs that was not to be had when the payment was made.
    InvoiceData(Unbilled),
    /// The correction to zero of a refunded payment's invoice.
    Correction(Refund),
    /// The email that says that an enrolment is canceled.
    CancellationEmail(CancellationEmail),
    /// The email that says that a payment went back.
    RefundEmail(RefundEmail),
    /// An event that the platform is told of.
    Event(Notification),
    /// The number that KSeF gives an invoice or a correction.
    KsefNumber(KsefNumber),
    /// Whom a mail goes to that could not be found out when it came to be owed.
    MailData(Unaddressed),
}

impl Kind {
    /// The newest version of any payload. A worker takes no job whose version is
    /// higher: a later release wrote it.
    pub const NEWEST_VERSION: i64 = 1;

    /// The kind that a word stands for; none for one of a later release.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A job that is held under a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// With the lease's token it names the job: no row is read back for a number.
    pub key: JobKey,
    /// Which enrolment it belongs to, which may be gone.
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
    /// key under which a relay recognises a repeated email.
    pub created_at: DateTime<Utc>,
    /// The holder's claim.
    pub lease: Lease,
}

impl Job {
    /// A job that was written just now, and is held by whoever wrote it.
    #[must_use]
    pub fn new(enrolment_id: EnrolmentId, payload: Payload, lease: Lease, now: DateTime<Utc>) -> Self {
        let (key, unknown_since) = (payload.key(enrolment_id), None);
        Self { key, enrolment_id, payload, attempts: 1, due_at: now, unknown_since, created_at: now, lease }
    }

    /// What a relay recognises a repeated mail by, at most 64 characters of ASCII. The
    /// enrolment alone would come again in another deployment that shares the relay's account;
    /// with the time of writing it does not.
    #[must_use]
    pub fn mail_key(&self) -> String {
        let kind = self.payload.kind().word().replace('_', "-");
        format!("{kind}-{}-{}", self.enrolment_id, self.created_at.timestamp_millis())
    }
}

/// What a job led to that is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// The document that was issued, if one was.
    pub document: Option<Document>,
    /// A document that is written down and of which nobody hears yet.
    pub kept: Option<Document>,
    /// A document that was kept, and of which others hear now.
    pub released: Option<Released>,
    /// The jobs that follow, under the same lease.
    pub jobs: Vec<Payload>,
    /// The jobs that follow and have time: nobody holds them, and they are due after
    /// [`Finished::LATER`].
    pub later: Vec<Payload>,
}

/// A document that was kept, and that the customer may see now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Which.
    pub kind: DocumentKind,
    /// The invoicing service's own id for it.
    pub vendor_id: i64,
    /// The page that shows it, or the one that a person made in its place.
    pub url: Option<String>,
    /// What a person made in its place, if one did.
    pub by_hand: Option<ByHand>,
}

/// A document that a person made. How the invoicing service calls it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// Its number, as customers and tax offices know it.
    pub number: Option<String>,
}

impl Finished {
    /// What is asked for needs some seconds.
    pub const LATER: TimeDelta = TimeDelta::seconds(10);
}

#[cfg(test)]
mod tests;
