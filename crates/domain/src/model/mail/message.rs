//! What a mail says, in whatever words.

use super::{MailKind, Placeholder};
use crate::model::language::Language;
use crate::model::refund::Amounts;
use crate::model::stored::day;
use crate::model::terms::Currency;
use crate::{Money, User};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// What was paid, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The amount with tax.
    #[serde(rename = "hundredths")]
    pub amount: Money,
    /// Its currency.
    pub currency: Currency,
    /// The day in Warsaw.
    #[serde(with = "day")]
    pub on: NaiveDate,
}

impl Paid {
    /// `None` for nothing, which no mail names.
    #[must_use]
    pub fn new(amount: Money, currency: Currency, on: NaiveDate) -> Option<Self> {
        (!amount.is_zero()).then_some(Self { amount, currency, on })
    }
}

/// What a mail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// What it is about.
    pub kind: MailKind,
    /// The recipient.
    pub recipient: &'a User,
    /// The name of the course.
    pub course: &'a str,
    /// What was paid, if it is known.
    pub paid: Option<Paid>,
    /// What was refunded, if it is known.
    pub refunded: Option<Amounts>,
    /// The page of the document.
    pub link: Option<&'a str>,
    /// Why, if a reason was given.
    pub reason: Option<&'a str>,
    /// Until when the seat is held without a payment.
    pub pay_until: Option<DateTime<Utc>>,
}

impl<'a> Message<'a> {
    /// A mail with no more than that.
    #[must_use]
    pub fn new(kind: MailKind, recipient: &'a User, course: &'a str) -> Self {
        let (paid, refunded, link, reason, pay_until) = (None, None, None, None, None);
        Self { kind, recipient, course, paid, refunded, link, reason, pay_until }
    }
}

impl Message<'_> {
    /// The language of the mail. Jobs of release 0.1.0 have none.
    #[must_use]
    pub fn language(&self) -> Language {
        self.recipient.language.unwrap_or(Language::English)
    }

    /// An amount of the refund. Mails do not name nothing.
    fn of_refund(&self, amount: impl Fn(Amounts) -> Money) -> Option<String> {
        let (amount, currency) = (amount(self.refunded?), self.refunded?.currency?);
        (!amount.is_zero()).then(|| self.language().amount(amount, currency))
    }

    /// What a placeholder stands for.
    pub(super) fn value(&self, placeholder: Placeholder) -> Option<String> {
        let User { first_name, last_name, .. } = self.recipient;
        match placeholder {
            Placeholder::FirstName => Some(if first_name.is_empty() { last_name } else { first_name }.clone()),
            Placeholder::Course => Some(self.course.to_owned()),
            Placeholder::Amount => {
                let paid = self.paid.map(|paid| self.language().amount(paid.amount, paid.currency));
                paid.or_else(|| self.of_refund(Amounts::refunded))
            }
            Placeholder::Left => self.of_refund(|amounts| amounts.after),
            Placeholder::PaidOn => self.paid.map(|paid| self.language().day(paid.on)),
            Placeholder::Link => self.link.map(str::to_owned),
            Placeholder::Reason => self.reason.map(str::to_owned),
            Placeholder::PayUntil => self.pay_until.map(|time| self.language().time(time)),
        }
    }
}
