//! The types, rules and use cases of Enrolments.
//!
//! This crate does not depend on a host, HTTP, SQL or JSON. What it needs from outside is in
//! [`ports`], as small traits: `spin-adapters` implements them on Spin's interfaces, the tests
//! implement them in memory. Each use case is one file with one main function.
//!
//! The main rule: an acknowledged payment leads to exactly one invoice and one e-mail. So one
//! transaction writes a change and the [jobs] that follow from it, and no other system is
//! called between a change and its commit.

pub mod jobs;
pub mod model;
pub mod ports;
pub mod usecases;

#[cfg(test)]
mod fakes;

pub use model::buyer::Buyer;
pub use model::course::Course;
pub use model::course_terms::CourseTerms;
pub use model::enrolment::{CourseId, Enrolment, EnrolmentId, Kept, NewEnrolment, PaymentStatus, Status, UserId};
pub use model::error::{Error, LookUpError, System, Unavailable, Unusable};
pub use model::money::{Balance, Money};
pub use model::terms::Terms;
pub use model::user::User;
