//! How a buyer is serialized in the payload of a job.

use super::{Buyer, Company, Recipient, Role, TaxId};
use crate::model::address::Address;
use crate::model::country::Country;
use serde::{Deserialize, Serialize};

/// A buyer or a recipient. A company in Poland without a recipient has the form of version 1.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    street: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<Country>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverse_charge: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<Box<Self>>,
}

impl Stored {
    fn new(name: Option<String>, tax_id: &TaxId, address: Address) -> Self {
        let Address { street, post_code, city, country } = address;
        let tax_no = tax_id.number().map(str::to_owned);
        Self { name, tax_no, street, post_code, city, country, reverse_charge: None, role: None, recipient: None }
    }

    fn into_parts(self) -> (Option<String>, TaxId, Address) {
        let Self { name, tax_no, street, post_code, city, country, .. } = self;
        (name, TaxId::stored(country.as_ref(), tax_no), Address { street, post_code, city, country })
    }
}

impl From<Buyer> for Option<Stored> {
    fn from(buyer: Buyer) -> Self {
        if buyer == Buyer::default() {
            return None;
        }
        let recipient = buyer.recipient.map(|Recipient { name, tax_id, address, role }| {
            Box::new(Stored { role: Some(role), ..Stored::new(Some(name), &tax_id, address) })
        });
        let stored = match buyer.company {
            None => Stored::new(None, &TaxId::None, buyer.address),
            Some(Company { name, tax_id, reverse_charge }) => Stored {
                reverse_charge: reverse_charge.then_some(true),
                ..Stored::new(Some(name), &tax_id, buyer.address)
            },
        };
        Some(Stored { recipient, ..stored })
    }
}

impl From<Option<Stored>> for Buyer {
    fn from(stored: Option<Stored>) -> Self {
        let Some(mut stored) = stored else { return Self::default() };
        let recipient = stored.recipient.take().map(|stored| {
            let role = stored.role.unwrap_or(Role::Recipient);
            let (name, tax_id, address) = stored.into_parts();
            Recipient { name: name.unwrap_or_default(), tax_id, address, role }
        });
        let reverse_charge = stored.reverse_charge.unwrap_or_default();
        let (name, tax_id, address) = stored.into_parts();
        Self { company: name.map(|name| Company { name, tax_id, reverse_charge }), address, recipient }
    }
}
