//! The record of a user.

use super::{Fault, Faults, Field, Reader, Record};
use crate::wire::words::fault;
use domain::model::address::{Address, AddressPart};
use domain::model::country::Country;
use domain::model::user::NameField;
use domain::{System, User};

/// The fields that a request can have.
pub(crate) const KEYS: [&str; 8] =
    ["first_name", "last_name", "email", "language", "street", "post_code", "city", "country"];

/// The user that a record describes, and the faults of the record. There is a user if names and
/// e-mail address can be used. A language or a part of the address that cannot be used is left
/// out.
#[must_use]
pub fn read_user(record: &Record<'_>) -> (Option<User>, Faults) {
    let mut reader = Reader::new(record, System::Users);
    let first_name = reader.read("first_name", |field, name| checked(field, name, NameField::First));
    let last_name = reader.read("last_name", |field, name| checked(field, name, NameField::Last));
    let email = reader.read("email", |field, name| {
        let text = field.text(name)?;
        User::check_email(text).map_err(|invalid| Fault::new(fault::STRING_VALUE, invalid))
    });
    let user = match (first_name, last_name, email) {
        (Ok(first_name), Ok(last_name), Ok(email)) => reader
            .read("first_name", |_, _| {
                User::new(&first_name, &last_name, &email).map_err(|invalid| Fault::new(fault::STRING_VALUE, invalid))
            })
            .ok(),
        _ => None,
    };
    let language = reader.read("language", |field, name| field.language(name)).unwrap_or_default();
    let mut part = |part: AddressPart| {
        let read = |field: &Field<'_>, name: &str| {
            let Some(text) = field.optional_text(name)? else { return Ok(None) };
            part.check_optional(text).map_err(|invalid| Fault::new(fault::STRING_VALUE, format!("{name} {invalid}")))
        };
        reader.read(part.as_str(), read).unwrap_or_default()
    };
    let (street, post_code, city) = (part(AddressPart::Street), part(AddressPart::PostCode), part(AddressPart::City));
    let country = reader.read("country", |field, name| field.word(name, "code of two capital letters", Country::parse));
    let address = Address { street, post_code, city, country: country.unwrap_or_default() };
    (user.map(|user| User { language, address, ..user }), reader.faults)
}

fn checked(field: &Field<'_>, name: &str, which: NameField) -> Result<String, Fault> {
    User::check_name(which, field.text(name)?).map_err(|invalid| Fault::new(fault::STRING_VALUE, invalid))
}
