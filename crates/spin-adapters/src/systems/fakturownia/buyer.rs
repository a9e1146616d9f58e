//! The buyer as it is sent.
//!
//! With KSeF active the vendor fills a buyer's missing fields in from a client of the
//! account that has the same name (KSeF.md, "uzupełnianie po nazwie"): the address or tax
//! number of somebody else. So every field is sent, and what must stay empty is sent empty.

use domain::User;
use domain::jobs::Purchase;
use domain::model::address::Address;
use domain::model::buyer::{Company, Role, TaxId};
use domain::model::country::Country;
use domain::model::terms::Tax;
use serde::Serialize;
use std::borrow::Cow;

/// The longest name of a buyer, in characters (KSeF.md, "Ograniczenia długości pól").
const MAX_NAME: usize = 255;

/// What is sent for a first or last name that the user does not have: both are required
/// of a person and must not be blank (KSeF.md, "Nabywca - osoba fizyczna").
const NO_NAME: &str = "-";

/// The fields, as the vendor names them.
#[derive(Default, Serialize)]
pub(super) struct Buyer<'a> {
    pub(super) buyer_company: bool,
    pub(super) buyer_name: Cow<'a, str>,
    pub(super) buyer_first_name: &'a str,
    pub(super) buyer_last_name: &'a str,
    pub(super) buyer_tax_no: &'a str,
    /// See [`kind`].
    pub(super) buyer_tax_no_kind: &'static str,
    pub(super) buyer_street: &'a str,
    pub(super) buyer_post_code: &'a str,
    pub(super) buyer_city: &'a str,
    /// A code of ISO 3166; empty where it is not known.
    pub(super) buyer_country: &'a str,
    pub(super) buyer_email: &'a str,
    pub(super) buyer_phone: &'static str,
    pub(super) buyer_mobile_phone: &'static str,
    pub(super) buyer_note: &'static str,
    /// Whether it is for a unit of the local government that buys (README.md, "Pola faktury").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buyer_jst: Option<&'static str>,
    /// README.md, "Odbiorcy/Wystawcy na fakturze".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recipients: Option<[Recipient<'a>; 1]>,
}

/// A recipient, which is an organisation.
#[derive(Serialize)]
pub(super) struct Recipient<'a> {
    name: &'a str,
    tax_no: &'a str,
    tax_no_kind: &'static str,
    company: bool,
    street: &'a str,
    post_code: &'a str,
    city: &'a str,
    country: &'a str,
    role: &'static str,
}

impl<'a> Buyer<'a> {
    pub(super) fn of(purchase: &'a Purchase, tax: &Tax) -> Self {
        let domain::Buyer { company, address, recipient } = &purchase.buyer;
        // The country is required. Of a person without an address it is not known; what is sold under Polish tax is
        // sold in Poland.
        let unknown = company.is_none() && *address == Address::default() && matches!(tax, Tax::NotSubject(_));
        let [buyer_street, buyer_post_code, buyer_city, country] = lines(address);
        let recipient = recipient.as_ref();
        let buyer = Self {
            buyer_street,
            buyer_post_code,
            buyer_city,
            buyer_country: if unknown { "" } else { country },
            buyer_email: &purchase.customer.email,
            buyer_jst: recipient.filter(|recipient| recipient.role == Role::LocalGovernment).map(|_| "1"),
            recipients: recipient.map(|recipient| [Recipient::of(recipient)]),
            ..Self::default()
        };
        match company {
            None => {
                let (buyer_first_name, buyer_last_name) = names(&purchase.customer);
                let buyer_name = full_name(&purchase.customer).into();
                Self { buyer_name, buyer_first_name, buyer_last_name, buyer_tax_no_kind: kind(&TaxId::None), ..buyer }
            }
            Some(Company { name, tax_id, .. }) => Self {
                buyer_company: true,
                buyer_name: name.into(),
                buyer_tax_no: tax_id.number().unwrap_or_default(),
                buyer_tax_no_kind: kind(tax_id),
                ..buyer
            },
        }
    }

    pub(super) fn is_polish(&self) -> bool {
        self.buyer_country == "PL"
    }
}

impl<'a> Recipient<'a> {
    fn of(recipient: &'a domain::model::buyer::Recipient) -> Self {
        let domain::model::buyer::Recipient { name, tax_id, address, role } = recipient;
        let [street, post_code, city, country] = lines(address);
        Self {
            name,
            tax_no: tax_id.number().unwrap_or_default(),
            tax_no_kind: kind(tax_id),
            company: true,
            street,
            post_code,
            city,
            country,
            // KSeF.md, "Dostępne role odbiorcy".
            role: match role {
                Role::Recipient => "Odbiorca",
                Role::LocalGovernment => "JST – odbiorca",
            },
        }
    }
}

/// The vendor's word for the kind of a number (KSeF.md, "Dozwolone wartości").
fn kind(tax_id: &TaxId) -> &'static str {
    match tax_id {
        TaxId::Nip(_) => "",
        TaxId::NipWithId(_) => "nip_with_id",
        TaxId::EuVat(_) => "nip_ue",
        TaxId::Other(_) => "other",
        TaxId::None => "empty",
    }
}

/// Street, post code, city and country.
fn lines(address: &Address) -> [&str; 4] {
    let Address { street, post_code, city, country } = address;
    let [street, post_code, city] = [street, post_code, city].map(|part| part.as_deref().unwrap_or_default());
    [street, post_code, city, country.as_ref().map_or("PL", Country::as_str)]
}

fn full_name(user: &User) -> String {
    format!("{} {}", user.first_name, user.last_name).trim().chars().take(MAX_NAME).collect()
}

/// First and last name. Of a user with one of the two, its last word is the last name.
fn names(user: &User) -> (&str, &str) {
    match (user.first_name.trim(), user.last_name.trim()) {
        (one, "") => one.rsplit_once(char::is_whitespace).unwrap_or((one, NO_NAME)),
        ("", one) => one.rsplit_once(char::is_whitespace).unwrap_or((NO_NAME, one)),
        both => both,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_with_one_name_has_two_on_the_invoice() {
        for (first_name, last_name, sent) in [
            ("Ann", "Example", ("Ann", "Example")),
            ("Ann", "", ("Ann", "-")),
            ("", "Sokrates", ("-", "Sokrates")),
            ("Anna Maria Nowak", "", ("Anna Maria", "Nowak")),
            ("", "Jan Kowalski", ("Jan", "Kowalski")),
            ("Anna Maria", "Nowak Kowalska", ("Anna Maria", "Nowak Kowalska")),
        ] {
            let user = User::new(first_name, last_name, "a@example.com").unwrap();
            assert_eq!(names(&user), sent);
        }
    }
}
