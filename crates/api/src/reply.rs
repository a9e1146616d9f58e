//! Responses.

use crate::json::{write_number, write_or_null, write_plain, write_text};
use crate::{BASE, Problem};
use domain::Enrolment;
use http::StatusCode;
use std::borrow::Cow;

/// A response with its whole body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body's type.
    pub content_type: &'static str,
    /// Headers other than `Content-Type` and `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Cow<'static, [u8]>,
}

impl Reply {
    pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// A response with any content type.
    #[must_use]
    pub fn new(status: StatusCode, content_type: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Self {
        Self { status, content_type, headers: Vec::new(), body: body.into() }
    }
}

/// `Retry-After`, in seconds.
pub(crate) const RETRY_AFTER: &str = "5";

impl From<&Problem> for Reply {
    fn from(problem: &Problem) -> Self {
        let mut reply = Self::json(problem.status, problem.to_json());
        if let Some(methods) = problem.allow {
            reply.headers.push(("allow", methods.to_string()));
        }
        if problem.retry {
            reply.headers.push(("retry-after", RETRY_AFTER.to_owned()));
        }
        if problem.status == StatusCode::UNAUTHORIZED {
            reply.headers.push(("www-authenticate", "Bearer".to_owned()));
        }
        reply
    }
}

/// Writes an enrolment, with exactly these keys. It does without a serializer, because a
/// list has thousands of enrolments.
pub(crate) fn write(enrolment: &Enrolment, out: &mut Vec<u8>) {
    write_open(enrolment, out);
    out.push(b'}');
}

/// The same without the brace at its end.
pub(crate) fn write_open(enrolment: &Enrolment, out: &mut Vec<u8>) {
    let Enrolment { id, user_id, course_id, status, payment_status, invoice_url } = enrolment;
    out.extend_from_slice(b"{\"id\":");
    write_number(id.get(), out);
    out.extend_from_slice(b",\"user_id\":");
    write_text(user_id.as_str(), out);
    out.extend_from_slice(b",\"course_id\":");
    write_number(course_id.get(), out);
    out.extend_from_slice(b",\"status\":");
    write_plain(status.as_str(), out);
    out.extend_from_slice(b",\"payment_status\":");
    write_plain(payment_status.as_str(), out);
    out.extend_from_slice(b",\"invoice_url\":");
    write_or_null(invoice_url.as_deref(), out, write_text);
}

fn to_json(enrolment: &Enrolment) -> Vec<u8> {
    let mut json = Vec::with_capacity(256);
    write(enrolment, &mut json);
    json
}

/// 200 with an enrolment.
#[must_use]
pub fn enrolment(enrolment: &Enrolment) -> Reply {
    Reply::json(StatusCode::OK, to_json(enrolment))
}

/// 201 with a new enrolment and its `Location`.
#[must_use]
pub fn created(enrolment: &Enrolment) -> Reply {
    let location = format!("{BASE}/{}", enrolment.id);
    let mut reply = Reply::json(StatusCode::CREATED, to_json(enrolment));
    reply.headers.push(("location", location));
    reply
}

/// 204.
#[must_use]
pub fn no_content() -> Reply {
    Reply::json(StatusCode::NO_CONTENT, Vec::new())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::{CourseId, EnrolmentId, PaymentStatus, Status, UserId};

    pub(crate) fn sample() -> Enrolment {
        Enrolment {
            id: EnrolmentId::new(1).unwrap(),
            user_id: UserId::new("63a1f1234abc5678def12345").unwrap(),
            course_id: CourseId::new(1).unwrap(),
            status: Status::Active,
            payment_status: PaymentStatus::Pending,
            invoice_url: None,
        }
    }

    const SAMPLE: &str = r#"{"id":1,"user_id":"63a1f1234abc5678def12345","course_id":1,"status":"active","payment_status":"pending","invoice_url":null}"#;

    fn text(reply: &Reply) -> &str {
        std::str::from_utf8(&reply.body).unwrap()
    }

    #[test]
    fn an_enrolment_has_six_keys() {
        assert_eq!(text(&enrolment(&sample())), SAMPLE);
        let paid = Enrolment {
            status: Status::Completed,
            payment_status: PaymentStatus::Paid,
            invoice_url: Some("https://a.example/i".to_owned()),
            ..sample()
        };
        assert!(
            text(&enrolment(&paid))
                .ends_with(r#""status":"completed","payment_status":"paid","invoice_url":"https://a.example/i"}"#)
        );
        let failed = Enrolment { status: Status::Canceled, payment_status: PaymentStatus::Failed, ..sample() };
        assert!(text(&enrolment(&failed)).contains(r#""status":"canceled","payment_status":"failed""#));
    }

    #[test]
    fn a_new_enrolment_has_a_location() {
        let reply = created(&sample());
        assert_eq!((reply.status.as_u16(), text(&reply)), (201, SAMPLE));
        assert_eq!(reply.headers, [("location", "/api/enrolment/1".to_owned())]);
    }

    #[test]
    fn no_content_has_no_body() {
        assert_eq!((no_content().status.as_u16(), no_content().body.len()), (204, 0));
    }

    #[test]
    fn errors_have_their_headers() {
        let headers = |problem: Problem| Reply::from(&problem).headers;
        let unavailable = domain::Unavailable::new(domain::System::Database, "down");
        assert_eq!(headers(unavailable.into()), [("retry-after", "5".to_owned())]);
        assert_eq!(headers(domain::Error::InProgress.into()), [("retry-after", "5".to_owned())]);
        assert_eq!(headers(Problem::no_token()), [("www-authenticate", "Bearer".to_owned())]);
        let refused = Problem::method_not_allowed(crate::Methods(&[("POST", crate::Needs::Callers)]));
        assert_eq!(headers(refused), [("allow", "POST, OPTIONS".to_owned())]);
        assert_eq!(headers(Problem::no_such_path()), []);
        assert_eq!(headers(Problem::forbidden(crate::Role::Callers)), []);
    }
}
