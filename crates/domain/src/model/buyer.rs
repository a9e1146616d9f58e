//! The buyer on an invoice.

mod stored;
mod tax_id;

pub use tax_id::{InvalidTaxId, TaxId};

use crate::model::address::Address;
use crate::model::country::Country;
use crate::model::terms::{NotSubject, Tax};
use crate::model::text::{Invalid, check};
use crate::{Error, User};
use serde::{Deserialize, Serialize};
use stored::Stored;

/// The buyer on an invoice. The default is the user without an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<Stored>", into = "Option<Stored>")]
pub struct Buyer {
    /// The company; `None` for the user as a person.
    pub company: Option<Company>,
    /// The address; it is empty only for a person. A country of `None` is Poland.
    pub address: Address,
    /// Who receives what the buyer pays for, if it is not the buyer.
    pub recipient: Option<Recipient>,
}

/// A company as the buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// Its tax number. One in Poland has a NIP.
    pub tax_id: TaxId,
    /// Whether the company accounts for the tax itself. One in Poland does not.
    pub reverse_charge: bool,
}

/// Another organisation on the invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Its name.
    pub name: String,
    /// Its tax number, if it has one.
    pub tax_id: TaxId,
    /// Its address. A country of `None` is Poland.
    pub address: Address,
    /// What it is to the buyer.
    pub role: Role,
}

/// What a [`Recipient`] is to the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It receives what the buyer pays for.
    Recipient,
    /// A unit of the local government that buys, such as a school of a municipality.
    LocalGovernment,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 2] = [Self::Recipient, Self::LocalGovernment];

    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recipient => "recipient",
            Self::LocalGovernment => "local_government",
        }
    }

    /// The role for a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

impl Buyer {
    /// The maximal number of characters of a name (KSeF.md of fakturownia/API, "Ograniczenia długości pól").
    pub const MAX_NAME: usize = 255;

    /// Checks and trims the name of a company or a recipient.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn check_name(text: &str) -> Result<String, Invalid> {
        check(text, Self::MAX_NAME, Invalid::Control, None)
    }

    /// The company in Poland that earlier releases knew: its name, its NIP, its street, its post code and its city.
    /// `None` for every other buyer.
    #[must_use]
    pub fn polish_company(&self) -> Option<[&str; 5]> {
        let Self { company: Some(Company { name, tax_id, .. }), address, recipient: None } = self else { return None };
        let Address { street, post_code, city, country: None } = address else { return None };
        Some([name, tax_id.number()?, street.as_deref()?, post_code.as_deref()?, city.as_deref()?])
    }

    /// The same buyer, for a sale to `user`: a person without an address has that of the user, if its street, city and
    /// country are known.
    #[must_use]
    pub(crate) fn for_user(&self, user: &User) -> Self {
        let Address { street, city, country, .. } = &user.address;
        let known = street.is_some() && city.is_some() && country.as_ref().is_some_and(Country::exists);
        if *self != Self::default() || !known {
            return self.clone();
        }
        let country = country.clone().filter(|country| !country.is_poland());
        Self { address: Address { country, ..user.address.clone() }, ..Self::default() }
    }

    /// The lowest version of a job that has this buyer. Earlier releases know companies in Poland only.
    pub(crate) fn version(&self) -> i64 {
        if *self == Self::default() || self.polish_company().is_some() { 1 } else { 3 }
    }

    /// The tax of a sale to this buyer: the one that the request names, else the `agreed` one. If both are
    /// `np`, its kind is the agreed one.
    ///
    /// # Errors
    ///
    /// As for [`Buyer::tax`].
    pub fn tax_of_sale(&self, named: Option<&Tax>, agreed: &Tax) -> Result<Tax, Error> {
        self.tax(match (named, agreed) {
            (Some(Tax::NotSubject(_)), Tax::NotSubject(_)) | (None, _) => agreed.clone(),
            (Some(named), _) => named.clone(),
        })
    }

    /// The tax of a sale to this buyer, with the agreed `tax`. A company elsewhere decides the kind of `np`: that of the
    /// European Union goes with a reverse charge (README.md of fakturownia/API, `np_tax_kind`).
    ///
    /// # Errors
    ///
    /// [`Error::ReverseCharge`] for a reverse charge with another tax, which the vendor would replace by `np`
    /// (README.md, `reverse_charge`).
    pub fn tax(&self, tax: Tax) -> Result<Tax, Error> {
        let (Some(company), Some(country)) = (&self.company, &self.address.country) else { return Ok(tax) };
        match tax {
            Tax::NotSubject(_) if company.reverse_charge && country.is_in_eu() => {
                Ok(Tax::NotSubject(NotSubject::ExportServiceEu))
            }
            Tax::NotSubject(_) => Ok(Tax::NotSubject(NotSubject::ExportService)),
            _ if company.reverse_charge => Err(Error::ReverseCharge),
            tax => Ok(tax),
        }
    }
}

#[cfg(test)]
mod tests;
