//! A company in a body: its type and its parser.

use super::fields::Fields;
use crate::wire::Detail;
use crate::wire::words::fault;
use domain::model::company::CompanyField;
use serde::de::IgnoredAny;
use serde_json::Value;
#[cfg(feature = "openapi")]
use {crate::wire::schemas, serde::Serialize, utoipa::ToSchema};

/// A Polish company, as the buyer on the invoice.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
pub(super) struct Company<'a> {
    #[schema(schema_with = schemas::company_name)]
    pub(super) name: &'a str,
    /// The Polish tax number (NIP): ten digits with a valid check digit, as KSeF accepts it. The prefix `PL` and dashes are optional. Companies of other countries are not supported.
    #[schema(value_type = String, max_length = 20, example = "525-244-57-67")]
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
        if let Some(field) = given_twice(self.body) {
            self.faults.push(Detail::inside(name, field.as_str(), "Given more than once", fault::DUPLICATE));
            return None;
        }
        let Some(Value::Object(object)) = self.object.get(name) else {
            return self.fault(name, fault::OBJECT_TYPE, "An object is required");
        };
        let mut faults = Vec::new();
        let fields = CompanyField::ALL.map(|field| {
            let (msg, kind) = match object.get(field.as_str()) {
                Some(Value::String(text)) => match domain::Company::check(field, text) {
                    Ok(_) => return text.as_str(),
                    Err(invalid) => (format!("A company's {field} {invalid}"), fault::STRING_VALUE),
                },
                None => ("Field required".to_owned(), fault::MISSING),
                Some(_) => ("A string is required".to_owned(), fault::STRING_TYPE),
            };
            faults.push(Detail::inside(name, field.as_str(), msg, kind));
            ""
        });
        if faults.is_empty() {
            return domain::Company::new(fields).ok();
        }
        self.faults.extend(faults);
        None
    }
}

/// A duplicate field of the company, if there is one. `serde` reports it for derived types
/// and names the field in its error.
fn given_twice(body: &[u8]) -> Option<CompanyField> {
    #[derive(serde::Deserialize)]
    struct Body {
        #[serde(rename = "buyer")]
        _buyer: Fields,
    }
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct Fields {
        #[serde(rename = "name")]
        _name: IgnoredAny,
        #[serde(rename = "tax_no")]
        _tax_no: IgnoredAny,
        #[serde(rename = "street")]
        _street: IgnoredAny,
        #[serde(rename = "post_code")]
        _post_code: IgnoredAny,
        #[serde(rename = "city")]
        _city: IgnoredAny,
    }
    let error = serde_json::from_slice::<Body>(body).err()?.to_string();
    let (name, _) = error.strip_prefix("duplicate field `")?.split_once('`')?;
    CompanyField::ALL.into_iter().find(|field| field.as_str() == name)
}
