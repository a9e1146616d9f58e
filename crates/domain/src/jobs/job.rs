//! A job of any kind: its key, its lease and its end.

use super::{Kind, Payload};
use crate::EnrolmentId;
use crate::model::chain::ChainNo;
use crate::model::invoice::{Document, DocumentKind};
use crate::model::text::text;
use chrono::{DateTime, TimeDelta, Utc};
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
    /// outbox. A worker changes a job by its key and the lease's token. A second number is the place in
    /// the chain of documents, such as in `correction:7:4`; without it the place is 1, and 2 for a
    /// correction or refund.
    JobKey
}

impl JobKey {
    /// The key of a job of this kind, at this place in the chain of documents if its kind has one.
    pub(super) fn new(kind: Kind, subject: &str, place: Option<ChainNo>) -> Self {
        let key = Self(format!("{kind}:{subject}"));
        match place {
            Some(place) if place != key.chain_no() => Self(format!("{}:{}", key.0, place.get())),
            _ => key,
        }
    }

    /// A key from the database.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Its place in the chain of documents.
    #[must_use]
    pub fn chain_no(&self) -> ChainNo {
        self.own_place().unwrap_or_else(|| {
            let is_second = ["correction", "refund"].iter().any(|word| self.0.contains(word));
            if is_second { ChainNo::SECOND } else { ChainNo::FIRST }
        })
    }

    /// The second number, if the key has one.
    fn own_place(&self) -> Option<ChainNo> {
        let mut numbers = self.0.split(':').filter_map(|word| word.parse().ok());
        numbers.nth(1).and_then(ChainNo::new)
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
    /// A job that is created now. The caller holds its lease. `place` is that of its document in the
    /// chain, if it has one.
    #[must_use]
    pub fn new(
        enrolment_id: EnrolmentId,
        place: Option<ChainNo>,
        payload: Payload,
        lease: Lease,
        now: DateTime<Utc>,
    ) -> Self {
        let (key, unknown_since) = (payload.key(enrolment_id, place), None);
        Self { key, enrolment_id, payload, attempts: 1, due_at: now, unknown_since, created_at: now, lease }
    }

    /// The lowest [`Kind::NEWEST_VERSION`] of a release that delivers it correctly. A release without
    /// chains would take a later document for the first one.
    #[must_use]
    pub fn version(&self) -> i64 {
        let of_chain = if self.key.own_place().is_some() { 3 } else { 1 };
        self.payload.version().max(of_chain)
    }

    /// The key by which a relay recognises a repeated mail, at most 64 characters of ASCII. It
    /// has the time of creation, because another deployment with the same relay account may have
    /// an enrolment with the same id.
    #[must_use]
    pub fn mail_key(&self) -> String {
        let kind = self.payload.kind().word().replace('_', "-");
        let place = self.key.own_place().map(|place| format!("-{}", place.get())).unwrap_or_default();
        format!("{kind}-{}{place}-{}", self.enrolment_id, self.created_at.timestamp_millis())
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
    /// Its place in the chain.
    pub chain_no: ChainNo,
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
