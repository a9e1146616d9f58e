//! HTTP requests and responses of Enrolments: parsing, validation, JSON. Nothing here calls
//! Spin, so that all of it has native tests.
//!
//! [`Problem`] maps all errors to HTTP responses.

mod access;
mod body;
mod books;
mod csv;
mod day;
mod deliveries;
mod dispatch;
mod documents;
mod events;
mod full;
mod health;
mod idempotency;
mod json;
mod list;
mod mails;
mod metrics;
mod paging;
mod path;
mod position;
mod problem;
mod query;
mod records;
mod reply;
mod search;
mod seats;
mod view;
mod wire;

pub use access::{Access, Caller, HEADERS, Needs, REQUEST_ID, Role, Token, parse_tokens, request_id};
pub use body::*;
pub use books::{BooksPage, books, books_page, check_page, checked};
pub use csv::{CsvWriter, is_wanted as csv_is_wanted};
pub use deliveries::{
    delivered, deliveries, deliveries_page, delivery, delivery_id, delivery_summary, planned_invoice, resolved,
    retried, retried_dead,
};
pub use dispatch::{Dispatch, Methods, dispatch};
pub use documents::documents;
pub use events::{events, events_page, history, receiver_test, test_webhook, webhook};
pub use full::{full, full_list};
pub use health::{Checks, deep, health};
pub use idempotency::idempotency_key;
pub use list::{EnrolmentsPage, ListEnd, ListWriter, Pieces, active_page, enrolments_page, list};
pub use mails::{mail, mail_in_path, mail_preview, mails};
pub use metrics::{Figures, metrics};
pub use paging::Paging;
pub use path::{BASE, enrolment_id, segments, user_in_path};
pub use problem::{BODY_SECONDS, Problem};
pub use query::{no_parameters, optional_user_id, user_id};
pub use records::{Fault, Faults, Field, Record, read_course, read_user};
pub use reply::{Reply, created, enrolment, no_content};
pub use search::{search_results, search_text};
pub use seats::{course_id, seats, waiting, waiting_id, waiting_list, waiting_page};
pub use view::{View, view};
#[cfg(feature = "openapi")]
pub use wire::schemas::schemas;
pub use wire::{Detail, ReceiverTest, VariableFault};
