//! The schemas of buyers.

use super::texts::{BLANKS, trimmed_text};
use super::{Named, Object, ObjectBuilder, RefOr, Schema, Type};
use domain::Buyer;
use domain::model::address::AddressPart;
use domain::model::buyer::TaxId;
use domain::model::country::Country;
use utoipa::openapi::schema::AnyOf;

/// The same forms as `anyOf`: only the patterns of their fields exclude each other, and tools that
/// check `oneOf` compare no patterns.
pub(crate) fn any_form((name, schema): Named) -> Named {
    let RefOr::T(Schema::OneOf(forms)) = schema else { return (name, schema) };
    let forms = AnyOf { items: forms.items, description: forms.description, ..AnyOf::new() };
    (name, RefOr::T(Schema::AnyOf(forms)))
}

pub(crate) fn company_name() -> Object {
    trimmed_text(Buyer::MAX_NAME).build()
}

const NIP: &str = "[1-9][- ]*([0-9][- ]*[1-9]|[1-9][- ]*[0-9])([- ]*[0-9]){7}";

pub(crate) fn tax_no() -> Object {
    let description = "The Polish tax number (NIP), such as `525-244-57-67`: ten digits with a valid check digit, as KSeF \
                       accepts it. The prefix `PL` and dashes are optional.";
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(TaxId::MAX_NIP))
        .pattern(Some(format!("^{BLANKS}[- ]*([Pp][- ]*[Ll][- ]*)?{NIP}[- ]*{BLANKS}$")))
        .description(Some(description))
        .build()
}

pub(crate) fn street() -> Object {
    trimmed_text(AddressPart::Street.max_chars()).build()
}

pub(crate) fn post_code() -> Object {
    trimmed_text(AddressPart::PostCode.max_chars()).build()
}

pub(crate) fn city() -> Object {
    trimmed_text(AddressPart::City.max_chars()).build()
}

/// Longer or with other characters than in the European Union.
const FOREIGN: &str = "([0-9A-Za-z+*][-. ]*){1,52}";

pub(crate) fn foreign_tax_no() -> Object {
    let description = "In the European Union the VAT number, such as `DE123456789`: the letters of the country, which are \
                       added if they are missing, and 1 to 12 digits, letters, `+` and `*`. Elsewhere 1 to 50 digits and \
                       letters. Dashes, full stops and spaces are removed.";
    number(FOREIGN).description(Some(description)).build()
}

pub(crate) fn recipient_tax_no() -> Object {
    let description = "In Poland a NIP, or a NIP with a dash and five digits for a unit without a NIP of its own; elsewhere \
                       as of a company. Without it, the recipient has no tax number.";
    number(FOREIGN).description(Some(description)).build()
}

fn number(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(format!("^{BLANKS}[-. ]*{pattern}{BLANKS}$")))
}

pub(crate) fn poland() -> Object {
    country("PL").description(Some("`PL`, which is the default.")).build()
}

pub(crate) fn other_country() -> Object {
    let codes: Vec<_> = Country::codes().filter(|code| *code != "PL").collect();
    country(&codes.join("|")).description(Some("A code of ISO 3166-1 other than `PL`.")).build()
}

pub(crate) fn any_country() -> Object {
    let codes: Vec<_> = Country::codes().collect();
    country(&codes.join("|")).description(Some("A code of ISO 3166-1; by default `PL`.")).build()
}

fn country(codes: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(format!("^{BLANKS}({codes}){BLANKS}$")))
}
