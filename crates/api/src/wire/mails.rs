//! Texts of mails.

use serde::Serialize;
#[cfg(feature = "openapi")]
use {super::enumerations, utoipa::ToSchema};

/// The text of a kind of mail in a language.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct Mail<'a> {
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::mail_kind))]
    pub(crate) kind: &'static str,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::language))]
    pub(crate) language: &'static str,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
    /// Whether an operator wrote it; otherwise it is the built-in text.
    pub(crate) own: bool,
    /// When it was changed; null if it never was.
    #[cfg_attr(feature = "openapi", schema(format = DateTime, required))]
    pub(crate) changed_at: Option<String>,
    /// The name of the operator's token; null if no token is required.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) changed_by: Option<&'a str>,
    /// The placeholders that each text must have.
    pub(crate) required: Vec<&'static str>,
    /// The placeholders that a text can have. A mail without a value for one of them has no paragraph with it.
    pub(crate) optional: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct MailList<'a> {
    pub(crate) mails: Vec<Mail<'a>>,
}

/// A mail with sample values.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct MailPreview<'a> {
    pub(crate) subject: &'a str,
    /// The body as plain text.
    pub(crate) text: &'a str,
    /// The body as HTML.
    pub(crate) html: &'a str,
}
