//! The content of a request, as texts and as their hash.

use crate::model::address::Address;
use crate::model::buyer::{Company, Recipient};
use crate::{Buyer, Course, Money, Unusable, User};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

/// What a record of a user says, each text with its name. The texts must stay the same in every
/// release, so that of an optional field is there only if the field is.
pub(super) fn of_user(user: &User) -> Vec<String> {
    let User { first_name, last_name, email, language, address } = user;
    let mut texts = named([
        ("first_name", Some(first_name.clone())),
        ("last_name", Some(last_name.clone())),
        ("email", Some(email.clone())),
        ("user_language", language.map(|language| language.code().to_owned())),
    ]);
    texts.extend(of_address(address));
    texts
}

fn of_address(address: &Address) -> Vec<String> {
    let Address { street, post_code, city, country } = address;
    named([
        ("street", street.clone()),
        ("post_code", post_code.clone()),
        ("city", city.clone()),
        ("country", country.as_ref().map(|country| country.as_str().to_owned())),
    ])
}

/// The same of a buyer. The texts of a company in Poland have no names, as in earlier releases.
pub(super) fn of_buyer(buyer: &Buyer) -> Vec<String> {
    if let Some(texts) = buyer.polish_company() {
        return texts.map(str::to_owned).to_vec();
    }
    let Buyer { company, address, recipient } = buyer;
    let mut texts = Vec::new();
    if let Some(Company { name, tax_id, reverse_charge }) = company {
        texts.extend(named([
            ("name", Some(name.clone())),
            ("tax_no", tax_id.number().map(str::to_owned)),
            ("reverse_charge", reverse_charge.then(|| "true".to_owned())),
        ]));
    }
    texts.extend(of_address(address));
    if let Some(Recipient { name, tax_id, address, role }) = recipient {
        texts.extend(named([
            ("recipient", Some(name.clone())),
            ("tax_no", tax_id.number().map(str::to_owned)),
            ("role", Some(role.as_str().to_owned())),
        ]));
        texts.extend(of_address(address));
    }
    texts
}

/// The same of a course.
pub(super) fn of_course(course: &Course) -> Vec<String> {
    let Course { name, price, currency, tax, gtu_code, ends_at, seats, opens_at, closes_at, language } = course;
    let tax = tax.as_ref().ok().and_then(Option::as_ref);
    let time = |time: &Result<Option<DateTime<Utc>>, Unusable>| {
        Some(time.as_ref().ok()?.as_ref()?.timestamp_millis().to_string())
    };
    named([
        ("name", name.clone().ok()),
        ("price", price.as_ref().ok().map(Money::to_string)),
        ("currency", currency.as_ref().ok().and_then(|currency| Some(currency.as_ref()?.code().to_owned()))),
        ("tax", tax.map(|tax| tax.word().to_owned())),
        ("tax_exemption", tax.and_then(|tax| tax.exemption().map(str::to_owned))),
        ("gtu_code", gtu_code.as_ref().ok().and_then(|code| Some(code.as_ref()?.as_str().to_owned()))),
        ("end_date", time(ends_at)),
        ("max_participants", seats.as_ref().ok().and_then(|seats| Some(seats.as_ref()?.to_string()))),
        ("opens_at", time(opens_at)),
        ("closes_at", time(closes_at)),
        ("language", language.map(|language| language.code().to_owned())),
    ])
}

fn named<const N: usize>(texts: [(&str, Option<String>); N]) -> Vec<String> {
    texts.into_iter().filter_map(|(name, text)| Some(format!("{name}={}", text?))).collect()
}

/// The SHA-256 of texts; empty without texts. It must stay the same in every release.
pub(super) fn digest(texts: &[String]) -> String {
    if texts.is_empty() {
        return String::new();
    }
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text);
        // UTF-8 never has this byte.
        hash.update([0xff]);
    }
    format!(" #{:x}", hash.finalize())
}
