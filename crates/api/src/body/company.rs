//! A company in a body: its type and its parser.

use super::fields::Fields;
use crate::wire::Detail;
use crate::wire::words::fault;
use domain::model::company::CompanyField;
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
    pub(super) fn company(&mut self, name: &'static str) -> Option<domain::Company> {
        let text = self.text_of(name);
        let record = self.record(name, &text, &CompanyField::ALL.map(CompanyField::as_str))?;
        let mut faults = Vec::new();
        let fields = CompanyField::ALL.map(|field| match record.get(field.as_str()).text(field.as_str()) {
            Ok(text) => match domain::Company::check(field, text) {
                Ok(_) => text,
                Err(invalid) => {
                    let msg = format!("A company's {field} {invalid}");
                    faults.push(Detail::inside(name, field.as_str(), msg, fault::STRING_VALUE));
                    ""
                }
            },
            Err(fault) => {
                faults.push(Detail::inside(name, field.as_str(), fault.cause, fault.kind));
                ""
            }
        });
        if faults.is_empty() {
            return domain::Company::new(fields).ok();
        }
        self.faults.extend(faults);
        None
    }
}
