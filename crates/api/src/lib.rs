//! The inbound side of Enrolments: what requests may look like and what they
//! are answered. No Spin host calls; everything here is tested natively.
//!
//! [`Problem`] is the one mapping from errors to HTTP.

mod access;
mod body;
mod dispatch;
mod json;
mod list;
mod path;
mod problem;
mod query;
mod reply;

pub use access::{Access, REQUEST_ID, request_id};
pub use body::{BodyLimit, MAX_BODY, NewEnrolment, parse_enrolment_id, parse_new_enrolment};
pub use dispatch::{Dispatch, Methods, dispatch};
pub use list::{ListWriter, Page, page};
pub use path::{BASE, enrolment_id, segments};
pub use problem::{Detail, Problem};
pub use query::user_id;
pub use reply::{Reply, created, deliveries, enrolment, health, no_content};
