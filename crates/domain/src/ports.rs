//! What the use cases need from outside, as traits.
//!
//! Each port is a small trait. Futures do not have to be `Send`, because a component runs one
//! request on one thread.
#![allow(async_fn_in_trait)]

mod bundle;
pub mod change;
mod documents;
mod enrolments;
mod environment;
mod erasure;
mod events;
mod idempotency;
mod invoices;
mod lookup;
mod mail;
mod outbox;
mod paces;
mod resolutions;
mod retries;
mod webhooks;

pub use bundle::{Database, Environment, Ports};
pub use documents::Documents;
pub use enrolments::{Answer, Commit, Enrolments};
pub use environment::{Clock, Journal, Random, Timer, new_lease};
pub use erasure::{ErasedJob, Erasure, OfUser, Pseudonym};
pub use events::Events;
pub use idempotency::IdempotencyKeys;
pub use invoices::{Content, Invoices, Order};
pub use lookup::{Courses, Users};
pub use mail::{Mail, Repeats};
pub use outbox::{Claimed, Outbox, Retention};
pub use paces::Paces;
pub use resolutions::{JobToResolve, NewResolution, Resolutions, ResolveError};
pub use retries::{JobToRetry, Retries, Retry};
pub use webhooks::{EventQueue, Webhook, Webhooks};
