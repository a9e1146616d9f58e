//! The buyer: a person with first and last name, or a company with a tax number.

use super::faults::Faults;
use super::value::{is_filled, is_yes, text};
use serde_json::Value;

/// The prefixes of tax numbers in the European Union without Poland.
const EU: [&str; 28] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
    "LV", "MT", "NL", "PT", "RO", "SE", "SI", "SK", "XI",
];

/// Checks the buyer for KSeF.
pub(super) fn check(document: &Value, faults: &mut Faults) {
    // A company is the default.
    let company = document.get("buyer_company").is_none_or(|value| value.is_null() || is_yes(Some(value)));
    let (kind, number) = (kind(document), text(document, "buyer_tax_no"));
    let needed: &[&str] = if company { &["buyer_name"] } else { &["buyer_first_name", "buyer_last_name"] };
    for field in needed.iter().filter(|field| !is_filled(document, field)) {
        faults.empty(field);
    }
    if company && kind != "empty" && number.is_empty() {
        faults.empty("buyer_tax_no");
    }
    match is_valid(&kind, &number) {
        None => faults.wrong("buyer_tax_no_kind"),
        Some(false) if !number.is_empty() => faults.wrong("buyer_tax_no"),
        Some(_) => {}
    }
    let email = text(document, "buyer_email");
    if !email.is_empty() && !is_email(&email) {
        faults.wrong("buyer_email");
    }
}

/// The kind of the tax number: the one that was sent, or the one for the number's country
/// prefix.
pub(super) fn kind(document: &Value) -> String {
    let sent = text(document, "buyer_tax_no_kind");
    match country(&text(document, "buyer_tax_no")) {
        Some(country) if sent.is_empty() && EU.contains(&country) => "nip_ue".to_owned(),
        Some(country) if sent.is_empty() && country != "PL" => "other".to_owned(),
        _ => sent,
    }
}

/// The country prefix of a number: two letters.
fn country(number: &str) -> Option<&str> {
    number.get(..2).filter(|country| country.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// Whether a number is valid for its kind; none: unknown kind. Every number may have a
/// country prefix.
pub(super) fn is_valid(kind: &str, number: &str) -> Option<bool> {
    let matches: fn(&str) -> bool = match kind {
        "" => is_nip,
        "nip_ue" => |number| {
            let fits = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || b"+*".contains(&byte);
            (1..=12).contains(&number.len()) && number.bytes().all(fits)
        },
        "other" => |number| (1..=50).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "empty" => str::is_empty,
        "nip_with_id" => |number| {
            let five = |id: &str| id.len() == 5 && id.bytes().all(|byte| byte.is_ascii_digit());
            number.split_once('-').is_some_and(|(nip, id)| is_nip(nip) && five(id))
        },
        _ => return None,
    };
    let plain = country(number).and_then(|country| number.strip_prefix(country));
    Some(matches(number) || kind != "empty" && plain.is_some_and(matches))
}

/// `[1-9]((\d[1-9])|([1-9]\d))\d{7}`
fn is_nip(text: &str) -> bool {
    let digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && !text.starts_with('0') && text.get(1..3) != Some("00")
}

/// KSeF requires characters on both sides of the `@`.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tax_number_must_match_its_kind() {
        let long = "a".repeat(51);
        for (kind, right, wrong) in [
            (
                "",
                &["5252445767", "PL5252445767", "1010000000"][..],
                &["0000000000", "1001234567", "123", "525-244-57-67"][..],
            ),
            ("nip_ue", &["DE123456789", "ATU12345678", "1ABC2", "1+*"], &["", "a", "1234567890123", "1-2"]),
            ("other", &["ABC123", "1234567890abcdef", "CHE123456789"], &["", "A-1", "ż", &long]),
            ("empty", &[""], &["5252445767"]),
            ("nip_with_id", &["5252445767-12345", "PL5252445767-00001"], &["5252445767", "5252445767-1234"]),
        ] {
            assert!(right.iter().all(|number| is_valid(kind, number) == Some(true)), "{kind} {right:?}");
            assert!(wrong.iter().all(|number| is_valid(kind, number) == Some(false)), "{kind} {wrong:?}");
        }
        assert_eq!(is_valid("PESEL", "1"), None);
    }

    #[test]
    fn a_country_prefix_determines_the_kind() {
        for (number, sent, kind) in [
            ("DE123456789", json!(null), "nip_ue"),
            ("CHE123456789", json!(""), "other"),
            ("PL5252445767", json!(null), ""),
            ("5252445767", json!(null), ""),
            ("DE123456789", json!("other"), "other"),
        ] {
            let document = json!({"buyer_tax_no": number, "buyer_tax_no_kind": sent});
            assert_eq!(super::kind(&document), kind, "{document}");
        }
    }
}
