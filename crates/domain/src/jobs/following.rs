//! What is owed to the customer once a document is there.

use super::Payload;

impl Payload {
    /// The email with the link to the document that this job asks for; none if nobody
    /// hears of it, or it asks for none.
    #[must_use]
    pub fn following(&self, url: Option<String>) -> Option<Self> {
        match self {
            Self::Invoice(purchase) => (!purchase.erased).then(|| purchase.email(url)),
            Self::Correction(refund) => refund.email(url),
            _ => None,
        }
    }
}
