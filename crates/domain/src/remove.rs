//! Deleting an enrolment.

use crate::ports::Enrolments;
use crate::{EnrolmentId, Error};

/// Deletes an enrolment for good. What is owed for a payment stays owed.
///
/// # Errors
///
/// [`Error::NotFound`], or [`Error::Unavailable`] for the database.
pub async fn remove(store: &impl Enrolments, id: EnrolmentId) -> Result<(), Error> {
    if store.delete(id).await? { Ok(()) } else { Err(Error::NotFound) }
}
