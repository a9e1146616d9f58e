//! The number that KSeF gives a document.

use super::{JobKind, Payload, PaymentEmail, RefundEmail, Target, Unaddressed, UnaddressedMail};
use crate::EnrolmentId;
use crate::model::invoice::DocumentKind;
use crate::model::terms::Account;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Whose number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KsefNumber {
    /// An enrolment has one of each kind.
    #[serde(serialize_with = "write", deserialize_with = "read")]
    pub document: DocumentKind,
    /// The invoicing service's own id for it.
    pub vendor_id: i64,
    /// Whether the buyer was erased since: why KSeF refuses the document, which may name
    /// the buyer, is not kept then.
    pub erased: bool,
    /// The account that has the document.
    pub account: Account,
    /// Whether nobody asked for the number: the account may send the document by itself.
    pub unasked: bool,
    /// What waits for the number; none if nothing does.
    pub withheld: Option<Withheld>,
}

/// What a customer gets of a document that counts as issued with its number only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// The page that shows it.
    pub url: Option<String>,
    /// The mail with the link; none if nobody is mailed.
    pub email: Option<DocumentEmail>,
}

/// A mail that links to a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentEmail {
    /// To an invoice.
    PaymentEmail(PaymentEmail),
    /// To a correction.
    RefundEmail(RefundEmail),
    /// The same, to somebody who has to be looked up first.
    MailData(Unaddressed),
}

impl DocumentEmail {
    /// None if the job is another one.
    #[must_use]
    pub fn of(payload: Payload) -> Option<Self> {
        match payload {
            Payload::PaymentEmail(email) => Some(Self::PaymentEmail(email)),
            Payload::RefundEmail(email) => Some(Self::RefundEmail(email)),
            Payload::MailData(unaddressed) => Some(Self::MailData(unaddressed)),
            _ => None,
        }
    }

    /// The same mail with another link.
    #[must_use]
    pub fn linked(self, url: Option<String>) -> Self {
        match self {
            Self::PaymentEmail(email) => Self::PaymentEmail(PaymentEmail { invoice_url: url, ..email }),
            Self::RefundEmail(email) => Self::RefundEmail(RefundEmail { correction_url: url, ..email }),
            Self::MailData(unaddressed) => {
                Self::MailData(Unaddressed { mail: UnaddressedMail::Refund { correction_url: url }, ..unaddressed })
            }
        }
    }
}

impl From<DocumentEmail> for Payload {
    fn from(email: DocumentEmail) -> Self {
        match email {
            DocumentEmail::PaymentEmail(email) => Self::PaymentEmail(email),
            DocumentEmail::RefundEmail(email) => Self::RefundEmail(email),
            DocumentEmail::MailData(unaddressed) => Self::MailData(unaddressed),
        }
    }
}

impl KsefNumber {
    /// What is left of it once the buyer is erased: nobody is mailed.
    #[must_use]
    pub fn erased(&self) -> Self {
        let withheld = self.withheld.as_ref().map(|withheld| Withheld { url: withheld.url.clone(), email: None });
        Self { erased: true, withheld, ..self.clone() }
    }
}

impl JobKind for KsefNumber {
    const WORD: &'static str = "ksef_number";
    const TARGET: Target = Target::Ksef;

    fn subject(&self, enrolment_id: EnrolmentId) -> String {
        format!("{}:{enrolment_id}", self.document.as_str())
    }
}

fn write<S: Serializer>(kind: &DocumentKind, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(kind.as_str())
}

fn read<'de, D: Deserializer<'de>>(from: D) -> Result<DocumentKind, D::Error> {
    let word = String::deserialize(from)?;
    DocumentKind::parse(&word).ok_or_else(|| de::Error::custom("a document of another kind"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{ksef_number, purchase, refund, unaddressed};
    use crate::jobs::Refund;
    use crate::model::note::MailTo;

    #[test]
    fn it_is_kept_in_the_form_of_version_1() {
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
    fn a_mail_is_kept_under_its_kind_and_goes_with_its_addressee() {
        let url = Some("https://a.example/1".to_owned());
        let later = Refund { mail_to: MailTo::NotKnownYet(unaddressed().subject), ..refund() };
        for (payload, word) in [
            (purchase().email(url.clone()), "payment_email"),
            (refund().email(url.clone()).unwrap(), "refund_email"),
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
}
