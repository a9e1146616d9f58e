//! The terms of a course, as they were when the user enrolled.

use super::stored::{language, time};
use crate::model::gtu::GtuCode;
use crate::model::language::Language;
use crate::model::terms::{Billing, Currency, Tax};
use crate::{Course, Money};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What the user enrolled for. It is stored with the enrolment and has no personal data. A payment
/// and the mails use it, whatever the courses service says by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseTerms {
    /// The name of the course.
    pub name: String,
    /// The price with tax.
    #[serde(rename = "price_hundredths")]
    pub price: Money,
    /// The currency of the price.
    pub currency: Currency,
    /// The tax; `None` means that of the variable at the time of the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Tax>,
    /// The GTU code on the invoice, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtu_code: Option<GtuCode>,
    /// The language of mails about the course, if it is known.
    #[serde(default, with = "language", skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When the course ends, if it has an end.
    #[serde(default, with = "time", skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
    /// The name of the course to which a paid enrolment is moved, for mails. Documents have that of the sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
}

impl CourseTerms {
    /// The same after a move to another course: what was sold stays, mails name the other course, and its end
    /// counts.
    #[must_use]
    pub fn moved_to(&self, other: &Self) -> Self {
        Self { moved_to: Some(other.name.clone()), ends_at: other.ends_at, ..self.clone() }
    }

    /// What is agreed with a payment: `billing`, with what the course says of its own.
    #[must_use]
    pub fn agreed(&self, billing: Billing) -> Billing {
        match billing {
            Billing::NoInvoice(_) => Billing::NoInvoice(self.currency),
            Billing::Invoice(mut terms) => {
                terms.currency = self.currency;
                terms.tax = self.tax.clone().unwrap_or(terms.tax);
                terms.gtu_code.clone_from(&self.gtu_code);
                Billing::Invoice(terms)
            }
        }
    }
}

/// As a look-up would find it, without seats and times of enrolling.
impl From<&CourseTerms> for Course {
    fn from(terms: &CourseTerms) -> Self {
        let CourseTerms { name, price, currency, tax, gtu_code, language, ends_at, moved_to: _ } = terms.clone();
        Self {
            name: Ok(name),
            price: Ok(price),
            currency: Ok(Some(currency)),
            tax: Ok(tax),
            gtu_code: Ok(gtu_code),
            ends_at: Ok(ends_at),
            seats: Ok(None),
            opens_at: Ok(None),
            closes_at: Ok(None),
            language,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{billing, course, currency, start, terms};
    use crate::model::terms::{Exemption, TaxWord};

    fn exempt() -> Tax {
        TaxWord::Exempt.with(Exemption::parse("art. 43"), None).unwrap()
    }

    fn whole() -> Course {
        Course {
            currency: Ok(Some(currency("EUR"))),
            tax: Ok(Some(exempt())),
            gtu_code: Ok(GtuCode::parse("GTU_12")),
            language: Some(Language::Polish),
            ends_at: Ok(Some(start())),
            ..course(199.99)
        }
    }

    #[test]
    fn they_are_those_of_the_course_and_come_back_as_they_were() {
        let terms = whole().terms(currency("EUR")).unwrap();
        assert_eq!(Course::from(&terms), whole());
        let form = r#"{"name":"Rust","price_hundredths":19999,"currency":"EUR","tax":{"exempt":"art. 43"},"gtu_code":"GTU_12","language":"pl","ends_at":1780315200000}"#;
        assert_eq!(serde_json::to_string(&terms).unwrap(), form);
        assert_eq!(serde_json::from_str::<CourseTerms>(form).unwrap(), terms);
        let plain = course(5.0).terms(currency("PLN")).unwrap();
        let form = r#"{"name":"Rust","price_hundredths":500,"currency":"PLN"}"#;
        assert_eq!((serde_json::to_string(&plain).unwrap().as_str(), plain.tax.clone()), (form, None));
        assert_eq!(serde_json::from_str::<CourseTerms>(form).unwrap(), plain);
    }

    #[test]
    fn a_price_that_its_currency_does_not_have_is_refused() {
        let yen = currency("JPY");
        assert!(course(149.5).terms(yen).is_err());
        assert_eq!(course(149.0).terms(yen).unwrap().currency, yen);
    }

    #[test]
    fn a_payment_takes_over_what_the_course_says_of_its_own() {
        let whole = whole().terms(currency("EUR")).unwrap();
        let Billing::Invoice(agreed) = whole.agreed(billing()) else { panic!("an invoice") };
        assert_eq!((agreed.currency, &agreed.tax, &agreed.gtu_code), (currency("EUR"), &exempt(), &whole.gtu_code));
        assert_eq!((&agreed.account, &agreed.prefix), (&terms().account, &terms().prefix));
        let plain = course(5.0).terms(currency("PLN")).unwrap();
        assert_eq!(plain.agreed(billing()), billing());
        assert_eq!(whole.agreed(Billing::NoInvoice(currency("PLN"))), Billing::NoInvoice(currency("EUR")));
    }
}
