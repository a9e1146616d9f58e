//! Reads enrolments and their documents.

use crate::model::full::FullEnrolment;
use crate::model::invoice::{Document, DocumentKind};
use crate::ports::{Documents, Enrolments};
use crate::{Enrolment, EnrolmentId, Error, Kept, UserId};

/// The enrolment with this id as it is now, for decisions.
///
/// # Errors
///
/// [`Error::NotFound`], or [`Error::Unavailable`] for the database.
pub async fn find_current(store: &impl Enrolments, id: EnrolmentId) -> Result<Enrolment, Error> {
    store.get_current(id).await?.ok_or(Error::NotFound)
}

/// The enrolment that a caller reports about. If the caller names a user, it has to be theirs.
///
/// # Errors
///
/// As for [`find_current`].
pub(crate) async fn find_reported(
    store: &impl Enrolments,
    id: EnrolmentId,
    user_id: Option<&UserId>,
) -> Result<Enrolment, Error> {
    let enrolment = find_current(store, id).await?;
    if is_of_other(&enrolment, user_id) { Err(Error::NotFound) } else { Ok(enrolment) }
}

/// The same, with what is stored for later jobs.
///
/// # Errors
///
/// As for [`find_current`].
pub(crate) async fn find_kept(
    store: &impl Enrolments,
    id: EnrolmentId,
    user_id: Option<&UserId>,
) -> Result<(Enrolment, Kept), Error> {
    let (enrolment, kept) = store.get_kept(id).await?.ok_or(Error::NotFound)?;
    if is_of_other(&enrolment, user_id) { Err(Error::NotFound) } else { Ok((enrolment, kept)) }
}

fn is_of_other(enrolment: &Enrolment, user_id: Option<&UserId>) -> bool {
    user_id.is_some_and(|user_id| *user_id != enrolment.user_id)
}

/// The enrolment with this id, for display.
///
/// # Errors
///
/// [`Error::NotFound`], or [`Error::Unavailable`] for the database.
pub async fn find(store: &impl Enrolments, id: EnrolmentId) -> Result<Enrolment, Error> {
    store.get(id).await?.ok_or(Error::NotFound)
}

/// The enrolment with this id, if it is that user's. Ids are compared byte for byte. An invalid user
/// id has no enrolments.
///
/// # Errors
///
/// [`Error::NotFound`] for an unknown id and for another user's enrolment, or
/// [`Error::Unavailable`] for the database.
pub async fn find_of_user(store: &impl Enrolments, id: EnrolmentId, user_id: &str) -> Result<Enrolment, Error> {
    let enrolment = find(store, id).await?;
    if enrolment.user_id.as_str() == user_id { Ok(enrolment) } else { Err(Error::NotFound) }
}

/// The enrolment with this id in full.
///
/// # Errors
///
/// As for [`find`].
pub async fn find_full(store: &impl Enrolments, id: EnrolmentId) -> Result<FullEnrolment, Error> {
    store.get_full(id).await?.ok_or(Error::NotFound)
}

/// The enrolment with this id in full, if it is that user's.
///
/// # Errors
///
/// As for [`find_of_user`].
pub async fn find_full_of_user(
    store: &impl Enrolments,
    id: EnrolmentId,
    user_id: &str,
) -> Result<FullEnrolment, Error> {
    let full = find_full(store, id).await?;
    if full.enrolment.user_id.as_str() == user_id { Ok(full) } else { Err(Error::NotFound) }
}

/// The documents of an enrolment, oldest first, if it is that user's or no user is named. Of an
/// invoice that the Flask service issued, only the page is known.
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
        documents.insert(0, Document::from_page(url));
    }
    Ok(documents)
}

#[cfg(test)]
mod tests;
