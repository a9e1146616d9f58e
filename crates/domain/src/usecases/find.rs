//! Looking enrolments up.

use crate::model::invoice::{Document, DocumentKind};
use crate::ports::{Documents, Enrolments};
use crate::{CourseId, Enrolment, EnrolmentId, Error, PaymentStatus, Status, UserId};

/// The enrolment with this number as it is now, for whoever decides something by it.
///
/// # Errors
///
/// [`Error::NotFound`], or [`Error::Unavailable`] for the database.
pub async fn find_current(store: &impl Enrolments, id: EnrolmentId) -> Result<Enrolment, Error> {
    store.get_current(id).await?.ok_or(Error::NotFound)
}

/// The enrolment with this number, to be shown.
///
/// # Errors
///
/// [`Error::NotFound`], or [`Error::Unavailable`] for the database.
pub async fn find(store: &impl Enrolments, id: EnrolmentId) -> Result<Enrolment, Error> {
    store.get(id).await?.ok_or(Error::NotFound)
}

/// The enrolment with this number, if it is that user's. Ids are compared byte
/// for byte, and a text that can be no user's id is simply nobody's.
///
/// # Errors
///
/// [`Error::NotFound`] for an unknown number and for another user's alike, or
/// [`Error::Unavailable`] for the database.
pub async fn find_of_user(store: &impl Enrolments, id: EnrolmentId, user_id: &str) -> Result<Enrolment, Error> {
    let enrolment = find(store, id).await?;
    if enrolment.user_id.as_str() == user_id { Ok(enrolment) } else { Err(Error::NotFound) }
}

/// The documents of an enrolment, oldest first, if it is that user's or no user is
/// named. Of an invoice from before documents were kept, the page is known.
///
/// # Errors
///
/// As for [`find_of_user`].
pub async fn documents(
    store: &(impl Enrolments + Documents),
    id: EnrolmentId,
    user_id: Option<&str>,
) -> Result<Vec<Document>, Error> {
    let enrolment = match user_id {
        Some(user_id) => find_of_user(store, id, user_id).await?,
        None => find(store, id).await?,
    };
    let mut documents = store.documents(id).await?;
    if let Some(url) = enrolment.invoice_url
        && documents.iter().all(|document| document.kind != DocumentKind::Invoice)
    {
        documents.insert(0, Document::known_by_its_page(url));
    }
    Ok(documents)
}

/// Which enrolments are wanted: those of which all that is given holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whose, byte for byte.
    pub user_id: Option<UserId>,
    /// In which course.
    pub course_id: Option<CourseId>,
    /// Where in their life.
    pub status: Option<Status>,
    /// What is known of their payment.
    pub payment_status: Option<PaymentStatus>,
}

impl Filter {
    /// Whether an enrolment is wanted.
    #[must_use]
    pub fn lets_through(&self, enrolment: &Enrolment) -> bool {
        self.user_id.as_ref().is_none_or(|wanted| *wanted == enrolment.user_id)
            && self.course_id.is_none_or(|wanted| wanted == enrolment.course_id)
            && self.status.is_none_or(|wanted| wanted == enrolment.status)
            && self.payment_status.is_none_or(|wanted| wanted == enrolment.payment_status)
    }
}

/// A page of enrolments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// By number. There may be fewer than asked for, even none, before the last page.
    pub enrolments: Vec<Enrolment>,
    /// The number to go on after, if there may be more.
    pub next: Option<i64>,
}

#[cfg(test)]
mod tests;
