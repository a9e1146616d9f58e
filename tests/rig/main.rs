//! What the tests themselves stand on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod access;
mod console;
mod routes;
mod values;
