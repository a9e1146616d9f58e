//! Jobs: the rows of the outbox. Each is one thing that another system has to do.
//!
//! Here are the lists of the kinds and of the systems that deliver them. Each kind has a file in
//! this folder: its payload, its system and its word. A new kind needs that file, an entry in
//! `kinds!`, and an arm in [`deliver`](crate::usecases::deliver::deliver).

mod cancellation_email;
mod correction;
mod document_email;
mod enrolment_email;
mod event;
mod invoice;
mod invoice_data;
mod job;
mod ksef_number;
mod mail_data;
mod notice;
pub mod outbox;
mod payment_email;
mod planned_invoice;
mod rebilled;
mod reference;
mod refund_email;

pub use cancellation_email::CancellationEmail;
pub use correction::Correction;
pub use enrolment_email::EnrolmentEmail;
pub use event::Notification;
pub use invoice::Purchase;
pub use invoice_data::InvoiceData;
pub use job::{Finished, Job, JobId, JobKey, Lease, ManualDocument, Released};
pub use ksef_number::{DocumentEmail, KsefNumber, Withheld};
pub use mail_data::{MailContent, MailData};
pub use notice::{Notice, NoticeEmail, Topic};
pub use payment_email::PaymentEmail;
pub use planned_invoice::PlannedInvoice;
pub use reference::Reference;
pub use refund_email::RefundEmail;

use crate::model::chain::ChainNo;
use crate::model::invoice::DocumentKind;
use crate::model::language::Language;
use crate::model::pace::Rate;
use crate::{EnrolmentId, User};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

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

    /// The part of the key after the word, unique among jobs of the kind and of the same place in the
    /// chain of documents: at most 30 characters of ASCII.
    fn subject(&self, enrolment_id: EnrolmentId) -> String {
        enrolment_id.to_string()
    }
}

/// The version of a mail to `recipient`. Release 0.1.0 writes in English only.
fn version_for(recipient: &User) -> i64 {
    if recipient.language == Some(Language::Polish) { 2 } else { 1 }
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

            /// The key of the job, at this place in the chain of documents if it has one.
            #[must_use]
            pub fn key(&self, enrolment_id: EnrolmentId, place: Option<ChainNo>) -> JobKey {
                let subject = match self {
                    $(Self::$kind(payload) => payload.subject(enrolment_id),)*
                };
                JobKey::new(self.kind(), &subject, place)
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
    Correction(Correction),
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
    /// Looks up the recipient of a mail about a seat.
    Notice(Notice),
    /// The mail about a seat.
    NoticeEmail(NoticeEmail),
}

impl Kind {
    /// The newest version of any payload. A worker does not take a job with a higher version,
    /// because a later release wrote it.
    pub const NEWEST_VERSION: i64 = 3;

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

/// The system that delivers a kind of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The users and courses services: they have the data for invoices and mails.
    Records,
    /// The invoicing service.
    Invoices,
    /// KSeF, through the invoicing service.
    Ksef,
    /// The mail relay.
    Mail,
    /// The platform's receiver of webhooks.
    Webhooks,
}

impl Target {
    /// All systems. Jobs that follow from a job are for systems further down this list, so that
    /// the same run delivers them.
    pub const ALL: [Self; 5] = [Self::Records, Self::Invoices, Self::Ksef, Self::Mail, Self::Webhooks];

    /// The kinds that this system delivers.
    #[must_use]
    pub fn kinds(self) -> Vec<Kind> {
        Kind::ALL.iter().copied().filter(|kind| kind.target() == self).collect()
    }

    /// The maximal number of jobs in a run, without those that follow from jobs of the run. See
    /// also [`Target::rate`].
    #[must_use]
    pub const fn jobs_per_run(self) -> u32 {
        match self {
            Self::Records => 30,
            Self::Invoices => 24,
            // Few, so that invoices get their turns.
            Self::Ksef => 6,
            Self::Mail | Self::Webhooks => 2000,
        }
    }

    /// The name of the system's pace in the database: at most 32 characters of ASCII. Invoices
    /// and KSeF share one, because both use the invoicing service.
    #[must_use]
    pub const fn pace_name(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Invoices | Self::Ksef => "invoices",
            Self::Mail => "mail",
            Self::Webhooks => "webhooks",
        }
    }

    /// The request limit of the system, if it is known in advance.
    #[must_use]
    pub const fn rate(self) -> Option<Rate> {
        match self {
            Self::Invoices | Self::Ksef => Some(Rate::INVOICES),
            Self::Records | Self::Mail | Self::Webhooks => None,
        }
    }

    /// Whether an unknown delivery may have a cost: a person gets a second mail. Such a system is
    /// paused longer each time while deliveries stay unknown.
    #[must_use]
    pub const fn is_repeat_costly(self) -> bool {
        matches!(self, Self::Mail)
    }
}

#[cfg(test)]
mod tests;
