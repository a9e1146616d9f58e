//! What Fakturownia refuses: the account or the document.
//!
//! What the account lacks keeps every document from being issued until a person mends it:
//! the jobs wait. What is not on the lists below is the document's, and its job is dead.
//! Statuses that concern the whole account are in [`crate::outbound::status`].

use super::expected::{About, Expected};
use super::failure::unknown;
use super::object::Object;
use crate::outbound::Reply;
use domain::jobs::outbox::Failure;
use domain::model::invoice::Created;
use domain::model::reason::ReasonCode;
use serde_json::Value;

/// Fields of an invoice that the account decides, not the customer; those of the seller
/// besides.
///
/// - `department_id`: the number of a department of the account (README.md, "Pola faktury").
/// - `exempt_tax_kind`, `np_tax_kind`: the same for all customers; the first has to be
///   switched on in the account's settings (README.md, "Pola faktury").
/// - `seller_*`: taken from the account, where KSeF needs them (KSeF.md, "Dane sprzedawcy").
const FIELDS_OF_ACCOUNT: [&str; 3] = ["department_id", "exempt_tax_kind", "np_tax_kind"];

/// Beginnings of words that tell of the account's plan in an error that names no field.
/// *Claimed*: the vendor documents no text for it.
const WORDS_OF_PLAN: [&str; 4] = ["limit", "abonament", "pakiet", "subscription"];

/// A refusal of a request for a document.
pub(super) fn refusal(reply: &Reply, body: Option<&Value>, asked: &Expected<'_>) -> Result<Created, Failure> {
    let speaks_of_oid = match body {
        Some(body) => names_oid(body),
        None => has_oid(&String::from_utf8_lossy(&reply.body)),
    };
    if speaks_of_oid {
        return Ok(Created::Taken);
    }
    // What is cut off may have spoken of it.
    if body.is_none() && reply.body.trim_ascii_start().starts_with(b"{") {
        return Err(unknown(ReasonCode::UnreadableAnswer.with("refusal"), reply));
    }
    let message = body.and_then(Value::as_object).map_or(&Value::Null, message);
    let fields = fields(message);
    let status = reply.status;
    let detail = if fields.is_empty() { status.to_string() } else { format!("{status}, {}", fields.join(", ")) };
    if is_of_plan(message) {
        return Err(Failure::Down { reason: ReasonCode::PlanUsedUp.with(detail), after: reply.retry_after });
    }
    // A correction has them from its invoice: there they are the document's.
    let of_account = |field: &&str| FIELDS_OF_ACCOUNT.contains(field) || field.starts_with("seller_");
    if matches!(asked.about, About::Buyer(_)) && fields.iter().any(of_account) {
        return Err(Failure::Down {
            reason: ReasonCode::AccountSettingsRefused.with(detail),
            after: reply.retry_after,
        });
    }
    Err(Failure::Refused { reason: ReasonCode::DocumentRefused.with(detail) })
}

fn message(error: &Object) -> &Value {
    ["message", "errors", "error"].iter().find_map(|key| error.get(*key)).unwrap_or(&Value::Null)
}

/// The names of the fields that are at fault, as the vendor calls them; never a value.
fn fields(message: &Value) -> Vec<&str> {
    const MOST: usize = 8;
    const LONGEST: usize = 40;
    let is_name = |name: &str| {
        (1..=LONGEST).contains(&name.len())
            && name.bytes().all(|own| own.is_ascii_lowercase() || own.is_ascii_digit() || b"_.".contains(&own))
    };
    let faulty = message.as_object().into_iter().flatten().filter(|(_, faults)| !is_blank(faults));
    faulty.map(|(name, _)| name.as_str()).filter(|name| is_name(name)).take(MOST).collect()
}

/// Whether a text that belongs to no field tells of the plan.
fn is_of_plan(message: &Value) -> bool {
    let text = match message {
        Value::String(text) => text.clone(),
        Value::Object(fields) => fields.get("base").map(Value::to_string).unwrap_or_default(),
        _ => return false,
    };
    let text = text.to_lowercase();
    let mut words = text.split(|character: char| !character.is_alphanumeric());
    words.any(|word| WORDS_OF_PLAN.iter().any(|beginning| word.starts_with(beginning)))
}

/// Whether an error is about the `oid`: as a key or as a word of a text,
/// wherever. How the service words a taken one is not documented. What it
/// repeats of the request says nothing.
fn names_oid(error: &Value) -> bool {
    match error {
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| *key != "invoice")
            .any(|(key, value)| (has_oid(key) && !is_blank(value)) || names_oid(value)),
        Value::Array(values) => values.iter().any(names_oid),
        Value::String(text) => has_oid(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// No error: forms list every field, those with nothing wrong as well.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn has_oid(text: &str) -> bool {
    text.split(|character: char| !character.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("oid"))
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::{asked, reply};
    use super::*;
    use domain::Balance;
    use serde_json::json;

    fn refused(message: &Value) -> Failure {
        let body = json!({"code": "error", "message": message});
        refusal(&reply(422, &body), Some(&body), &asked()).unwrap_err()
    }

    #[test]
    fn the_fields_are_named_and_no_value_is() {
        for (message, detail) in [
            (json!({"buyer_tax_no": ["- Ann"], "buyer_phone": ["- 600"]}), "422, buyer_phone, buyer_tax_no"),
            (json!({"positions.name": ["- x"], "buyer_email": []}), "422, positions.name"),
            (json!({"Ann Example": ["- x"], "a".repeat(41): ["- x"]}), "422"),
            (json!("Ann Example is wrong"), "422"),
            (json!(["buyer_name"]), "422"),
            (json!(null), "422"),
        ] {
            assert_eq!(
                refused(&message),
                Failure::Refused { reason: ReasonCode::DocumentRefused.with(detail) },
                "{message}"
            );
        }
        let many: Object = (10..30).map(|n| (format!("field_{n}"), json!(["- x"]))).collect();
        assert_eq!(refused(&Value::Object(many)).reason().detail.matches("field_").count(), 8);
    }

    #[test]
    fn what_the_account_lacks_keeps_the_jobs_waiting() {
        let (settings, plan) = (ReasonCode::AccountSettingsRefused, ReasonCode::PlanUsedUp);
        for (message, reason) in [
            (json!({"department_id": ["- x"]}), settings.with("422, department_id")),
            (
                json!({"exempt_tax_kind": ["- x"], "buyer_name": ["- x"]}),
                settings.with("422, buyer_name, exempt_tax_kind"),
            ),
            (json!({"np_tax_kind": ["- x"]}), settings.with("422, np_tax_kind")),
            (json!({"seller_tax_no": ["- x"]}), settings.with("422, seller_tax_no")),
            (json!("Przekroczono limit faktur"), plan.with("422")),
            (json!({"base": ["- Twój abonament wygasł"]}), plan.with("422, base")),
        ] {
            assert_eq!(refused(&message), Failure::Down { reason, after: None }, "{message}");
        }
        // Of a field, these words tell of its length.
        let long = json!({"buyer_phone": ["- limit 16"]});
        assert!(matches!(refused(&long), Failure::Refused { .. }));
    }

    #[test]
    fn of_a_correction_they_are_the_documents() {
        let about = About::Invoice { id: 5, buyer: None, part: None };
        let asked = Expected { gross: Balance(-19999), about, ..asked() };
        let body = json!({"code": "error", "message": {"department_id": ["- x"]}});
        let reason = ReasonCode::DocumentRefused.with("422, department_id");
        assert_eq!(refusal(&reply(422, &body), Some(&body), &asked), Err(Failure::Refused { reason }));
    }
}
