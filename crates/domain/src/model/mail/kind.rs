//! The kinds of mails, and the placeholders of their texts.

use crate::model::language::Language;

/// What a mail is about. A mail with a link to a document is a kind of its own, so that its link
/// is never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// The user is enrolled.
    Enrolment,
    /// The course is paid, and there is no link to an invoice.
    Payment,
    /// The course is paid, and the invoice is issued.
    PaymentWithInvoice,
    /// The enrolment is canceled.
    Cancellation,
    /// The payment is refunded, and there is no link to a correction.
    Refund,
    /// The payment is refunded, and the correction is issued.
    RefundWithCorrection,
    /// An invoice to another buyer is issued, and replaces the one before.
    NewInvoice,
    /// The user who waited has a seat.
    Offer,
    /// The seat has to be paid soon.
    Reminder,
    /// The enrolment was not paid in time and is canceled.
    Lapse,
    /// The enrolment is moved to another course.
    Move,
}

/// What a text may name. The mail has its value in this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// The user's first name, or the last name of a user without a first name.
    FirstName,
    /// The name of the course.
    Course,
    /// The paid or refunded amount with its currency.
    Amount,
    /// What is left of the payment after a refund of a part.
    Left,
    /// The day of the payment.
    PaidOn,
    /// The page of the document.
    Link,
    /// Why, in the caller's words.
    Reason,
    /// Until when the seat is held without a payment.
    PayUntil,
}

/// What differs between kinds.
struct Row {
    word: &'static str,
    required: &'static [Placeholder],
    optional: &'static [Placeholder],
    english: &'static str,
    polish: &'static str,
}

impl MailKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Enrolment,
        Self::Payment,
        Self::PaymentWithInvoice,
        Self::Cancellation,
        Self::Refund,
        Self::RefundWithCorrection,
        Self::NewInvoice,
        Self::Offer,
        Self::Reminder,
        Self::Lapse,
        Self::Move,
    ];

    const fn row(self) -> Row {
        use Placeholder::{Amount, Course, FirstName, Left, Link, PaidOn, PayUntil, Reason};
        match self {
            Self::Enrolment => Row {
                word: "enrolment",
                required: &[Course],
                optional: &[FirstName],
                english: include_str!("en/enrolment.txt"),
                polish: include_str!("pl/enrolment.txt"),
            },
            Self::Payment => Row {
                word: "payment",
                required: &[Course],
                optional: &[FirstName, Amount, PaidOn],
                english: include_str!("en/payment.txt"),
                polish: include_str!("pl/payment.txt"),
            },
            Self::PaymentWithInvoice => Row {
                word: "payment_with_invoice",
                required: &[Course, Link],
                optional: &[FirstName, Amount, PaidOn],
                english: include_str!("en/payment_with_invoice.txt"),
                polish: include_str!("pl/payment_with_invoice.txt"),
            },
            Self::Cancellation => Row {
                word: "cancellation",
                required: &[Course],
                optional: &[FirstName, Reason],
                english: include_str!("en/cancellation.txt"),
                polish: include_str!("pl/cancellation.txt"),
            },
            Self::Refund => Row {
                word: "refund",
                required: &[Course],
                optional: &[FirstName, Amount, Left, Reason],
                english: include_str!("en/refund.txt"),
                polish: include_str!("pl/refund.txt"),
            },
            Self::RefundWithCorrection => Row {
                word: "refund_with_correction",
                required: &[Course, Link],
                optional: &[FirstName, Amount, Left, Reason],
                english: include_str!("en/refund_with_correction.txt"),
                polish: include_str!("pl/refund_with_correction.txt"),
            },
            Self::NewInvoice => Row {
                word: "new_invoice",
                required: &[Course, Link],
                optional: &[FirstName, Amount],
                english: include_str!("en/new_invoice.txt"),
                polish: include_str!("pl/new_invoice.txt"),
            },
            Self::Offer => Row {
                word: "offer",
                required: &[Course, PayUntil],
                optional: &[FirstName],
                english: include_str!("en/offer.txt"),
                polish: include_str!("pl/offer.txt"),
            },
            Self::Reminder => Row {
                word: "reminder",
                required: &[Course, PayUntil],
                optional: &[FirstName],
                english: include_str!("en/reminder.txt"),
                polish: include_str!("pl/reminder.txt"),
            },
            Self::Lapse => Row {
                word: "lapse",
                required: &[Course],
                optional: &[FirstName],
                english: include_str!("en/lapse.txt"),
                polish: include_str!("pl/lapse.txt"),
            },
            Self::Move => Row {
                word: "move",
                required: &[Course],
                optional: &[FirstName, Reason],
                english: include_str!("en/move.txt"),
                polish: include_str!("pl/move.txt"),
            },
        }
    }

    /// The word in the API, in the database and in `mail_off`: at most 32 lower-case letters and
    /// underscores. It never changes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.row().word
    }

    /// The kind for a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What each text of this kind has to name. It always has a value.
    #[must_use]
    pub const fn required(self) -> &'static [Placeholder] {
        self.row().required
    }

    /// What a text of this kind may name besides.
    #[must_use]
    pub const fn optional(self) -> &'static [Placeholder] {
        self.row().optional
    }

    /// The subject, an empty line, and the text.
    pub(super) const fn file(self, language: Language) -> &'static str {
        match language {
            Language::English => self.row().english,
            Language::Polish => self.row().polish,
        }
    }
}

impl Placeholder {
    const ALL: [Self; 8] = [
        Self::FirstName,
        Self::Course,
        Self::Amount,
        Self::Left,
        Self::PaidOn,
        Self::Link,
        Self::Reason,
        Self::PayUntil,
    ];

    /// The word between the braces.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::Course => "course",
            Self::Amount => "amount",
            Self::Left => "left",
            Self::PaidOn => "paid_on",
            Self::Link => "link",
            Self::Reason => "reason",
            Self::PayUntil => "pay_until",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|placeholder| placeholder.word() == word)
    }

    /// Whether some mails have no value for it. Then a mail has no paragraph that names it.
    pub(super) const fn may_be_missing(self) -> bool {
        matches!(self, Self::Amount | Self::Left | Self::PaidOn | Self::Reason)
    }
}
