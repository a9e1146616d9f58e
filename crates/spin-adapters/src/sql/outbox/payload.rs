//! A job's payload as the text that the outbox keeps: JSON.

use domain::jobs::{Kind, Payload};

pub(crate) fn to_json(payload: &Payload) -> String {
    // Writing a plain record to memory does not fail.
    serde_json::to_string(payload).unwrap_or_default()
}

/// None if the text is not what [`to_json`] writes for this kind.
pub(crate) fn from_json(kind: &str, json: &str) -> Option<Payload> {
    Payload::deserialize(Kind::from_word(kind)?, &mut serde_json::Deserializer::from_str(json)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form of version 1.
    const EMAIL: &str =
        r#"{"recipient":{"first_name":"A","last_name":"B","email":"a@b"},"course_name":"C","invoice_url":null}"#;

    #[test]
    fn payloads_come_back_as_they_were() {
        let payload = from_json("payment_email", EMAIL).unwrap();
        assert_eq!((payload.kind(), to_json(&payload).as_str()), (Kind::PaymentEmail, EMAIL));
    }

    #[test]
    fn other_texts_are_none() {
        assert_eq!(from_json("invoice", "{}"), None);
        assert_eq!(from_json("later", EMAIL), None);
        assert_eq!(from_json("payment_email", "x"), None);
        assert_eq!(from_json("invoice", EMAIL), None);
    }
}
