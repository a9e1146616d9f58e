//! The correction to zero of a refunded payment's invoice.

use super::{Delivery, JobKind, Payload, RefundEmail, Target, day, person};
use crate::User;
use crate::note::{Addressee, Reason};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What went back. The invoice itself has the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", from = "Stored")]
pub struct Refund {
    /// Who hears of it; nobody where the user is not known any more.
    pub addressee: Option<Addressee>,
    /// Why, if that was said.
    pub reason: Option<Reason>,
    /// The day of the refund in Warsaw.
    pub refunded_on: NaiveDate,
}

impl JobKind for Refund {
    const WORD: &'static str = "correction";
    const TARGET: Target = Target::Invoices;

    fn delivery(&self) -> Delivery<'_> {
        Delivery::Correction(self)
    }
}

impl Refund {
    /// The email that follows once the correction is issued, or at once where there is
    /// nothing to correct; none if nobody hears of it.
    #[must_use]
    pub fn email(&self, correction_url: Option<String>) -> Option<Payload> {
        let Addressee { recipient, course_name } = self.addressee.clone()?;
        let reason = self.reason.clone();
        Some(Payload::RefundEmail(RefundEmail { recipient, course_name, reason, correction_url }))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    addressee: Option<StoredAddressee>,
    reason: Option<Reason>,
    #[serde(with = "day")]
    refunded_on: NaiveDate,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredAddressee {
    #[serde(with = "person")]
    recipient: User,
    course_name: String,
}

impl From<Refund> for Stored {
    fn from(refund: Refund) -> Self {
        let Refund { addressee, reason, refunded_on } = refund;
        let addressee =
            addressee.map(|Addressee { recipient, course_name }| StoredAddressee { recipient, course_name });
        Self { addressee, reason, refunded_on }
    }
}

impl From<Stored> for Refund {
    fn from(stored: Stored) -> Self {
        let Stored { addressee, reason, refunded_on } = stored;
        let addressee =
            addressee.map(|StoredAddressee { recipient, course_name }| Addressee { recipient, course_name });
        Self { addressee, reason, refunded_on }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_as_it_is() {
        for json in [
            r#"{"addressee":{"recipient":{"first_name":"A","last_name":"B","email":"a@b"},"course_name":"C"},"reason":"R","refunded_on":"2026-02-01"}"#,
            r#"{"addressee":null,"reason":null,"refunded_on":"2026-02-01"}"#,
        ] {
            let refund: Refund = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&refund).unwrap(), json);
            assert_eq!(refund.email(None).is_some(), refund.addressee.is_some());
            let wrong = json.replace("2026-02-01", "2026-02-30");
            assert!(serde_json::from_str::<Refund>(&wrong).is_err());
        }
    }
}
