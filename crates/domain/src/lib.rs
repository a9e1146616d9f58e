//! The types, rules and use cases of Enrolments.
//!
//! This crate knows no host, no HTTP, no SQL and no JSON: it depends on none of
//! them. What it needs from outside stands in [`ports`] as small traits, which
//! `spin-adapters` implements on Spin's interfaces and the tests implement in
//! memory. Each use case is one file and one function.
//!
//! The one rule that everything here serves: a payment that was acknowledged
//! leads to exactly one invoice and one e-mail. So the change and the [`job`]
//! that follows from it are written in one transaction, and nothing outside
//! the database is called between a change and its commit.

pub mod after;
pub mod backoff;
pub mod cancel;
pub mod change;
pub mod company;
pub mod course;
pub mod deliver;
pub mod drain;
pub mod email;
pub mod enrol;
pub mod enrolment;
pub mod erase;
pub mod error;
pub mod event;
pub mod expire;
pub mod fail;
pub mod find;
pub mod history;
pub mod idempotency;
pub mod invoice;
pub mod job;
pub mod ksef;
pub mod link;
pub mod money;
pub mod note;
pub mod once;
pub mod outbox;
pub mod pace;
pub mod pay;
pub mod ports;
pub mod reason;
pub mod refund;
pub mod remove;
pub mod settle;
pub mod terms;
pub mod user;

#[cfg(test)]
mod fakes;

pub use company::Company;
pub use course::Course;
pub use enrolment::{CourseId, Enrolment, EnrolmentId, NewEnrolment, PaymentStatus, Status, UserId};
pub use error::{Error, LookUpError, System, Unavailable, Unusable};
pub use money::{Balance, Money};
pub use terms::Terms;
pub use user::User;
