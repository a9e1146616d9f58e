//! Checks that start no service: the lists and programs of the tests, and the files in
//! `deploy/`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod access;
mod console;
mod deploy;
mod description;
mod monitoring;
mod programs;
mod proxies;
mod routes;
mod scripts;
mod values;
