//! The types of the service and their rules. They depend only on each other.

pub mod backoff;
pub mod company;
pub mod course;
pub mod email;
pub mod enrolment;
pub mod error;
pub mod event;
pub mod filter;
pub mod idempotency;
pub mod invoice;
pub mod ksef;
pub mod language;
pub mod link;
pub mod mail;
pub mod money;
pub mod note;
pub mod pace;
pub mod payment;
pub mod reason;
pub mod resolution;
pub(crate) mod stored;
pub mod terms;
pub(crate) mod text;
pub mod user;
