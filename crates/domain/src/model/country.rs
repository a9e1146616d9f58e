//! Countries.

use super::text::text;
use serde::{Deserialize, Serialize};

text! {
    /// A country: two capital letters, as in ISO 3166-1.
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    Country
}

/// The codes of ISO 3166-1, which the vendor wants (README.md of fakturownia/API, "Pola faktury", `buyer_country`).
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV \
    BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM \
    FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM \
    JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR \
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS \
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ \
    UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Those of the European Union without Poland.
const EU: &str = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PT RO SE SI SK";

impl Country {
    /// Reads two capital letters, with or without whitespace around them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim();
        (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())).then(|| Self(code.to_owned()))
    }

    /// The codes of ISO 3166-1.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        CODES.split_whitespace()
    }

    /// Whether ISO 3166-1 has its code.
    #[must_use]
    pub fn exists(&self) -> bool {
        Self::codes().any(|code| code == self.0)
    }

    /// Whether it is Poland.
    #[must_use]
    pub fn is_poland(&self) -> bool {
        self.0 == "PL"
    }

    /// Whether it is another country of the European Union.
    #[must_use]
    pub fn is_in_eu(&self) -> bool {
        EU.split_whitespace().any(|code| code == self.0)
    }

    /// The letters before its VAT numbers in the European Union: `EL` for Greece.
    #[must_use]
    pub fn vat_prefix(&self) -> &str {
        if self.0 == "GR" { "EL" } else { &self.0 }
    }

    /// Whether a number begins with the letters of a VAT number in the European Union, with those of Poland and of
    /// Northern Ireland.
    #[must_use]
    pub fn begins_vat_number(number: &str) -> bool {
        let prefix = number.get(..2);
        prefix.is_some_and(|prefix| {
            ["PL", "EL", "XI"].contains(&prefix) || EU.split_whitespace().any(|code| code == prefix)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_capital_letters() {
        assert_eq!(Country::parse(" PL ").as_ref().map(Country::as_str), Some("PL"));
        for text in ["", "P", "pl", "POL", "Ż", "P1"] {
            assert_eq!(Country::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_country_exists_if_it_has_a_code() {
        let codes: Vec<_> = Country::codes().collect();
        assert!(codes.len() == 249 && codes.is_sorted(), "{}", codes.len());
        assert!(codes.iter().all(|code| Country::parse(code).is_some_and(|country| country.exists())));
        assert!(!Country::parse("ZZ").unwrap().exists());
    }

    #[test]
    fn the_european_union_has_26_other_countries() {
        let members = Country::codes().filter(|code| Country::parse(code).unwrap().is_in_eu());
        assert_eq!(members.count(), 26);
        let prefix = |code: &str| Country::parse(code).unwrap().vat_prefix().to_owned();
        assert_eq!((prefix("GR"), prefix("DE")), ("EL".to_owned(), "DE".to_owned()));
        for (number, begins) in
            [("EL1", true), ("DE1", true), ("PL1", true), ("CHE1", false), ("1", false), ("", false)]
        {
            assert_eq!(Country::begins_vat_number(number), begins, "{number}");
        }
    }
}
