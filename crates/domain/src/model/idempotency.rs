//! Idempotency keys: the key and the fingerprint of a request, and its stored answer.

mod content;

use crate::model::note::Note;
use crate::model::payment::Payment;
use crate::model::rebilling::Rebilling;
use crate::model::refund::Refund;
use crate::model::seats::{Extension, Moving};
use crate::model::terms::Tax;
use crate::model::text::text;
use crate::{Buyer, Enrolment, EnrolmentId, Error, NewEnrolment, UserId};
use chrono::TimeDelta;
use content::{digest, of_buyer, of_course, of_user};
use std::time::Duration;

/// How long a key is remembered.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// How long a request may hold its key without an answer. It is longer than any request takes.
/// After that, a repeated request is executed.
pub const RESERVED: Duration = Duration::from_secs(15);

text! {
    /// The caller's name for a request: 1 to 255 visible characters of ASCII.
    IdempotencyKey
}

impl IdempotencyKey {
    /// The maximal number of characters.
    pub const MAX_CHARS: usize = 255;

    /// Checks `text`; `None` if it is not a valid key.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        (visible && (1..=Self::MAX_CHARS).contains(&text.len())).then(|| Self(text.to_owned()))
    }
}

/// What identifies a request: its kind and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    text: String,
    user_id: Option<UserId>,
    enrolment_id: Option<EnrolmentId>,
}

impl Fingerprint {
    /// Of a request to enrol a user in a course. What else it has is hashed, because the column is
    /// short.
    #[must_use]
    pub fn to_enrol(new: &NewEnrolment) -> Self {
        let NewEnrolment { user_id, course_id, user, course, reference, metadata, pay_until } = new;
        let mut more = Vec::new();
        more.extend(user.iter().flat_map(of_user));
        more.extend(course.iter().flat_map(of_course));
        more.extend(reference.iter().map(|reference| format!("reference={}", reference.as_str())));
        more.extend(metadata.texts().map(|(key, text)| format!("metadata.{key}={text}")));
        more.extend(pay_until.map(|time| format!("pay_until={}", time.timestamp_millis())));
        let text = format!("enrol{} {course_id} {}", digest(&more), user_id.as_str());
        Self { text, user_id: Some(user_id.clone()), enrolment_id: None }
    }

    /// Of a request to record a payment. The amount and the buyer are hashed for the same reason.
    #[must_use]
    pub fn to_pay(payment: &Payment) -> Self {
        let Payment { enrolment_id: id, user_id, amount, buyer, tax, reference, method, on } = payment;
        let mut more = Vec::new();
        more.extend(amount.map(|amount| amount.to_string()));
        more.extend(of_sale(buyer, tax.as_ref()));
        more.extend(reference.iter().map(|reference| format!("reference={}", reference.as_str())));
        more.extend(method.iter().map(|method| format!("method={}", method.as_str())));
        more.extend(on.map(|on| format!("on={on}")));
        Self::about(&format!("pay{}", digest(&more)), *id, user_id.as_ref())
    }

    /// Of a request to cancel or fail.
    #[must_use]
    pub fn to_note(fact: Fact, note: &Note) -> Self {
        let Note { enrolment_id: id, user_id, reason } = note;
        let reason: Vec<_> = reason.iter().map(|reason| reason.as_str().to_owned()).collect();
        let verb = match fact {
            Fact::Canceled => "cancel",
            Fact::Failed => "fail",
        };
        Self::about(&format!("{verb}{}", digest(&reason)), *id, user_id.as_ref())
    }

    /// Of a request to refund.
    #[must_use]
    pub fn to_refund(refund: &Refund) -> Self {
        let Refund { note: Note { enrolment_id: id, user_id, reason }, amount, cancel, reference } = refund;
        let mut more: Vec<_> = reason.iter().map(|reason| reason.as_str().to_owned()).collect();
        more.extend(amount.map(|amount| format!("amount={amount}")));
        more.extend(cancel.map(|cancel| format!("cancel={cancel}")));
        more.extend(reference.iter().map(|reference| format!("reference={}", reference.as_str())));
        Self::about(&format!("refund{}", digest(&more)), *id, user_id.as_ref())
    }

    /// Of a request to hold a seat longer.
    #[must_use]
    pub fn to_extend(extension: &Extension) -> Self {
        let Extension { enrolment_id: id, user_id, pay_until } = extension;
        let more = [format!("pay_until={}", pay_until.timestamp_millis())];
        Self::about(&format!("extend{}", digest(&more)), *id, user_id.as_ref())
    }

    /// Of a request to move to another course.
    #[must_use]
    pub fn to_move(moving: &Moving) -> Self {
        let Moving { note: Note { enrolment_id: id, user_id, reason }, course_id, course } = moving;
        let mut more = vec![format!("course_id={course_id}")];
        more.extend(course.iter().flat_map(of_course));
        more.extend(reason.iter().map(|reason| format!("reason={}", reason.as_str())));
        Self::about(&format!("move{}", digest(&more)), *id, user_id.as_ref())
    }

    /// Of a request to bill anew.
    #[must_use]
    pub fn to_rebill(rebilling: &Rebilling) -> Self {
        let Rebilling { note: Note { enrolment_id: id, user_id, reason }, buyer, tax } = rebilling;
        let mut more = of_sale(buyer, tax.as_ref());
        more.extend(reason.iter().map(|reason| format!("reason={}", reason.as_str())));
        Self::about(&format!("rebill{}", digest(&more)), *id, user_id.as_ref())
    }

    fn about(what: &str, id: EnrolmentId, user_id: Option<&UserId>) -> Self {
        let user = user_id.map_or_else(String::new, |user| format!(" {}", user.as_str()));
        Self { text: format!("{what} {id}{user}"), user_id: user_id.cloned(), enrolment_id: Some(id) }
    }

    /// As text. Two requests are the same if their texts are the same.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The user whom the request names, if any.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        self.user_id.as_ref()
    }

    /// The enrolment that the request changes; `None` for a request to enrol.
    #[must_use]
    pub fn enrolment_id(&self) -> Option<EnrolmentId> {
        self.enrolment_id
    }
}

fn of_sale(buyer: &Buyer, tax: Option<&Tax>) -> Vec<String> {
    let mut texts = of_buyer(buyer);
    if let Some(tax) = tax {
        texts.push(format!("tax={}", tax.word()));
        texts.extend(tax.exemption().map(|exemption| format!("tax_exemption={exemption}")));
    }
    texts
}

/// The hash of the buyer and the tax of a payment, 64 characters; empty for the user without a tax.
#[must_use]
pub fn digest_of_buyer(payment: &Payment) -> String {
    digest(&of_sale(&payment.buyer, payment.tax.as_ref())).trim_start_matches(" #").to_owned()
}

/// What a caller reports about an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It is canceled.
    Canceled,
    /// A payment failed.
    Failed,
}

/// The right to execute a request and to store its answer. Like a lease, it is valid until a
/// repeated request takes it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The key.
    pub key: IdempotencyKey,
    /// Random. Each write checks it.
    pub token: String,
}

/// The stored answer to a request: the enrolment, or one of the errors that are [`FINAL`].
pub type Outcome = Result<Enrolment, Error>;

/// The state of a key when a request arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// The key is new: execute the request.
    Reserved(Reservation),
    /// The request was executed before; this is the stored answer.
    Answered(Box<Outcome>),
    /// The first request is in progress.
    InProgress,
    /// The key was used for another request.
    KeyReused,
}

/// The errors that a repeated request would always get. Only they are stored as the answer, by
/// their words, which never change. An error that the caller, another system or another request
/// can change is not.
pub static FINAL: [(Error, &str); 4] = [
    (Error::AlreadyPaid, "already_paid"),
    (Error::Canceled, "canceled"),
    (Error::Completed, "completed"),
    (Error::AlreadyRefunded, "already_refunded"),
];

/// Whether the error is one of [`FINAL`].
pub(crate) fn is_final(error: &Error) -> bool {
    FINAL.iter().any(|(own, _)| own == error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{
        buyers, company, course, new_enrolment, payment, start, user as person, whole_refund as refund,
    };
    use crate::model::address::Address;
    use crate::model::country::Country;
    use crate::model::metadata::Metadata;
    use crate::model::note::Reason;
    use crate::model::payment::PaymentMethod;
    use crate::model::reference::PlatformReference;
    use crate::model::terms::TaxWord;
    use crate::model::window::Closed;
    use crate::{Course, CourseId, EnrolmentId, Money, User};

    fn user(id: &str) -> UserId {
        UserId::new(id).unwrap()
    }

    fn enrol(user_id: &str, course_id: i64) -> Fingerprint {
        Fingerprint::to_enrol(&new_enrolment(user_id, course_id))
    }

    #[test]
    fn keys_are_visible_characters() {
        for text in ["a", "~!\"", &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::new(text).unwrap().as_str(), text);
        }
        for text in ["", "a b", "ż", "a\t", "\u{7f}", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::new(text), None, "{text}");
        }
    }

    #[test]
    fn only_final_errors_are_stored() {
        use Error::{AlreadyPaid, AlreadyRefunded, Canceled, Completed};
        for error in [AlreadyPaid, AlreadyRefunded, Canceled, Completed] {
            assert!(is_final(&error), "{error}");
        }
        let system = crate::System::Users;
        for error in [
            Error::NotFound,
            Error::AlreadyEnrolled,
            Error::UserNotFound,
            Error::UserGone,
            Error::CourseNotFound(CourseId::new(7).unwrap()),
            Error::UserIdNotStorable,
            Error::CanceledInTheWay,
            Error::CourseFull,
            Error::CourseClosed(Closed::Over(start())),
            Error::Decimals(crate::fakes::currency("JPY")),
            Error::PriceDecimals(crate::fakes::currency("JPY")),
            Error::NotPaid,
            Error::InProgress,
            Error::KeyReused,
            Error::DeletedSince,
            crate::fakes::down(system).into(),
            crate::fakes::unusable(system).into(),
        ] {
            assert!(!is_final(&error), "{error}");
        }
    }

    #[test]
    fn a_request_is_found_by_its_user_and_its_enrolment() {
        let id = crate::fakes::id(7);
        let payment = Payment { user_id: Some(user("u")), ..payment(7) };
        let note = Note { enrolment_id: id, user_id: None, reason: None };
        for (request, user_id, enrolment_id) in [
            (enrol("u", 1), Some("u"), None),
            (Fingerprint::to_pay(&payment), Some("u"), Some(id)),
            (Fingerprint::to_note(Fact::Failed, &note), None, Some(id)),
        ] {
            assert_eq!((request.user_id().map(UserId::as_str), request.enrolment_id()), (user_id, enrolment_id));
        }
    }

    #[test]
    fn requests_with_different_content_differ() {
        let reason = Reason::new("r").unwrap();
        let note = |reason: Option<&Reason>| {
            let (enrolment_id, reason) = (EnrolmentId::new(1).unwrap(), reason.cloned());
            Note { enrolment_id, user_id: None, reason }
        };
        let (acme, mut other) = (company(), company());
        other.address.street = Some("Prosta".to_owned());
        other.address.post_code = Some("1 00-001".to_owned());
        let amount = |amount| Some(Money::from_hundredths(amount).unwrap());
        let with = |user: Option<User>, course: Option<Course>| {
            Fingerprint::to_enrol(&NewEnrolment { user, course, ..new_enrolment("u", 1) })
        };
        let labelled = |reference: Option<&str>, texts: &[(&str, &str)]| {
            let mut metadata = Metadata::default();
            texts.iter().for_each(|(key, text)| metadata.insert(key, text).unwrap());
            let reference = reference.map(|text| PlatformReference::new(text).unwrap());
            Fingerprint::to_enrol(&NewEnrolment { reference, metadata, ..new_enrolment("u", 1) })
        };
        let abroad = Address { country: Country::parse("DE"), ..Address::default() };
        let mut texts = vec![
            with(Some(person()), None),
            with(Some(User { address: abroad, ..person() }), None),
            with(None, Some(course(1.0))),
            with(None, Some(Course { seats: Ok(Some(1)), ..course(1.0) })),
            with(None, Some(Course { opens_at: Ok(Some(start())), ..course(1.0) })),
            with(None, Some(Course { closes_at: Ok(Some(start())), ..course(1.0) })),
            with(Some(person()), Some(course(1.0))),
            labelled(Some("r"), &[]),
            labelled(None, &[("a", "b")]),
            labelled(None, &[("a", "b"), ("b", "")]),
            labelled(Some("r"), &[("a", "b")]),
            enrol("u", 1),
            enrol("v", 1),
            enrol("u", 2),
            Fingerprint::to_pay(&payment(1)),
            Fingerprint::to_pay(&payment(2)),
            Fingerprint::to_pay(&Payment { user_id: Some(user("u")), ..payment(1) }),
            Fingerprint::to_pay(&Payment { amount: amount(1), ..payment(1) }),
            Fingerprint::to_pay(&Payment { amount: amount(2), ..payment(1) }),
            Fingerprint::to_pay(&Payment { buyer: acme.clone(), ..payment(1) }),
            Fingerprint::to_pay(&Payment { buyer: other, ..payment(1) }),
            Fingerprint::to_pay(&Payment { amount: amount(1), buyer: acme, ..payment(1) }),
            Fingerprint::to_pay(&Payment {
                tax: TaxWord::parse("23").and_then(|word| word.with(None, None).ok()),
                ..payment(1)
            }),
            Fingerprint::to_pay(&Payment { reference: PlatformReference::new("1").ok(), ..payment(1) }),
            Fingerprint::to_pay(&Payment { method: PaymentMethod::new("1").ok(), ..payment(1) }),
            Fingerprint::to_pay(&Payment { on: "2026-01-01".parse().ok(), ..payment(1) }),
            Fingerprint::to_note(Fact::Canceled, &note(None)),
            Fingerprint::to_note(Fact::Failed, &note(None)),
            Fingerprint::to_refund(&refund(note(None))),
            Fingerprint::to_refund(&refund(note(Some(&reason)))),
            Fingerprint::to_refund(&Refund { amount: amount(1), ..refund(note(None)) }),
            Fingerprint::to_refund(&Refund { cancel: Some(true), ..refund(note(None)) }),
            Fingerprint::to_refund(&Refund { cancel: Some(false), ..refund(note(None)) }),
            Fingerprint::to_refund(&Refund { reference: PlatformReference::new("1").ok(), ..refund(note(None)) }),
            Fingerprint::to_note(Fact::Canceled, &note(Some(&reason))),
            Fingerprint::to_note(Fact::Canceled, &Note { user_id: Some(user("u")), ..note(None) }),
        ];
        texts.extend(buyers().map(|buyer| Fingerprint::to_pay(&Payment { buyer, ..payment(1) })));
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(texts.iter().position(|other| other.as_str() == text.as_str()), Some(index));
            assert!(text.as_str().len() < 100, "{text:?}");
        }
        // These texts must not change between releases.
        assert_eq!(enrol("u", 1).as_str(), "enrol 1 u");
        let digest = "d0ab4d38886254ed746da6c74d4e2a3c7fb128b8427bc773cc0e2d11f4544a19";
        assert_eq!(with(Some(person()), Some(course(1.0))).as_str(), format!("enrol #{digest} 1 u"));
        assert_eq!(Fingerprint::to_pay(&payment(1)).as_str(), "pay 1");
        let digest = "ba1cc4149566e334354df703094bc224cef2b2f845d85b89398133254efe1731";
        let paid = Fingerprint::to_pay(&Payment { buyer: company(), ..payment(1) });
        assert_eq!(paid.as_str(), format!("pay #{digest} 1"));
        assert_eq!(Fingerprint::to_refund(&refund(note(None))).as_str(), "refund 1");
        let canceled = Fingerprint::to_note(Fact::Canceled, &note(Some(&reason)));
        let digest = "d0f2cc98c4828757c981b0274a7f40881fe7b055895951f258e614005ce86ee9";
        assert_eq!(canceled.as_str(), format!("cancel #{digest} 1"));
    }
}
