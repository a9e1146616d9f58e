//! What is agreed with a payment that is recorded now, as the variables `invoices_*` have
//! it.

use crate::config::{filled, text, unreadable};
use domain::Unavailable;
use domain::terms::{Account, Currency, Exemption, KsefPolicy, MissingGround, NotSubject, TaxWord, Terms};

/// Reads the variables. `account` is the one that is set.
///
/// # Errors
///
/// When one is missing or unreadable, or a ground is missing that the tax needs.
pub(super) fn from_variables(account: Account) -> Result<Terms, Unavailable> {
    let (exemption, np_tax_kind) = ("invoices_tax_exemption", "invoices_np_tax_kind");
    let tax = read("invoices_tax", TaxWord::parse)?;
    let tax = tax.with(if_filled(exemption, Exemption::parse)?, if_filled(np_tax_kind, NotSubject::parse)?);
    let tax = tax.map_err(|missing| match missing {
        MissingGround::Exemption => unreadable(exemption),
        MissingGround::NotSubject => unreadable(np_tax_kind),
    })?;
    Ok(Terms {
        account,
        prefix: filled("invoices_oid_prefix")?.trim().to_owned(),
        department_id: if_filled("invoices_department_id", department)?,
        tax,
        currency: read("invoices_currency", Currency::parse)?,
        payment_type: filled("invoices_payment_type")?.trim().to_owned(),
        ksef: read("invoices_ksef", KsefPolicy::parse)?,
    })
}

/// A department's id is a number.
fn department(text: &str) -> Option<String> {
    let id = text.trim();
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then(|| id.to_owned())
}

fn read<T>(name: &str, parse: fn(&str) -> Option<T>) -> Result<T, Unavailable> {
    parse(&text(name)?).ok_or_else(|| unreadable(name))
}

fn if_filled<T>(name: &str, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Unavailable> {
    let value = text(name)?;
    if value.trim().is_empty() { Ok(None) } else { parse(&value).map(Some).ok_or_else(|| unreadable(name)) }
}

#[cfg(test)]
mod tests {
    use super::department;

    #[test]
    fn a_department_is_a_number() {
        assert_eq!(department(" 12\n").as_deref(), Some("12"));
        for wrong in ["", " ", "main", "-1", "1.5", "1 2"] {
            assert_eq!(department(wrong), None, "{wrong:?}");
        }
    }
}
