//! Taxes and currencies.

use super::faults::Faults;
use super::rules::positions;
use super::value::{is_filled, is_yes, text};
use serde_json::Value;

/// The rates of the schema FA(3).
const RATES: [&str; 8] = ["0", "3", "4", "5", "7", "8", "22", "23"];

/// The vendor's values for "not taxed", in lower case.
const NOT_TAXED: [&str; 5] = ["np", "n/a", "nie podlega", "not applicable", "na"];

/// The currencies of the schema FA(3) (ISO 4217).
const CURRENCIES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN \
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD \
    HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD \
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON \
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX \
    USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL";

/// Checks taxes and currency for KSeF.
pub(super) fn check(document: &Value, faults: &mut Faults) {
    let taxes: Vec<_> = positions(document).iter().flat_map(taxes).collect();
    let is_untaxed = |tax: &String| NOT_TAXED.contains(&tax.to_lowercase().as_str());
    if taxes.iter().any(|tax| tax == "zw") && !is_filled(document, "exempt_tax_kind") {
        faults.empty("exempt_tax_kind");
    }
    if taxes.iter().any(is_untaxed) {
        match text(document, "np_tax_kind").as_str() {
            "" => faults.empty("np_tax_kind"),
            "export_service" | "export_service_eu" => {}
            _ => faults.wrong("np_tax_kind"),
        }
    }
    let is_known = |tax: &String| {
        RATES.contains(&tax.as_str()) || ["zw", "oo", "disabled"].contains(&tax.as_str()) || is_untaxed(tax)
    };
    // Consumers in other countries pay the rates of their country.
    if !is_yes(document.get("use_oss")) && !taxes.iter().all(is_known) {
        faults.wrong("positions.tax");
    }
    let currency = text(document, "currency");
    if !CURRENCIES.split_whitespace().any(|known| known == currency) {
        faults.wrong("currency");
    }
    let exchange = text(document, "exchange_kind");
    if !["", "ecb", "nbp", "cbr", "nbu", "nbg", "own"].contains(&exchange.as_str()) {
        faults.wrong("exchange_kind");
    }
}

/// The taxes of a position; of a correction also those before and after.
fn taxes(position: &Value) -> impl Iterator<Item = String> {
    let parts = ["correction_before_attributes", "correction_after_attributes"].map(|part| position.get(part));
    [Some(position), parts[0], parts[1]].into_iter().flatten().map(|part| text(part, "tax"))
}
