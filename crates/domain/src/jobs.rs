//! Jobs: the rows of the outbox. Each is one thing that another system has to do.
//!
//! Each kind of job has a file in this folder: its payload, the system that delivers it, and its
//! word. A new kind needs that file, an entry in `kinds!`, and an arm in
//! [`deliver`](crate::usecases::deliver::deliver).

mod cancellation_email;
mod correction;
mod document_email;
mod enrolment_email;
mod event;
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
pub use invoice_data::InvoiceData;
pub use ksef_number::{DocumentEmail, KsefNumber, Withheld};
pub use mail_data::{MailContent, MailData};
pub use payment_email::PaymentEmail;
pub use reference::Reference;
pub use refund_email::RefundEmail;
pub use target::Target;

use crate::EnrolmentId;
use crate::model::invoice::{Document, DocumentKind};
use crate::model::text::text;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::time::Duration;

/// The right to deliver a job. Each change of the job checks the token: after another worker has
/// taken the job over, the change has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Random, 32 hexadecimal digits.
    pub token: String,
    /// When another worker may take the job over.
    pub until: DateTime<Utc>,
}

impl Lease {
    /// How long a lease lasts: longer than a run with its last delivery.
    pub const LENGTH: Duration = Duration::from_secs(60);
    /// The maximal number of jobs that one claim takes.
    pub const JOBS: u32 = 20;
}

/// The id of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub i64);

text! {
    /// The name of a job, such as `invoice:7`: at most 64 characters of ASCII, unique in the
    /// outbox. A worker changes a job by its key and the lease's token.
    JobKey
}

impl JobKey {
    /// A key from the database.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }
}

/// A kind of job, implemented by its payload.
trait JobKind: Clone + Serialize + for<'de> Deserialize<'de> {
    /// The word in the database, in the API and in metrics: at most 32 lower-case letters and
    /// underscores. It never changes.
    const WORD: &'static str;
    const TARGET: Target;

    /// The document that the job, or a job that follows from it, issues.
    const DOCUMENT: Option<DocumentKind> = None;

    /// Whether the job is withdrawn when its user is erased, even if its payload cannot be read.
    const WITHDRAWN: bool = matches!(Self::TARGET, Target::Mail);

    /// What remains of it when its user is erased and it is not withdrawn. By default it has no
    /// personal data.
    fn erased(&self) -> Self {
        self.clone()
    }

    /// The version of the payload's form: the lowest [`Kind::NEWEST_VERSION`] of a release that
    /// reads it correctly.
    fn version(&self) -> i64 {
        1
    }

    /// The part of the key after the word, unique among jobs of the kind: at most 30 characters
    /// of ASCII.
    fn subject(&self, enrolment_id: EnrolmentId) -> String {
        enrolment_id.to_string()
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident($payload:ty)),* $(,)?) => {
        /// What a job asks for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The word in the database, in the API and in metrics.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => <$payload as JobKind>::WORD,)*
                }
            }

            /// The system that delivers it.
            #[must_use]
            pub const fn target(self) -> Target {
                match self {
                    $(Self::$kind => <$payload as JobKind>::TARGET,)*
                }
            }

            /// The document that a job of this kind, or one that follows from it, issues.
            #[must_use]
            pub const fn document(self) -> Option<DocumentKind> {
                match self {
                    $(Self::$kind => <$payload as JobKind>::DOCUMENT,)*
                }
            }

            /// Whether a job of this kind is withdrawn when its user is erased.
            #[must_use]
            pub const fn is_withdrawn(self) -> bool {
                match self {
                    $(Self::$kind => <$payload as JobKind>::WITHDRAWN,)*
                }
            }
        }

        /// What a delivery needs, as it was when the job was created.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Payload {
            $($(#[$doc])* $kind($payload),)*
        }

        impl Payload {
            /// The kind of the job.
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

            /// What remains of it when its user is erased, unless it [is withdrawn](Kind::is_withdrawn).
            #[must_use]
            pub fn erased(&self) -> Self {
                match self {
                    $(Self::$kind(payload) => Self::$kind(payload.erased()),)*
                }
            }

            /// The key of the job.
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
            /// When it does not have the form of this kind.
            pub fn deserialize<'de, D: Deserializer<'de>>(kind: Kind, from: D) -> Result<Self, D::Error> {
                match kind {
                    $(Kind::$kind => <$payload>::deserialize(from).map(Self::$kind),)*
                }
            }
        }

        /// Without the kind, which has its own column.
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
    /// Looks up the user and the course for an invoice, if they were not available when the
    /// payment was recorded.
    InvoiceData(InvoiceData),
    /// The correction to zero of a refunded payment's invoice.
    Correction(Refund),
    /// The email that says that an enrolment is canceled.
    CancellationEmail(CancellationEmail),
    /// The email that says that a payment is refunded.
    RefundEmail(RefundEmail),
    /// The webhook for an event.
    Event(Notification),
    /// The KSeF number of an invoice or a correction.
    KsefNumber(KsefNumber),
    /// Looks up the recipient of a mail, if they were not available when its job was created.
    MailData(MailData),
}

impl Kind {
    /// The newest version of any payload. A worker does not take a job with a higher version,
    /// because a later release wrote it.
    pub const NEWEST_VERSION: i64 = 2;

    /// The kind for a word; `None` for a word of a later release.
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

/// A job under a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// With the lease's token it identifies the job, so that no id has to be read back.
    pub key: JobKey,
    /// Its enrolment, which may be deleted.
    pub enrolment_id: EnrolmentId,
    /// What to deliver.
    pub payload: Payload,
    /// The number of attempts, including this one: from 1.
    pub attempts: u32,
    /// Since when it was due, at the time of the claim.
    pub due_at: DateTime<Utc>,
    /// Since when it is unknown whether it was delivered.
    pub unknown_since: Option<DateTime<Utc>>,
    /// When the job was created. It is part of the key by which a relay recognises a repeated
    /// mail.
    pub created_at: DateTime<Utc>,
    /// The worker's lease.
    pub lease: Lease,
}

impl Job {
    /// A job that is created now. The caller holds its lease.
    #[must_use]
    pub fn new(enrolment_id: EnrolmentId, payload: Payload, lease: Lease, now: DateTime<Utc>) -> Self {
        let (key, unknown_since) = (payload.key(enrolment_id), None);
        Self { key, enrolment_id, payload, attempts: 1, due_at: now, unknown_since, created_at: now, lease }
    }

    /// The key by which a relay recognises a repeated mail, at most 64 characters of ASCII. It
    /// has the time of creation, because another deployment with the same relay account may have
    /// an enrolment with the same id.
    #[must_use]
    pub fn mail_key(&self) -> String {
        let kind = self.payload.kind().word().replace('_', "-");
        format!("{kind}-{}-{}", self.enrolment_id, self.created_at.timestamp_millis())
    }
}

/// The result of a finished job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// The issued document, if any.
    pub document: Option<Document>,
    /// An issued document that customers do not see yet, because it waits for its KSeF number.
    pub kept: Option<Document>,
    /// A document that was `kept` and that customers see from now on.
    pub released: Option<Released>,
    /// The jobs that follow, under the same lease.
    pub jobs: Vec<Payload>,
    /// The jobs that follow without a lease. They are due after [`Finished::LATER`].
    pub later: Vec<Payload>,
}

/// A document that was kept, and that customers see from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Its kind.
    pub kind: DocumentKind,
    /// Its id at the invoicing service.
    pub vendor_id: i64,
    /// Its page, or that of the document that replaces it.
    pub url: Option<String>,
    /// The document that a person made instead, if any.
    pub replaced_by: Option<ManualDocument>,
}

/// A document that a person made. Its id at the invoicing service is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManualDocument {
    /// The number on the document.
    pub number: Option<String>,
}

impl Finished {
    /// How long such a job waits: other systems need some seconds.
    pub const LATER: TimeDelta = TimeDelta::seconds(10);
}

#[cfg(test)]
mod tests;
