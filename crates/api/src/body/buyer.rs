//! The buyer on an invoice in a body: the types of its forms, and their parser.

use super::fields::Fields;
use crate::wire::words::fault;
use domain::Buyer;
use domain::model::address::{Address, AddressPart};
use domain::model::buyer::{Company, Recipient, Role, TaxId};
use domain::model::country::Country;
#[cfg(feature = "openapi")]
use {
    crate::wire::{enumerations, field},
    serde::Serialize,
    utoipa::ToSchema,
};

/// A company in Poland; a company elsewhere, with its `country`; or the address of the user, as a person.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[schema(as = Buyer)]
#[serde(untagged)]
#[allow(dead_code, reason = "it describes the forms")]
pub(super) enum BuyerForm<'a> {
    Company(CompanyForm<'a>),
    ForeignCompany(ForeignCompany<'a>),
    PersonAddress(PersonAddress<'a>),
}

/// A company in Poland.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[schema(as = Company)]
#[serde(deny_unknown_fields)]
pub(super) struct CompanyForm<'a> {
    #[schema(schema_with = field::company_name)]
    pub(super) name: &'a str,
    #[schema(schema_with = field::tax_no)]
    pub(super) tax_no: &'a str,
    #[schema(schema_with = field::street)]
    pub(super) street: &'a str,
    #[schema(schema_with = field::post_code)]
    pub(super) post_code: &'a str,
    #[schema(schema_with = field::city)]
    pub(super) city: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::poland)]
    pub(super) country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) recipient: Option<RecipientForm<'a>>,
}

/// A company elsewhere.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForeignCompany<'a> {
    #[schema(schema_with = field::company_name)]
    pub(super) name: &'a str,
    /// Without it, the company has no tax number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::foreign_tax_no)]
    pub(super) tax_no: Option<&'a str>,
    #[schema(schema_with = field::street)]
    pub(super) street: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::post_code)]
    pub(super) post_code: Option<&'a str>,
    #[schema(schema_with = field::city)]
    pub(super) city: &'a str,
    #[schema(schema_with = field::other_country)]
    pub(super) country: &'a str,
    /// Whether the company accounts for the tax; by default it does not. The tax must be `np`, also if it is that of the course or of the service: otherwise 400.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) reverse_charge: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) recipient: Option<RecipientForm<'a>>,
}

/// The address of the user, as a person.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonAddress<'a> {
    #[schema(schema_with = field::street)]
    pub(super) street: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::post_code)]
    pub(super) post_code: Option<&'a str>,
    #[schema(schema_with = field::city)]
    pub(super) city: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::any_country)]
    pub(super) country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) recipient: Option<RecipientForm<'a>>,
}

/// An organisation that receives what the buyer pays for.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[schema(as = Recipient)]
#[serde(deny_unknown_fields)]
pub(super) struct RecipientForm<'a> {
    #[schema(schema_with = field::company_name)]
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::recipient_tax_no)]
    pub(super) tax_no: Option<&'a str>,
    #[schema(schema_with = field::street)]
    pub(super) street: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::post_code)]
    pub(super) post_code: Option<&'a str>,
    #[schema(schema_with = field::city)]
    pub(super) city: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::any_country)]
    pub(super) country: Option<&'a str>,
    #[schema(schema_with = enumerations::recipient_role)]
    pub(super) role: &'a str,
}

/// The country in a body: `None` for Poland. An error if it is faulty.
type Where = Result<Option<Country>, ()>;

impl Fields<'_> {
    /// Parses the buyer in the field `name`: a company if there is one of the fields that only companies have, else the
    /// address of a person. What is built of faulty fields is dropped.
    pub(super) fn buyer(&mut self, name: &'static str) -> Option<Buyer> {
        const OF_COMPANIES: [&str; 3] = ["name", "tax_no", "reverse_charge"];
        let known = ["name", "tax_no", "reverse_charge", "street", "post_code", "city", "country", "recipient"];
        self.inside(name, &known, |fields| {
            let country = fields.country("country");
            let is_company = OF_COMPANIES.iter().any(|field| fields.object.contains_key(*field));
            let company = is_company.then(|| fields.company(&country));
            let in_poland = country == Ok(None);
            let address = fields.address(country, is_company && in_poland);
            let recipient = fields.if_given("recipient", Fields::recipient);
            Buyer { company, address, recipient }
        })
    }

    /// A company in Poland has a tax number and no reverse charge: Fakturownia would make the tax `oo` (README.md,
    /// `reverse_charge`).
    fn company(&mut self, country: &Where) -> Company {
        let name = self.text("name", "A name", Buyer::check_name).unwrap_or_default();
        let new = |text: &str| country.as_ref().map_or(Ok(TaxId::None), |country| TaxId::new(country.as_ref(), text));
        let read = |fields: &mut Self, name| fields.text(name, "A tax number", new);
        let tax_id = match country {
            Ok(None) => read(self, "tax_no"),
            _ => self.if_given("tax_no", read),
        };
        let read = |fields: &mut Self, name| match country {
            Ok(None) => fields.fault(name, fault::EXTRA, "A company in Poland has no reverse charge"),
            _ => fields.flag(name),
        };
        let reverse_charge = self.if_given("reverse_charge", read).unwrap_or_default();
        Company { name, tax_id: tax_id.unwrap_or_default(), reverse_charge }
    }

    fn recipient(&mut self, name: &'static str) -> Option<Recipient> {
        let known = ["name", "tax_no", "street", "post_code", "city", "country", "role"];
        self.inside(name, &known, |fields| {
            let country = fields.country("country");
            let name = fields.text("name", "A name", Buyer::check_name).unwrap_or_default();
            let new =
                |text: &str| country.as_ref().map_or(Ok(TaxId::None), |own| TaxId::of_recipient(own.as_ref(), text));
            let tax_id = fields.if_given("tax_no", |fields, name| fields.text(name, "A tax number", new));
            let address = fields.address(country.clone(), false);
            let role =
                fields.text("role", "A role", |word| Role::parse(word).ok_or("must be recipient or local_government"));
            Recipient { name, tax_id: tax_id.unwrap_or_default(), address, role: role.unwrap_or(Role::Recipient) }
        })
    }

    fn country(&mut self, name: &'static str) -> Where {
        if !self.object.contains_key(name) {
            return Ok(None);
        }
        let known = |text: &str| Country::parse(text).filter(Country::exists);
        let country =
            self.text(name, "A country", |text| known(text).ok_or("must be a code of ISO 3166-1, such as PL"));
        country.map(|country| Some(country).filter(|country| !country.is_poland())).ok_or(())
    }

    /// Not every country has post codes.
    fn address(&mut self, country: Where, with_post_code: bool) -> Address {
        let part =
            |fields: &mut Self, part: AddressPart, what| fields.text(part.as_str(), what, |text| part.check(text));
        let street = part(self, AddressPart::Street, "A street");
        let read = |fields: &mut Self, _| part(fields, AddressPart::PostCode, "A post code");
        let post_code = if with_post_code { read(self, "") } else { self.if_given("post_code", read) };
        let city = part(self, AddressPart::City, "A city");
        Address { street, post_code, city, country: country.unwrap_or_default() }
    }
}
