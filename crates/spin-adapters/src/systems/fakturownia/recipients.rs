//! The recipients of an invoice, for its correction.

use super::object::{Object, field};
use serde_json::{Map, Value};

/// What is taken over of each (README.md, "Odbiorcy/Wystawcy na fakturze"). An `id` would be that of the invoice's own.
const FIELDS: [&str; 16] = [
    "name",
    "first_name",
    "last_name",
    "tax_no",
    "tax_no_kind",
    "company",
    "country",
    "city",
    "post_code",
    "street",
    "phone",
    "email",
    "note",
    "role",
    "role_description",
    "participation",
];

/// The recipients as they are sent again, if the vendor's answer has them (*claimed*).
pub(super) fn of(invoice: &Object) -> Option<(String, Value)> {
    let recipients: Vec<Value> =
        field(invoice, "recipients").as_array()?.iter().filter_map(Value::as_object).map(copy).collect();
    (!recipients.is_empty()).then(|| ("recipients".to_owned(), recipients.into()))
}

fn copy(recipient: &Object) -> Value {
    let value = |key: &&str| recipient.get(*key).filter(|value| !value.is_null()).cloned();
    FIELDS.iter().filter_map(|key| Some(((*key).to_owned(), value(key)?))).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn recipients_are_sent_again_without_their_ids() {
        let of = |recipients: Value| of(json!({"recipients": recipients}).as_object().unwrap());
        let school = json!({"name": "School", "tax_no": "", "role": "JST – odbiorca"});
        let shown =
            json!({"id": 9, "name": "School", "tax_no": "", "role": "JST – odbiorca", "email": null, "more": 1});
        assert_eq!(of(json!([shown])), Some(("recipients".to_owned(), json!([school]))));
        for none in [json!(null), json!([]), json!("x"), json!([1])] {
            assert_eq!(of(none.clone()), None, "{none}");
        }
    }
}
