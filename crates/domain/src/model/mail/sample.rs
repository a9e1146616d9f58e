//! A mail with sample values, for a preview.

use super::{MailKind, MailText, Message, Paid, Rendered, render};
use crate::model::address::Address;
use crate::model::language::Language;
use crate::model::refund::Amounts;
use crate::model::terms::Currency;
use crate::{Money, User};
use chrono::{DateTime, NaiveDate};

/// The mail that `text` makes of sample values.
#[must_use]
pub fn preview(kind: MailKind, language: Language, text: &MailText) -> Rendered {
    let (first_name, course, reason) = match language {
        Language::English => ("Ann", "Rust for beginners", "The course does not take place."),
        Language::Polish => ("Anna", "Rust dla początkujących", "Kurs się nie odbędzie."),
    };
    let recipient = User {
        first_name: first_name.to_owned(),
        last_name: String::new(),
        email: String::new(),
        language: Some(language),
        address: Address::default(),
    };
    let paid = || {
        let day = NaiveDate::from_ymd_opt(2026, 12, 1)?;
        Paid::new(Money::from_hundredths(123_450)?, Currency::parse("PLN")?, day)
    };
    let pay_until = DateTime::from_timestamp(1_796_130_000, 0);
    let link = Some("https://account.fakturownia.pl/invoice/sample");
    let amount = |hundredths| Money::from_hundredths(hundredths);
    let refunded =
        || Some(Amounts { before: amount(123_450)?, after: amount(100_000)?, currency: Some(Currency::parse("PLN")?) });
    let is_refund = matches!(kind, MailKind::Refund | MailKind::RefundWithCorrection);
    let (paid, refunded) = if is_refund { (None, refunded()) } else { (paid(), None) };
    let message =
        Message { kind, recipient: &recipient, course, paid, refunded, link, reason: Some(reason), pay_until };
    render(&message, text)
}
