//! The JSON of an invoice that is not issued yet.

use domain::jobs::PlannedInvoice;
use domain::model::address::Address;
use domain::model::buyer::Recipient;
use serde::Serialize;
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

/// What an invoice that is not issued yet will say. What is looked up later is null.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = PlannedInvoice))]
pub(crate) struct Planned<'a> {
    buyer: PlannedBuyer<'a>,
    /// Another organisation that receives what the buyer pays for, or null.
    #[cfg_attr(feature = "openapi", schema(required))]
    recipient: Option<PlannedRecipient<'a>>,
    #[cfg_attr(feature = "openapi", schema(required))]
    course_name: Option<&'a str>,
    /// With tax.
    #[cfg_attr(feature = "openapi", schema(required, pattern = r"^[0-9]+\.[0-9]{2}$"))]
    gross: Option<String>,
    currency: &'static str,
    /// A rate in percent, `zw` or `np`.
    tax: &'a str,
    #[cfg_attr(feature = "openapi", schema(required))]
    tax_exemption: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(required))]
    gtu_code: Option<&'a str>,
    /// The date of the payment in Warsaw.
    #[cfg_attr(feature = "openapi", schema(format = Date))]
    paid_on: String,
}

/// The buyer of an invoice that is not issued yet.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct PlannedBuyer<'a> {
    /// Whether it is a company; else it is the user.
    is_company: bool,
    #[cfg_attr(feature = "openapi", schema(required))]
    name: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required))]
    tax_no: Option<&'a str>,
    reverse_charge: bool,
    address: PlannedAddress<'a>,
}

/// The recipient on an invoice that is not issued yet.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct PlannedRecipient<'a> {
    name: &'a str,
    #[cfg_attr(feature = "openapi", schema(required))]
    tax_no: Option<&'a str>,
    /// `recipient` or `local_government`.
    role: &'static str,
    address: PlannedAddress<'a>,
}

/// An address on an invoice that is not issued yet.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct PlannedAddress<'a> {
    #[cfg_attr(feature = "openapi", schema(required))]
    street: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(required))]
    post_code: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schema(required))]
    city: Option<&'a str>,
    /// Two letters, as in ISO 3166-1; null for Poland.
    #[cfg_attr(feature = "openapi", schema(required))]
    country: Option<&'a str>,
}

impl<'a> From<&'a PlannedInvoice> for Planned<'a> {
    fn from(planned: &'a PlannedInvoice) -> Self {
        let PlannedInvoice { customer, buyer, course_name, gross, paid_on, terms } = planned;
        let company = buyer.company.as_ref();
        let user = customer.as_ref().map(|user| format!("{} {}", user.first_name, user.last_name).trim().to_owned());
        Self {
            buyer: PlannedBuyer {
                is_company: company.is_some(),
                name: company.map(|company| company.name.clone()).or(user),
                tax_no: company.and_then(|company| company.tax_id.number()),
                reverse_charge: company.is_some_and(|company| company.reverse_charge),
                address: (&buyer.address).into(),
            },
            recipient: buyer.recipient.as_ref().map(PlannedRecipient::from),
            course_name: course_name.as_deref(),
            gross: gross.map(|gross| gross.to_string()),
            currency: terms.currency.code(),
            tax: terms.tax.word(),
            tax_exemption: terms.tax.exemption(),
            gtu_code: terms.gtu_code.as_ref().map(|code| code.as_str()),
            paid_on: paid_on.to_string(),
        }
    }
}

impl<'a> From<&'a Recipient> for PlannedRecipient<'a> {
    fn from(recipient: &'a Recipient) -> Self {
        let Recipient { name, tax_id, address, role } = recipient;
        Self { name, tax_no: tax_id.number(), role: role.as_str(), address: address.into() }
    }
}

impl<'a> From<&'a Address> for PlannedAddress<'a> {
    fn from(address: &'a Address) -> Self {
        let Address { street, post_code, city, country } = address;
        Self {
            street: street.as_deref(),
            post_code: post_code.as_deref(),
            city: city.as_deref(),
            country: country.as_ref().map(|country| country.as_str()),
        }
    }
}
