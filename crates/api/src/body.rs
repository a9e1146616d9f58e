//! The bodies of requests: the type of each, for `openapi.json`, and its parser. Parsers do
//! without `serde`'s types, because responses name every fault; tests compare both.

mod buyer;
mod dead;
mod fields;
mod limit;
mod number;
mod records;
mod reports;
mod seats;

pub use dead::parse_dead;
pub use limit::{BodyLimit, MAX_BODY};
pub use reports::{parse_note, parse_payment, parse_rebilling, parse_refund};
pub use seats::{parse_extension, parse_move, parse_waiting};

use crate::Problem;
use domain::CourseId;
use domain::model::link::Link;
use domain::model::mail::{self, MailKind};
use domain::model::resolution;
use fields::Fields;
#[cfg(feature = "openapi")]
use {
    crate::wire::field,
    buyer::{BuyerForm, CompanyForm, ForeignCompany, PersonAddress, RecipientForm},
    dead::DeadDeliveries,
    records::{CourseRecord, UserRecord},
    reports::{Note, Payment, Rebilling, Refund},
    seats::{Extension, Move, NewWaiting},
    serde::Serialize,
    utoipa::ToSchema,
};

/// The schemas of all of them.
#[cfg(feature = "openapi")]
pub(crate) fn schemas() -> Vec<field::Named> {
    use field::of;
    vec![
        of::<NewEnrolment<'_>>(),
        field::user_rules(of::<UserRecord<'_>>()),
        field::tax_rules(of::<CourseRecord<'_>>()),
        field::tax_rules(of::<Payment<'_>>()),
        field::any_form(of::<BuyerForm<'_>>()),
        of::<CompanyForm<'_>>(),
        of::<ForeignCompany<'_>>(),
        of::<PersonAddress<'_>>(),
        of::<RecipientForm<'_>>(),
        of::<Note<'_>>(),
        of::<Refund<'_>>(),
        field::tax_rules(of::<Rebilling<'_>>()),
        of::<Extension<'_>>(),
        of::<NewWaiting<'_>>(),
        of::<Move<'_>>(),
        of::<Resolution<'_>>(),
        of::<DeadDeliveries<'_>>(),
        of::<MailText<'_>>(),
        of::<MailDraft<'_>>(),
    ]
}

#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
struct NewEnrolment<'a> {
    #[schema(value_type = field::CourseId)]
    course_id: i64,
    /// Ids are compared byte by byte. A table of the Flask service that is not utf8mb4 cannot store all characters: such an id gets 400. It may also treat two different ids as equal: the second gets 409.
    #[schema(value_type = field::UserId)]
    user_id: &'a str,
    /// With it, the user is not looked up, neither now nor later.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    user: Option<UserRecord<'a>>,
    /// With it, the course is not looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    course: Option<CourseRecord<'a>>,
    /// Your own number, such as of the order. Several enrolments can have the same; `GET /?reference=` lists them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::Reference)]
    reference: Option<&'a str>,
    /// Your own texts: at most 20, with their keys at most 2,048 bytes of UTF-8. A text has no control characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::metadata)]
    metadata: Option<std::collections::BTreeMap<&'a str, &'a str>>,
    /// Until when the seat is held without a payment: then the enrolment is canceled. By default as `seats_held_for` says. A free course has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::pay_until)]
    pay_until: Option<&'a str>,
}

/// Parses a new enrolment.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_new_enrolment(body: &[u8]) -> Result<domain::NewEnrolment, Problem> {
    let mut fields = Fields::parse(body)?;
    let course_id = fields.id("course_id", CourseId::new);
    let user_id = fields.user_id("user_id");
    let user = fields.if_given("user", Fields::user);
    let course = fields.if_given("course", Fields::course);
    let reference = fields.if_given("reference", Fields::reference);
    let metadata = fields.if_given("metadata", Fields::metadata).unwrap_or_default();
    let pay_until = fields.if_given("pay_until", Fields::pay_until);
    fields.finish(course_id.zip(user_id).map(|(course_id, user_id)| domain::NewEnrolment {
        user_id,
        course_id,
        user,
        course,
        reference,
        metadata,
        pay_until,
    }))
}

/// How an operator resolved a delivery.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
struct Resolution<'a> {
    #[schema(schema_with = field::resolution_note)]
    note: &'a str,
    /// The number of the document, if one was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::document_number)]
    number: Option<&'a str>,
    /// The page that shows the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::link)]
    url: Option<&'a str>,
}

/// Parses a resolution.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_resolution(body: &[u8]) -> Result<resolution::Resolution, Problem> {
    let mut fields = Fields::parse(body)?;
    let note = fields.text("note", "A note", resolution::Note::new);
    let number =
        fields.if_given("number", |fields, name| fields.text(name, "A number", resolution::DocumentNumber::new));
    let url = fields.if_given("url", |fields, name| fields.text(name, "A link", Link::new));
    fields.finish(note.map(|note| resolution::Resolution { note, number, url }))
}

/// The text of a mail.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MailText<'a> {
    #[schema(schema_with = field::subject)]
    subject: &'a str,
    #[schema(schema_with = field::mail_text)]
    text: &'a str,
}

/// Parses the text of a mail.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_mail_text(kind: MailKind, body: &[u8]) -> Result<mail::MailText, Problem> {
    let mut fields = Fields::parse(body)?;
    let (subject, text) = (fields.subject(kind, "subject"), fields.mail_text(kind, "text"));
    fields.refuse_others(&["subject", "text"]);
    fields.finish(subject.zip(text).map(|(subject, text)| mail::MailText { subject, text }))
}

/// The text of a mail to preview. What is missing is as it is now.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MailDraft<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::subject)]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::mail_text)]
    text: Option<&'a str>,
}

/// Parses a subject and a text to preview.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_mail_draft(kind: MailKind, body: &[u8]) -> Result<(Option<String>, Option<String>), Problem> {
    let mut fields = Fields::parse(body)?;
    let subject = fields.if_given("subject", |fields, name| fields.subject(kind, name));
    let text = fields.if_given("text", |fields, name| fields.mail_text(kind, name));
    fields.refuse_others(&["subject", "text"]);
    fields.finish(Some((subject, text)))
}

#[cfg(test)]
mod tests;
