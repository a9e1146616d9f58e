//! The KSeF number of a document.

use super::{JobKind, MailData, Payload, PaymentEmail, RefundEmail, Target};
use crate::EnrolmentId;
use crate::model::invoice::DocumentKind;
use crate::model::terms::Account;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The payload: the document that waits for its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KsefNumber {
    /// The kind of the document. An enrolment has at most one of each.
    #[serde(serialize_with = "write", deserialize_with = "read")]
    pub document: DocumentKind,
    /// Its id at the invoicing service.
    pub vendor_id: i64,
    /// Whether the user is erased now. Then the error messages of KSeF are not stored, because
    /// they may name the buyer.
    pub erased: bool,
    /// The account that issued the document.
    pub account: Account,
    /// Whether this service did not ask for the number, but the account may send the document
    /// itself.
    pub unasked: bool,
    /// What the customer gets only with the number; `None` if nothing waits for it.
    pub withheld: Option<Withheld>,
}

/// What the customer gets when the document has its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// The page of the document.
    pub url: Option<String>,
    /// The mail with the link; `None` if no mail is sent.
    pub email: Option<DocumentEmail>,
}

/// A mail with a link to a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentEmail {
    /// The link is to an invoice.
    PaymentEmail(PaymentEmail),
    /// The link is to a correction.
    RefundEmail(RefundEmail),
    /// The link is to a correction, and the recipient has to be looked up first.
    MailData(MailData),
}

impl DocumentEmail {
    /// The mail of a job; `None` if the job is of another kind.
    #[must_use]
    pub fn of(payload: Payload) -> Option<Self> {
        match payload {
            Payload::PaymentEmail(email) => Some(Self::PaymentEmail(email)),
            Payload::RefundEmail(email) => Some(Self::RefundEmail(email)),
            Payload::MailData(mail_data) => Some(Self::MailData(mail_data)),
            _ => None,
        }
    }

    /// The same mail with another link.
    #[must_use]
    pub fn linked(self, url: Option<String>) -> Self {
        match self {
            Self::PaymentEmail(email) => Self::PaymentEmail(PaymentEmail { invoice_url: url, ..email }),
            Self::RefundEmail(email) => Self::RefundEmail(RefundEmail { correction_url: url, ..email }),
            Self::MailData(mail_data) => Self::MailData(mail_data.linked(url)),
        }
    }
}

impl From<DocumentEmail> for Payload {
    fn from(email: DocumentEmail) -> Self {
        match email {
            DocumentEmail::PaymentEmail(email) => Self::PaymentEmail(email),
            DocumentEmail::RefundEmail(email) => Self::RefundEmail(email),
            DocumentEmail::MailData(mail_data) => Self::MailData(mail_data),
        }
    }
}

impl JobKind for KsefNumber {
    const WORD: &'static str = "ksef_number";
    const TARGET: Target = Target::Ksef;

    fn version(&self) -> i64 {
        match self.withheld.as_ref().and_then(|withheld| withheld.email.as_ref()) {
            Some(DocumentEmail::MailData(mail_data)) => mail_data.subject.version(),
            _ => 1,
        }
    }

    /// No mail is sent.
    fn erased(&self) -> Self {
        let withheld = self.withheld.as_ref().map(|withheld| Withheld { url: withheld.url.clone(), email: None });
        Self { erased: true, withheld, ..self.clone() }
    }

    fn subject(&self, enrolment_id: EnrolmentId) -> String {
        format!("{}:{enrolment_id}", self.document.as_str())
    }
}

fn write<S: Serializer>(kind: &DocumentKind, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(kind.as_str())
}

fn read<'de, D: Deserializer<'de>>(from: D) -> Result<DocumentKind, D::Error> {
    let word = String::deserialize(from)?;
    DocumentKind::parse(&word).ok_or_else(|| de::Error::custom("not a kind of document"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{correction, ksef_number, mail_data, purchase, user};
    use crate::jobs::{Correction, MailContent};
    use crate::model::note::{Addressee, MailTo};

    #[test]
    fn it_has_the_form_of_version_1() {
        let json = r#"{"document":"invoice","vendor_id":9,"erased":false,"account":"https://account.example","unasked":false,"withheld":null}"#;
        assert_eq!(serde_json::to_string(&ksef_number()).unwrap(), json);
        assert_eq!(serde_json::from_str::<KsefNumber>(json).unwrap(), ksef_number());
        assert!(serde_json::from_str::<KsefNumber>(&json.replace("invoice", "receipt")).is_err());
        let withheld = Withheld { url: None, email: None };
        let number = KsefNumber { document: DocumentKind::Correction, withheld: Some(withheld), ..ksef_number() };
        assert_eq!(number.subject(EnrolmentId::new(7).unwrap()), "correction:7");
        let json = json.replace("invoice", "correction").replace("null", r#"{"url":null,"email":null}"#);
        assert_eq!(serde_json::to_string(&number).unwrap(), json);
    }

    #[test]
    fn a_withheld_mail_is_serialized_with_its_kind_and_removed_on_erasure() {
        let url = Some("https://a.example/1".to_owned());
        let later = Correction { mail_to: MailTo::NotKnownYet(mail_data().subject), ..correction() };
        for (payload, word) in [
            (purchase().email(url.clone()), "payment_email"),
            (correction().email(url.clone()).unwrap(), "refund_email"),
            (later.email(url.clone()).unwrap(), "mail_data"),
        ] {
            let email = DocumentEmail::of(payload.clone()).unwrap();
            let json = serde_json::to_string(&email).unwrap();
            assert!(json.starts_with(&format!("{{\"{word}\":")), "{json}");
            assert_eq!(serde_json::from_str::<DocumentEmail>(&json).unwrap(), email);
            assert_eq!(Payload::from(email.clone().linked(None).linked(url.clone())), payload);
            let withheld = Withheld { url: url.clone(), email: Some(email) };
            let erased = KsefNumber { withheld: Some(withheld), ..ksef_number() }.erased();
            assert_eq!((erased.erased, erased.withheld), (true, Some(Withheld { url: url.clone(), email: None })));
        }
        assert_eq!(DocumentEmail::of(Payload::Invoice(purchase())), None);
    }

    #[test]
    fn a_mail_gets_the_link() {
        let link = || Some("https://a.example/k".to_owned());
        let addressee = Addressee { recipient: user(), course_name: "Rust".to_owned() };
        let mail_to = |mail_to| {
            DocumentEmail::of(Correction { mail_to, ..correction() }.email(None).unwrap()).unwrap().linked(link())
        };
        let invoice = PaymentEmail {
            recipient: user(),
            course_name: "Rust".to_owned(),
            invoice_url: None,
            paid: None,
            rebilled: false,
        };
        assert_eq!(
            DocumentEmail::PaymentEmail(invoice.clone()).linked(link()),
            DocumentEmail::PaymentEmail(PaymentEmail { invoice_url: link(), ..invoice })
        );
        let DocumentEmail::RefundEmail(email) = mail_to(MailTo::Known(addressee)) else { panic!("a mail") };
        assert_eq!(email.correction_url, link());
        let DocumentEmail::MailData(mail_data) = mail_to(MailTo::NotKnownYet(mail_data().subject)) else {
            panic!("a look-up")
        };
        assert_eq!(mail_data.mail, MailContent::Refund { correction_url: link(), amounts: None });
    }
}
