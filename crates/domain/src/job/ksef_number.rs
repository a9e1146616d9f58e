//! The number that KSeF gives a document.

use super::{Delivery, JobKind, Target};
use crate::EnrolmentId;
use crate::invoice::DocumentKind;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Whose number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KsefNumber {
    /// An enrolment has one of each kind.
    #[serde(serialize_with = "write", deserialize_with = "read")]
    pub document: DocumentKind,
    /// The invoicing service's own id for it.
    pub vendor_id: i64,
    /// Whether the buyer was erased since: why KSeF refuses the document, which may name
    /// the buyer, is not kept then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
}

impl JobKind for KsefNumber {
    const WORD: &'static str = "ksef_number";
    const TARGET: Target = Target::Ksef;

    /// A release that knows no erasure would keep it.
    fn version(&self) -> i64 {
        if self.erased { 3 } else { 1 }
    }

    fn subject(&self, enrolment_id: EnrolmentId) -> String {
        format!("{}:{enrolment_id}", self.document.as_str())
    }

    fn delivery(&self) -> Delivery<'_> {
        Delivery::KsefNumber(*self)
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

    #[test]
    fn it_is_kept_as_it_is() {
        let json = r#"{"document":"correction","vendor_id":5}"#;
        let number: KsefNumber = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&number).unwrap(), json);
        assert_eq!(number.subject(EnrolmentId::new(7).unwrap()), "correction:7");
        assert!(serde_json::from_str::<KsefNumber>(&json.replace("correction", "receipt")).is_err());
        let erased = KsefNumber { erased: true, ..number };
        assert_eq!((erased.version(), number.version()), (3, 1));
        assert_eq!(serde_json::from_str::<KsefNumber>(&serde_json::to_string(&erased).unwrap()).unwrap(), erased);
    }
}
