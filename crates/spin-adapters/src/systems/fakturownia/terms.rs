//! What is agreed with a payment that is recorded now, as the variables `invoices_*` have
//! it.

use crate::config::table;
use domain::Unavailable;
use domain::model::terms::{Account, Terms};

/// Reads the variables. `account` is the one that is set.
///
/// # Errors
///
/// When one is missing or unreadable, or a ground is missing that the tax needs.
pub(super) fn from_variables(account: Account) -> Result<Terms, Unavailable> {
    Ok(Terms {
        account,
        prefix: table::INVOICES_OID_PREFIX.read()?,
        department_id: table::INVOICES_DEPARTMENT_ID.read()?,
        tax: crate::config::tax()?,
        currency: table::INVOICES_CURRENCY.read()?,
        gtu_code: None,
        payment_type: table::INVOICES_PAYMENT_TYPE.read()?,
        ksef: table::INVOICES_KSEF.read()?,
    })
}
