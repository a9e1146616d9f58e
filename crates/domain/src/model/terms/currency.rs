//! The currency of an invoice.

use crate::Money;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A currency by its code in ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency {
    code: &'static str,
    decimals: u8,
}

/// The codes of ISO 4217 (2026) by the number of decimals, without metals, funds and units of
/// account. No code may be removed, because jobs in the database have it.
const CODES: [(u8, &str); 3] = [
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC \
         CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR \
         JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD \
         NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
         SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
    ),
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
];

impl Currency {
    /// Reads a code of three capital letters, with or without whitespace around it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: &[u8; 3] = text.trim().as_bytes().try_into().ok()?;
        // Each code with the blank after it.
        let place = |codes: &str| codes.as_bytes().chunks(4).position(|code| code.first_chunk() == Some(text));
        let find = |codes: &'static str| place(codes).and_then(|place| codes.get(place * 4..place * 4 + 3));
        CODES.into_iter().find_map(|(decimals, codes)| find(codes).map(|code| Self { code, decimals }))
    }

    /// The codes of all currencies.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        CODES.into_iter().flat_map(|(_, codes)| codes.split(' '))
    }

    /// The code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// Whether this is the złoty.
    #[must_use]
    pub fn is_zloty(self) -> bool {
        self.code == "PLN"
    }

    /// Whether amounts of this currency are written with decimals.
    #[must_use]
    pub fn has_decimals(self) -> bool {
        self.decimals > 0
    }

    /// Whether the amount can be written in this currency: one without decimals needs a whole
    /// amount.
    #[must_use]
    pub fn has_decimals_of(self, amount: Money) -> bool {
        self.has_decimals() || amount.hundredths() % 100 == 0
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = String::deserialize(from)?;
        Self::parse(&code).ok_or_else(|| serde::de::Error::custom("not a currency"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::money;
    use std::collections::BTreeSet;

    #[test]
    fn a_currency_is_a_code_in_capitals() {
        for code in ["PLN", "EUR", "JPY", " USD\n", "KWD"] {
            assert_eq!(Currency::parse(code).unwrap().to_string(), code.trim());
        }
        for wrong in ["", "eur", "Eur", "EURO", "€", "XXX", "XAU", "DEM", "PLN EUR", "AED AFN"] {
            assert_eq!(Currency::parse(wrong), None, "{wrong:?}");
        }
        assert!(Currency::parse("PLN").unwrap().is_zloty() && !Currency::parse("EUR").unwrap().is_zloty());
    }

    #[test]
    fn every_code_is_listed_once() {
        let codes: Vec<_> = CODES.iter().flat_map(|(_, codes)| codes.split(' ')).collect();
        assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())));
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    }

    #[test]
    fn an_amount_fits_the_decimals_of_its_currency() {
        for (code, amount, fits) in [
            ("PLN", "149.50", true),
            ("JPY", "149.50", false),
            ("JPY", "149.01", false),
            ("JPY", "149.00", true),
            ("KWD", "149.55", true),
        ] {
            assert_eq!(Currency::parse(code).unwrap().has_decimals_of(money(amount)), fits, "{amount} {code}");
        }
    }
}
