//! The job that follows when a document is issued.

use super::Payload;

impl Payload {
    /// The email with the link to the document of this job. `None` if no mail is sent, or the job
    /// does not ask for a document.
    #[must_use]
    pub fn document_email(&self, url: Option<String>) -> Option<Self> {
        match self {
            Self::Invoice(purchase) => (!purchase.erased).then(|| purchase.email(url)),
            Self::Correction(refund) => refund.email(url),
            _ => None,
        }
    }
}
