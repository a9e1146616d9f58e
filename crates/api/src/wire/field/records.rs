//! The schemas of the records of users and courses.

use super::texts::{BLANKS, CONTROL, INK, trimmed_text};
use super::{KnownFormat, Named, Object, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type, hundredths};
use domain::model::address::AddressPart;
use domain::model::terms::{Currency, Exemption};
use domain::{Course, User};
use serde_json::{Value, json};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::SchemaType;

/// The record of a user. At least one of the names is not blank.
pub(crate) fn user_rules(schema: Named) -> Named {
    let names = json!({"first_name": blank(), "last_name": blank()});
    never(schema, json!({"required": ["first_name", "last_name"], "properties": names}))
}

/// The record of a course. The tax `zw` needs an exemption, and an exemption needs a tax.
pub(crate) fn tax_rules(schema: Named) -> Named {
    let exempt = json!({"type": "string", "pattern": format!("^{BLANKS}zw{BLANKS}$")});
    let given = json!({"type": "string", "pattern": INK});
    let no_exemption = json!({"required": ["tax"], "properties": {"tax": exempt, "tax_exemption": blank()}});
    let no_tax = json!({"required": ["tax_exemption"], "properties": {"tax_exemption": given, "tax": blank()}});
    never(schema, json!({"anyOf": [no_exemption, no_tax]}))
}

/// A blank text or null.
fn blank() -> Value {
    json!({"type": ["string", "null"], "pattern": format!("^{BLANKS}$")})
}

/// The same schema without the objects that `not` describes. Clients are generated without it.
fn never((name, mut schema): Named, not: Value) -> Named {
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.extensions = Some(Extensions::from_iter([("not", not)]));
    }
    (name, schema)
}

/// A text of at most `max_chars` characters after it is trimmed; it can be blank.
fn blank_or_trimmed(max_chars: usize) -> ObjectBuilder {
    let pattern = format!("^{BLANKS}({INK}([^{CONTROL}]{{0,{}}}{INK})?)?{BLANKS}$", max_chars - 2);
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern))
}

/// The same for a field that can be null.
fn or_null(text: ObjectBuilder) -> Object {
    text.schema_type(SchemaType::from_iter([Type::String, Type::Null])).build()
}

/// A word, or nothing.
fn optional_word(words: &str) -> ObjectBuilder {
    ObjectBuilder::new().pattern(Some(format!("^{BLANKS}({words})?{BLANKS}$")))
}

pub(crate) fn email() -> Object {
    let plain = INK.replace("[^", r#"[^"(),:;<>@\[\\\]"#);
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(User::MAX_EMAIL))
        .pattern(Some(format!("^{BLANKS}{plain}+@{plain}+{BLANKS}$")))
        .description(Some("One plain address, such as `ann@example.com`."))
        .build()
}

pub(crate) fn person_name() -> Object {
    blank_or_trimmed(User::MAX_NAME).build()
}

pub(crate) fn optional_street() -> Object {
    or_null(blank_or_trimmed(AddressPart::Street.max_chars()))
}

pub(crate) fn optional_post_code() -> Object {
    or_null(blank_or_trimmed(AddressPart::PostCode.max_chars()))
}

pub(crate) fn optional_city() -> Object {
    or_null(blank_or_trimmed(AddressPart::City.max_chars()))
}

pub(crate) fn country() -> Object {
    or_null(optional_word("[A-Z]{2}").description(Some("Two capital letters, as in ISO 3166-1.")))
}

pub(crate) fn course_name() -> Object {
    trimmed_text(Course::MAX_NAME).build()
}

pub(crate) fn price() -> Schema {
    let description = "With tax, from 0 to 10,000,000 with at most two decimals: a number, or a decimal as text.";
    let decimal = r"(10000000(\.0{1,2})?|[0-9]{1,7}(\.[0-9]{1,2})?)";
    let decimal = ObjectBuilder::new().schema_type(Type::String).pattern(Some(format!("^{BLANKS}{decimal}{BLANKS}$")));
    OneOfBuilder::new().item(decimal).item(hundredths(10_000_000.0)).description(Some(description)).into()
}

pub(crate) fn currency() -> Object {
    let codes: Vec<_> = Currency::codes().collect();
    or_null(optional_word(&codes.join("|")).description(Some("The code of ISO 4217; by default that of the service.")))
}

pub(crate) fn tax() -> Schema {
    let description = "A rate in percent from 0 to 99.99, or `zw`, which needs `tax_exemption`; by default the tax of the \
                       service at the time of the payment.";
    tax_word("zw", description)
}

pub(crate) fn tax_of_sale() -> Schema {
    let description = "The tax of this sale: a rate in percent from 0 to 99.99; `zw`, which needs `tax_exemption`; or \
                       `np`, not subject to Polish tax: with a reverse charge in the European Union as \
                       `export_service_eu`, else as `export_service`. By default that of the course.";
    tax_word("zw|np", description)
}

fn tax_word(words: &str, description: &str) -> Schema {
    let word = or_null(optional_word(&format!(r"(0|[1-9][0-9]?)(\.[0-9]{{1,2}})?|{words}")));
    OneOfBuilder::new().item(word).item(hundredths(99.99)).description(Some(description)).into()
}

pub(crate) fn tax_exemption() -> Object {
    or_null(blank_or_trimmed(Exemption::MAX_CHARS).description(Some("The legal basis of the exemption.")))
}

pub(crate) fn gtu_code() -> Object {
    or_null(optional_word("GTU_(0[1-9]|1[0-3])").description(Some("The GTU code on the invoice.")))
}

pub(crate) fn end_date() -> Object {
    time(
        "When the course ends: RFC 3339, or in UTC without an offset. From then on it takes no enrolments, and active \
         ones are completed. Without it, they never are.",
    )
}

pub(crate) fn pay_until() -> Object {
    let description = "A time in the next 365 days: RFC 3339.";
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .pattern(Some(format!("^{YEARS}-")))
        .description(Some(description))
        .build()
}

pub(crate) fn other_course() -> Object {
    let number = ObjectBuilder::from(Object::with_type(Type::Integer)).minimum(Some(1)).maximum(Some(i32::MAX));
    number.description(Some("The other course.")).build()
}

pub(crate) fn opens_at() -> Object {
    time("When enrolling begins. Without it, it has begun.")
}

pub(crate) fn closes_at() -> Object {
    time("When enrolling ends. Without it, it ends with the course.")
}

/// [`Course::YEARS`].
const YEARS: &str = "(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])";

/// A time in [`Course::YEARS`].
fn time(description: &str) -> Object {
    let text = ObjectBuilder::new().pattern(Some(format!("^{YEARS}-"))).description(Some(description));
    or_null(text.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))))
}
