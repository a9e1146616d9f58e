//! A company in a body: its type and its parser.

use super::fields::Fields;
use crate::wire::Detail;
use crate::wire::words::fault;
use domain::Buyer;
use domain::model::address::{Address, AddressPart};
use domain::model::buyer::{Company as Named, TaxId};
use std::fmt;
#[cfg(feature = "openapi")]
use {crate::wire::schemas, serde::Serialize, utoipa::ToSchema};

/// A Polish company, as the buyer on the invoice.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Company<'a> {
    #[schema(schema_with = schemas::company_name)]
    pub(super) name: &'a str,
    #[schema(schema_with = schemas::tax_no)]
    pub(super) tax_no: &'a str,
    #[schema(schema_with = schemas::street)]
    pub(super) street: &'a str,
    #[schema(schema_with = schemas::post_code)]
    pub(super) post_code: &'a str,
    #[schema(schema_with = schemas::city)]
    pub(super) city: &'a str,
}

impl Fields<'_> {
    /// Parses the company in the field `name`.
    pub(super) fn company(&mut self, name: &'static str) -> Option<Buyer> {
        let text = self.text_of(name);
        let record = self.record(name, &text, &["name", "tax_no", "street", "post_code", "city"])?;
        let mut faults = Vec::new();
        let company = read(&mut faults, name, &record, "name", Buyer::check_name);
        let tax_id = read(&mut faults, name, &record, "tax_no", |text| TaxId::new(None, text));
        let mut part = |part: AddressPart| read(&mut faults, name, &record, part.as_str(), |text| part.check(text));
        let (street, post_code, city) =
            (part(AddressPart::Street), part(AddressPart::PostCode), part(AddressPart::City));
        let address = Address { street, post_code, city, country: None };
        let company = company.zip(tax_id).map(|(name, tax_id)| Named { name, tax_id, reverse_charge: false });
        let none = faults.is_empty();
        self.faults.extend(faults);
        none.then_some(Buyer { company, address, recipient: None })
    }
}

fn read<T, E: fmt::Display>(
    faults: &mut Vec<Detail>,
    of: &'static str,
    record: &crate::Record<'_>,
    field: &'static str,
    new: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    let (msg, kind) = match record.get(field).text(field) {
        Ok(text) => match new(text) {
            Ok(value) => return Some(value),
            Err(invalid) => (format!("A company's {field} {invalid}"), fault::STRING_VALUE),
        },
        Err(fault) => (fault.cause, fault.kind),
    };
    faults.push(Detail::inside(of, field, msg, kind));
    None
}
