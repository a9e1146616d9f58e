//! What the look-ups at the users and courses services have in common: which
//! answers are a record, which say that there is none, and which of the others
//! say to ask again.

use crate::Deadline;
use crate::outbound::{Reply, Request, TOO_LARGE, exchange};
use crate::systems::services::template::Template;
use api::{Field, Record};
use domain::{LookUpError, System, Unavailable, Unusable};
use serde::de::IgnoredAny;
use spin_sdk::http::Method;
use std::time::Duration;

/// The two are asked side by side, inside a request whose caller waits 5 s.
const DEADLINE: Duration = Duration::from_millis(1500);

/// Why a reply holds no record and does not say either that there is none.
/// Causes are this project's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoRecord {
    /// The service says to ask again, or it was another that answered in its place.
    Unavailable(&'static str),
    /// It is no answer to the question.
    Unusable(String),
}

/// It is no answer to the question, for this cause.
pub(crate) fn unusable(cause: impl ToString) -> NoRecord {
    NoRecord::Unusable(cause.to_string())
}

/// A service that has records.
pub(crate) struct Service {
    pub(crate) system: System,
    pub(crate) origin: String,
    pub(crate) path: Template,
    /// Sent as `Authorization: Bearer`.
    pub(crate) token: Option<String>,
}

impl Service {
    /// GETs the record with this id and reads the reply with `read`.
    pub(crate) async fn look_up<T>(
        &self,
        id: &str,
        read: impl FnOnce(&Reply) -> Result<Option<T>, NoRecord>,
    ) -> Result<Option<T>, LookUpError> {
        let authorization = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let request = Request {
            method: Method::Get,
            origin: &self.origin,
            path_and_query: &self.path.with(id),
            authorization: authorization.as_deref(),
            headers: &[],
            json: None,
        };
        let found = match exchange(request, Deadline::Each(DEADLINE)).await {
            Ok(reply) => read(&reply),
            Err(TOO_LARGE) => Err(unusable(TOO_LARGE.code().text())),
            Err(other) => Err(NoRecord::Unavailable(other.code().text())),
        };
        found.map_err(|no_record| match no_record {
            NoRecord::Unavailable(cause) => Unavailable::new(self.system, cause).into(),
            NoRecord::Unusable(cause) => Unusable { system: self.system, cause }.into(),
        })
    }
}

/// The record in a reply; none if the service knows none. A service that calls
/// the id itself malformed knows none either. Both have to be said in JSON: a
/// page may come from whatever stands before the service while it is away.
pub(crate) fn record(reply: &Reply) -> Result<Option<Record<'_>>, NoRecord> {
    match reply.status {
        200 if !opens_object(&reply.body) => Err(unusable("no JSON object")),
        200 => serde_json::from_slice(&reply.body).map(Some).map_err(|_| unusable("unreadable JSON")),
        400 | 404 | 410 | 422 if is_object(&reply.body) => Ok(None),
        400 | 404 | 410 | 422 => Err(NoRecord::Unavailable("not found, but not by the service")),
        401 | 403 => Err(NoRecord::Unavailable("access refused")),
        408 | 425 | 429 => Err(NoRecord::Unavailable("asked to wait")),
        500.. => Err(NoRecord::Unavailable("server error")),
        300..=399 => Err(unusable("redirected")),
        _ => Err(unusable("unexpected status")),
    }
}

/// Whether it is an object, if it is JSON: the library would take an array for a
/// record as well.
fn opens_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

fn is_object(body: &[u8]) -> bool {
    opens_object(body) && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

/// Checks that a record that says its id is the one that was asked for.
pub(crate) fn check_id(id: &Field<'_>, asked: &str) -> Result<(), NoRecord> {
    let same = match id {
        Field::Text(text) => text == asked,
        Field::Integer(number) => number.to_string() == asked,
        id => !id.is_given(),
    };
    if same { Ok(()) } else { Err(unusable("id is another")) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn reply(status: u16, body: &str) -> Reply {
        Reply { status, retry_after: None, body: body.as_bytes().to_vec() }
    }

    fn read(status: u16, body: &str) -> Result<bool, NoRecord> {
        record(&reply(status, body)).map(|found| found.is_some())
    }

    #[test]
    fn statuses_say_whether_there_is_a_record() {
        assert_eq!(read(200, " {}"), Ok(true));
        for status in [400, 404, 410, 422] {
            assert_eq!(read(status, "\n{\"message\": \"gone\"}"), Ok(false), "{status}");
        }
    }

    #[test]
    fn a_page_in_the_place_of_the_service_says_nothing_about_the_record() {
        for status in [400, 404, 410, 422] {
            for body in ["", "<html>404</html>", "default backend - 404", "[]", "null", "\"gone\"", "{\"message\":"] {
                assert!(matches!(read(status, body), Err(NoRecord::Unavailable(_))), "{status} {body}");
            }
        }
    }

    #[test]
    fn statuses_say_whether_asking_again_helps() {
        for status in [401, 403, 408, 425, 429, 500, 502, 503, 504, 599] {
            assert!(matches!(read(status, "{}"), Err(NoRecord::Unavailable(_))), "{status}");
        }
        for status in [100, 201, 204, 206, 301, 302, 308, 402, 405, 418, 451] {
            assert!(matches!(read(status, "{}"), Err(NoRecord::Unusable(_))), "{status}");
        }
        for body in ["", "null", "[]", "[{}]", "5", "<html>", "{", "{}{}", "{\"a\": 1,}"] {
            assert!(matches!(read(200, body), Err(NoRecord::Unusable(_))), "{body}");
        }
    }

    #[test]
    fn a_record_that_names_another_id_is_not_the_one() {
        let text = |text: &'static str| Field::Text(text.into());
        for same in [Field::Missing, Field::Null, text("7"), Field::Integer(7)] {
            assert_eq!(check_id(&same, "7"), Ok(()), "{same:?}");
        }
        for other in
            [text("8"), text(""), text(" 7"), Field::Integer(70), Field::Float(7.0), Field::Flag(true), Field::Compound]
        {
            assert_eq!(check_id(&other, "7"), Err(unusable("id is another")), "{other:?}");
        }
    }
}
