//! What is needed to know of a user.

/// A user who may enrol, as the users service describes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// First name, as the buyer on an invoice.
    pub first_name: String,
    /// Last name, as the buyer on an invoice.
    pub last_name: String,
    /// Where mail goes.
    pub email: String,
}
