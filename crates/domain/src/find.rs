//! Looking enrolments up.

use crate::ports::Enrolments;
use crate::{Enrolment, EnrolmentId, Error};

/// The enrolment with this number.
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

#[cfg(test)]
mod tests;
