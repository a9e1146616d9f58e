//! What the service is about: types and their rules. They depend on nothing but each other.

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
pub mod link;
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
