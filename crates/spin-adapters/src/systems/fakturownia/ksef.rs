//! KSeF, as Fakturownia speaks of it: `gov_save_and_send` beside a document asks for its
//! number, `gov_status`, `gov_id` and `gov_error_messages` say how far it is (the vendor's
//! description of May 2026).

use super::failure::{later, no_look_up};
use super::object::{Object, field, id_of, is_true, text_of};
use crate::outbound::Reply;
use domain::jobs::outbox::Failure;
use domain::model::ksef::{Ksef, KsefStatus, Look};
use domain::model::reason::ReasonCode;
use serde_json::Value;

/// Whether the buyer is one.
pub(super) fn is_company(document: &Object) -> bool {
    is_true(field(document, "buyer_company"))
}

/// What a document says of itself; none where it is not sent. What is no status as far as
/// is known here may become one: it is none that says nothing.
pub(super) fn of(document: &Object) -> Option<Ksef> {
    /// The longest number that is kept, in bytes; KSeF's have 35.
    const LONGEST: usize = 64;
    let status = match field(document, "gov_status") {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        said => Some(said.as_str().and_then(KsefStatus::new).unwrap_or_else(KsefStatus::unknown)),
    };
    let number = field(document, "gov_id").as_str().map(str::trim);
    let number = number.filter(|text| (1..=LONGEST).contains(&text.len()) && !text.contains(char::is_control));
    match (status, number) {
        (None, None) => None,
        (status, number) => {
            Some(Ksef { status: status.unwrap_or_else(KsefStatus::requested), number: number.map(str::to_owned) })
        }
    }
}

/// Whether the vendor names faults for which it does not send the document (KSeF.md,
/// "Zachowanie gdy wyłączone").
pub(super) fn has_faults(document: &Object) -> bool {
    match field(document, "gov_error_messages") {
        Value::Array(messages) => !messages.is_empty(),
        Value::String(text) => !text.trim().is_empty(),
        _ => false,
    }
}

/// What the answer to a look at one document says.
pub(super) fn look(reply: &Reply, vendor_id: i64) -> Result<Look, Failure> {
    let document = match reply.status {
        200 => serde_json::from_slice::<Object>(&reply.body)
            .map_err(|_| later(ReasonCode::UnreadableAnswer.with("document")))?,
        404 => return Err(later(ReasonCode::KsefDocumentNotFound)),
        _ => return Err(no_look_up(reply)),
    };
    if id_of(field(&document, "id")) != Some(vendor_id) {
        return Err(later(ReasonCode::AnswerOfAnotherDocument));
    }
    let messages = field(&document, "gov_error_messages");
    let (reasons, duplicate) = (reasons(messages), tells_of_a_duplicate(messages));
    let (ksef, said) = (of(&document), field(&document, "gov_status"));
    let reasons = match &ksef {
        _ if !reasons.is_empty() => reasons,
        _ if has_faults(&document) => "faults".to_owned(),
        Some(ksef) if ksef.status == KsefStatus::unknown() => first_of(&text_of(said).unwrap_or_default()),
        _ => reasons,
    };
    Ok(Look { ksef, reasons, duplicate })
}

/// The first characters of all of them.
fn reasons(messages: &Value) -> String {
    let texts: Vec<&str> = match messages {
        Value::String(text) => vec![text],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    first_of(&texts.join("; "))
}

fn first_of(text: &str) -> String {
    const MOST: usize = 200;
    text.chars().map(|own| if own.is_control() { ' ' } else { own }).take(MOST).collect()
}

/// Wherever they say it: also behind what is kept of them, and in what is no text.
fn tells_of_a_duplicate(messages: &Value) -> bool {
    match messages {
        Value::String(text) => speaks_of_a_duplicate(text),
        Value::Number(code) => speaks_of_a_duplicate(&code.to_string()),
        Value::Array(messages) => messages.iter().any(tells_of_a_duplicate),
        Value::Object(fields) => fields.values().any(tells_of_a_duplicate),
        Value::Null | Value::Bool(_) => false,
    }
}

/// KSeF's code for one is 440; the vendor's words are not documented.
fn speaks_of_a_duplicate(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut words = text.split(|character: char| !character.is_alphanumeric());
    words.any(|word| word == "440" || word.starts_with("duplikat") || word.starts_with("duplicate"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::ksef::Progress;
    use serde_json::json;

    fn reply(status: u16, body: &Value) -> Reply {
        Reply { status, retry_after: None, body: body.to_string().into_bytes() }
    }

    fn seen(body: &Value) -> Look {
        look(&reply(200, body), 7).unwrap()
    }

    #[test]
    fn a_look_says_how_far_it_is() {
        let accepted = seen(&json!({"id": "7", "gov_status": "ok", "gov_id": " 525-1 ", "gov_error_messages": null}));
        let ksef = accepted.ksef.unwrap();
        assert_eq!((ksef.status.as_str(), ksef.number.as_deref()), ("ok", Some("525-1")));
        assert_eq!((accepted.reasons.as_str(), accepted.duplicate), ("", false));
        for nothing in [json!(null), json!(""), json!(" ")] {
            assert_eq!(seen(&json!({"id": 7, "gov_status": nothing})).ksef, None, "{nothing}");
        }
        for (other, said) in [
            (json!("blocked_403_error"), "blocked_403_error"),
            (json!(7), "7"),
            (json!("<\n>"), "< >"),
            (json!({}), ""),
        ] {
            let look = seen(&json!({"id": 7, "gov_status": other}));
            let ksef = look.ksef.unwrap();
            assert_eq!((ksef.status.as_str(), ksef.progress()), ("unknown", Progress::UnderWay), "{other}");
            assert_eq!((look.reasons.as_str(), look.duplicate), (said, false));
        }
        let unsaid = seen(&json!({"id": 7, "gov_status": 5, "gov_id": "525-1"})).ksef.unwrap();
        assert_eq!((unsaid.number.as_deref(), unsaid.progress()), (Some("525-1"), Progress::Ended));
        for number in [json!("a\nb"), json!("a".repeat(65)), json!(5), json!("  ")] {
            assert_eq!(
                seen(&json!({"id": 7, "gov_status": "ok", "gov_id": number})).ksef.unwrap().number,
                None,
                "{number}"
            );
        }
    }

    #[test]
    fn reasons_are_short_and_of_one_line() {
        let said = |messages: &Value| {
            let look = seen(&json!({"id": 7, "gov_status": "send_error", "gov_error_messages": messages}));
            (look.reasons, look.duplicate)
        };
        assert_eq!(said(&json!(["NIP\n\u{1b}", 5, "adres"])), ("NIP  ; adres".to_owned(), false));
        assert_eq!(said(&json!("ż".repeat(300))).0, "ż".repeat(200));
        for duplicate in ["440: x", "Duplikat faktury", "Invoice DUPLICATE"] {
            assert!(said(&json!([duplicate])).1, "{duplicate}");
        }
        for other in ["NIP 4405", "x440", "nip"] {
            assert!(!said(&json!([other])).1, "{other}");
        }
        // Also behind what is kept, and where it is no text.
        let long = "ż".repeat(300);
        for duplicate in
            [json!([long, "440: Duplikat faktury"]), json!([{"code": 440, "description": "Duplikat"}]), json!([440])]
        {
            assert!(said(&duplicate).1, "{duplicate}");
        }
    }

    #[test]
    fn an_answer_that_proves_nothing_is_a_failure() {
        for (status, body, reason) in [
            (200, json!([]), ReasonCode::UnreadableAnswer.with("document")),
            (200, json!({"id": 8, "gov_status": "ok"}), ReasonCode::AnswerOfAnotherDocument.into()),
            (404, json!({}), ReasonCode::KsefDocumentNotFound.into()),
            (418, json!({}), ReasonCode::UnexpectedStatus.with(418)),
        ] {
            let failure = look(&reply(status, &body), 7).unwrap_err();
            assert_eq!(failure, later(reason));
        }
        for status in [401, 500, 503] {
            assert!(matches!(look(&reply(status, &json!({})), 7), Err(Failure::Down { .. })), "{status}");
        }
    }
}
