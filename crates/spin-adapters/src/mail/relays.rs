//! The relays.

mod brevo;
mod postmark;
mod resend;
mod smtp2go;

use super::api::Api;

static APIS: [&Api; 4] = [&resend::API, &smtp2go::API, &brevo::API, &postmark::API];

/// The relay with this name.
pub(crate) fn named(name: &str) -> Option<&'static Api> {
    APIS.into_iter().find(|api| api.name == name.trim())
}

#[cfg(test)]
mod tests;
