//! How far the invoice of an enrolment is, in the database.

use super::change::{Record, Transition};
use super::enrolments::Commit;
use crate::jobs::{Job, JobId, Payload};
use crate::model::invoice::{Document, DocumentKind};
use crate::{Enrolment, EnrolmentId, Error};

/// The newest invoice of an enrolment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Billed {
    /// Its job, if it is not issued, nor made by a person.
    pub owed: Option<OwedInvoice>,
    /// The newest one that is issued or made by a person.
    pub issued: Option<Document>,
}

impl Billed {
    /// With the newest invoice among the documents of the enrolment.
    #[must_use]
    pub fn new(owed: Option<OwedInvoice>, documents: Vec<Document>) -> Self {
        let invoices = documents.into_iter().filter(|document| document.kind == DocumentKind::Invoice);
        Self { owed, issued: invoices.max_by_key(|document| document.chain_no) }
    }
}

/// The job of an invoice that is not issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedInvoice {
    /// Its id.
    pub id: JobId,
    /// Its payload; `None` if it cannot be read, or a later release created it.
    pub payload: Option<Payload>,
    /// Whether the invoice may exist: a worker is sending it, or did so and it is unknown whether it
    /// arrived. A refused one does not exist.
    pub may_exist: bool,
}

/// Changes of what is billed.
pub trait Rebillings {
    /// Like [`Enrolments::change`](super::Enrolments::change), with the enrolment's newest invoice. Its
    /// job is locked.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::change`](super::Enrolments::change).
    async fn rebill(
        &self,
        id: EnrolmentId,
        commit: &Commit<'_>,
        transition: impl Fn(&Record, &Billed) -> Transition,
    ) -> Result<(Enrolment, Vec<Job>), Error>;
}
