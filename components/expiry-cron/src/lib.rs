//! Component.
