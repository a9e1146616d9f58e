//! The chain of an enrolment's documents.

/// The place of a document in the chain of its enrolment: from 1, in the order in which the
/// documents became owed. A document is issued after the one before. A refund without a document has
/// a place too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainNo(u32);

impl ChainNo {
    /// That of a payment's invoice.
    pub const FIRST: Self = Self(1);
    /// That of the first document after it. A release without chains issued at most one correction.
    pub const SECOND: Self = Self(2);

    /// A place from 1; `None` for a number that is none.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        u32::try_from(number).ok().filter(|number| *number > 0).map(Self)
    }

    /// The next place.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}
