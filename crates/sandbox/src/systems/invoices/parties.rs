//! Countries of buyers, and recipients.

use super::buyer::is_valid;
use super::faults::Faults;
use super::fill::set;
use super::value::{is_filled, text};
use serde_json::{Value, json};

/// The countries of ISO 3166-1.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The roles of a recipient; the first is the default.
const ROLES: [&str; 7] = [
    "Odbiorca",
    "Dodatkowy nabywca",
    "Dokonujący płatności",
    "JST – odbiorca",
    "Członek GV – odbiorca",
    "Pracownik",
    "Rola inna",
];

/// Fills in the role and the id of each recipient.
pub(super) fn fill(document: &mut Value) {
    let recipients = document.get_mut("recipients").and_then(Value::as_array_mut);
    for (id, recipient) in (1..).zip(recipients.into_iter().flatten()) {
        set(recipient, "id", json!(id));
        if !is_filled(recipient, "role") {
            set(recipient, "role", json!(ROLES.first()));
        }
    }
}

/// Checks the country of the buyer, and the recipients.
pub(super) fn check(document: &Value, faults: &mut Faults) {
    if !is_country(&text(document, "buyer_country")) {
        faults.wrong("buyer_country");
    }
    for recipient in document.get("recipients").and_then(Value::as_array).into_iter().flatten() {
        let (role, number) = (text(recipient, "role"), text(recipient, "tax_no"));
        if !ROLES.contains(&role.as_str()) {
            faults.wrong("recipients.role");
        }
        if text(recipient, "role_description").chars().count() > 25 {
            faults.too_long("recipients.role_description", 25);
        }
        match is_valid(&text(recipient, "tax_no_kind"), &number) {
            None => faults.wrong("recipients.tax_no_kind"),
            Some(false) if !number.is_empty() => faults.wrong("recipients.tax_no"),
            Some(_) => {}
        }
        if !is_country(&text(recipient, "country")) {
            faults.wrong("recipients.country");
        }
    }
}

/// A country may be missing.
fn is_country(text: &str) -> bool {
    text.is_empty() || COUNTRIES.split_whitespace().any(|country| country == text)
}
