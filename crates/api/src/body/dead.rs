//! Which dead deliveries to retry.

use super::fields::Fields;
use crate::Problem;
use domain::jobs::Kind;
use domain::jobs::outbox::DeadJobs;
use domain::model::reason::ReasonCode;
#[cfg(feature = "openapi")]
use {crate::wire::enumerations, serde::Serialize, utoipa::ToSchema};

#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeadDeliveries<'a> {
    #[schema(schema_with = enumerations::known_delivery_kind)]
    kind: &'a str,
    /// Only those whose last attempt failed for this reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = enumerations::known_reason)]
    reason: Option<&'a str>,
}

/// Parses which dead deliveries to retry.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_dead(body: &[u8]) -> Result<DeadJobs, Problem> {
    let mut fields = Fields::parse(body)?;
    let kind = fields.text("kind", "A kind", |word| Kind::from_word(word).ok_or("must be a kind of delivery"));
    let reason = fields.if_given("reason", |fields, name| {
        fields.text(name, "A reason", |word| ReasonCode::parse(word).ok_or("must be the code of a reason"))
    });
    fields.refuse_others(&["kind", "reason"]);
    fields.finish(kind.map(|kind| DeadJobs { kind, reason }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_required() {
        let (kind, timeout) = (Kind::Invoice, Some(ReasonCode::Timeout));
        assert_eq!(parse_dead(br#"{"kind": "invoice"}"#), Ok(DeadJobs { kind, reason: None }));
        let both = br#"{"kind": "invoice", "reason": "timeout"}"#;
        assert_eq!(parse_dead(both), Ok(DeadJobs { kind, reason: timeout }));
        for body in
            [r"{}", r#"{"kind": "x"}"#, r#"{"kind": "invoice", "reason": ""}"#, r#"{"kind": "invoice", "id": 1}"#]
        {
            assert_eq!(parse_dead(body.as_bytes()).unwrap_err().status, 400, "{body}");
        }
    }
}
