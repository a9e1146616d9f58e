//! Who asks for a change.

use crate::model::idempotency::IdempotencyKey;

/// The name of the token of the one who asks: at most 64 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author(pub String);

/// Who asks for a change, and under which key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The idempotency key, if there is one.
    pub key: Option<IdempotencyKey>,
    /// Who asks; `None` if no token is required.
    pub by: Option<Author>,
}
