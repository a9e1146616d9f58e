//! The buyer as it is sent.
//!
//! With KSeF active the vendor fills a buyer's missing fields in from a client of the
//! account that has the same name (KSeF.md, "uzupełnianie po nazwie"): the address or tax
//! number of somebody else. So every field is sent, and what must stay empty is sent empty.

use domain::jobs::Purchase;
use domain::model::terms::Tax;
use domain::{Company, User};
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
    buyer_company: bool,
    buyer_name: Cow<'a, str>,
    buyer_first_name: &'a str,
    buyer_last_name: &'a str,
    buyer_tax_no: &'a str,
    /// Empty: the number is a Polish NIP. `empty`: there is none.
    buyer_tax_no_kind: &'static str,
    buyer_street: &'a str,
    buyer_post_code: &'a str,
    buyer_city: &'a str,
    buyer_country: &'static str,
    buyer_email: &'a str,
    buyer_phone: &'static str,
    buyer_mobile_phone: &'static str,
    buyer_note: &'static str,
}

impl<'a> Buyer<'a> {
    pub(super) fn of(purchase: &'a Purchase, tax: &Tax) -> Self {
        let buyer = Self { buyer_name: name(purchase), buyer_email: &purchase.buyer.email, ..Self::default() };
        match &purchase.company {
            None => {
                let (buyer_first_name, buyer_last_name) = names(&purchase.buyer);
                // The country is required. It is not known; what is sold under Polish tax is
                // sold in Poland.
                let buyer_country = if matches!(tax, Tax::NotSubject(_)) { "" } else { "PL" };
                Self { buyer_first_name, buyer_last_name, buyer_tax_no_kind: "empty", buyer_country, ..buyer }
            }
            Some(Company { tax_no, street, post_code, city, .. }) => Self {
                buyer_company: true,
                buyer_tax_no: tax_no,
                buyer_street: street,
                buyer_post_code: post_code,
                buyer_city: city,
                buyer_country: "PL",
                ..buyer
            },
        }
    }

    pub(super) fn is_polish(&self) -> bool {
        self.buyer_country == "PL"
    }
}

/// The name of the company, or of the person: what the invoice is found again by.
pub(super) fn name(purchase: &Purchase) -> Cow<'_, str> {
    let Some(company) = &purchase.company else {
        let User { first_name, last_name, .. } = &purchase.buyer;
        let name = format!("{first_name} {last_name}");
        return Cow::Owned(name.trim().chars().take(MAX_NAME).collect());
    };
    Cow::Borrowed(&company.name)
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
