//! A payment as a caller reports it.

use crate::{Company, EnrolmentId, Money, UserId};

/// A payment to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The enrolment.
    pub enrolment_id: EnrolmentId,
    /// The user, if the caller names one. Another user's enrolment counts as not found.
    pub user_id: Option<UserId>,
    /// The amount; `None` for the course's price.
    pub amount: Option<Money>,
    /// The company as the buyer on the invoice; `None` for the user.
    pub buyer: Option<Company>,
}
