//! What a caller says of a payment.

use crate::{Company, EnrolmentId, Money, UserId};

/// A payment to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// For what.
    pub enrolment_id: EnrolmentId,
    /// Whose enrolment it has to be, if the caller says so: another user's
    /// counts as none.
    pub user_id: Option<UserId>,
    /// What was really paid; none for the course's price.
    pub amount: Option<Money>,
    /// The company that is the buyer on the invoice; none for the user.
    pub buyer: Option<Company>,
}
