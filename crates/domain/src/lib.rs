//! The types, rules and use cases of Enrolments.
//!
//! This crate knows no host, no HTTP, no SQL and no JSON: it depends on none of
//! them. What it needs from outside stands in [`ports`] as small traits, which
//! `spin-adapters` implements on Spin's interfaces and the tests implement in
//! memory. Each use case is one file and one function.
//!
//! The one rule that everything here serves: a payment that was acknowledged
//! leads to exactly one invoice and one e-mail. So the change and the [job](jobs)
//! that follows from it are written in one transaction, and nothing outside
//! the database is called between a change and its commit.

pub mod jobs;
pub mod model;
pub mod ports;
pub mod usecases;

#[cfg(test)]
mod fakes;

pub use model::company::Company;
pub use model::course::Course;
pub use model::enrolment::{CourseId, Enrolment, EnrolmentId, NewEnrolment, PaymentStatus, Status, UserId};
pub use model::error::{Error, LookUpError, System, Unavailable, Unusable};
pub use model::money::{Balance, Money};
pub use model::terms::Terms;
pub use model::user::User;
