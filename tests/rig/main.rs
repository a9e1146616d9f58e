//! The lists that tests use, the programs of the tests and what stands under `deploy/`:
//! checks that start no service.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod access;
mod console;
mod deploy;
mod programs;
mod routes;
mod values;
