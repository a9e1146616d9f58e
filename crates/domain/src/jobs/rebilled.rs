//! The job of an invoice with another buyer.

use super::{InvoiceData, Payload, Purchase};
use crate::model::terms::Tax;
use crate::{Buyer, Error};

impl Payload {
    /// The same invoice for another buyer, and with another tax if one is given. `None` if the job is not
    /// about an invoice.
    ///
    /// # Errors
    ///
    /// [`Error::ReverseCharge`].
    pub fn with_buyer(&self, buyer: &Buyer, tax: Option<&Tax>) -> Result<Option<Self>, Error> {
        let mut payload = self.clone();
        let (Self::Invoice(Purchase { buyer: own, terms, .. })
        | Self::InvoiceData(InvoiceData { buyer: own, terms, .. })) = &mut payload
        else {
            return Ok(None);
        };
        *own = buyer.clone();
        terms.tax = buyer.tax_of_sale(tax, &terms.tax)?;
        Ok(Some(payload))
    }

    /// The tax of the invoice that the job asks for.
    #[must_use]
    pub fn tax(&self) -> Option<&str> {
        match self {
            Self::Invoice(Purchase { terms, .. }) | Self::InvoiceData(InvoiceData { terms, .. }) => {
                Some(terms.tax.word())
            }
            _ => None,
        }
    }
}
