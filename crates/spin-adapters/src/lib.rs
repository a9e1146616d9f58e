//! spin-adapters
