//! What an invoice that is not issued yet will say.

use super::{InvoiceData, Payload, Purchase};
use crate::{Buyer, Money, Terms, User};
use chrono::NaiveDate;

/// An invoice that is not issued yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedInvoice {
    /// The user; `None` until they are looked up.
    pub customer: Option<User>,
    /// The buyer.
    pub buyer: Buyer,
    /// The name of the course; `None` until it is looked up.
    pub course_name: Option<String>,
    /// The amount with tax; `None` for the price of a course that is not looked up yet.
    pub gross: Option<Money>,
    /// The day of the payment in Warsaw.
    pub paid_on: NaiveDate,
    /// The terms of the sale.
    pub terms: Box<Terms>,
}

impl Payload {
    /// The invoice that the job will issue; `None` if it issues none.
    #[must_use]
    pub fn planned_invoice(self) -> Option<PlannedInvoice> {
        match self {
            Self::Invoice(Purchase { customer, buyer, course_name, gross, paid_on, terms, .. }) => {
                let (customer, course_name, gross) = (Some(customer), Some(course_name), Some(gross));
                Some(PlannedInvoice { customer, buyer, course_name, gross, paid_on, terms })
            }
            Self::InvoiceData(InvoiceData { course, gross, buyer, paid_on, terms, .. }) => {
                let gross = gross.or(course.as_ref().map(|course| course.price));
                let course_name = course.map(|course| course.name);
                Some(PlannedInvoice { customer: None, buyer, course_name, gross, paid_on, terms })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{correction, invoice_data, purchase};

    #[test]
    fn it_has_what_the_job_knows() {
        let known = Payload::Invoice(purchase()).planned_invoice().unwrap();
        assert_eq!(known.customer, Some(purchase().customer));
        assert_eq!((known.course_name.as_deref(), known.gross), (Some("Rust"), Some(purchase().gross)));
        let unknown = Payload::InvoiceData(InvoiceData { gross: None, ..invoice_data() }).planned_invoice().unwrap();
        assert_eq!((unknown.customer, unknown.course_name, unknown.gross), (None, None, None));
        assert_eq!(Payload::Correction(correction()).planned_invoice(), None);
    }
}
