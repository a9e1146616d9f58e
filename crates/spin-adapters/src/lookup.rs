//! What the look-ups at the users and courses services have in common.

use crate::Patience;
use crate::outbound::{NoReply, Reply, Request, exchange};
use domain::{System, Unavailable};
use serde::de::DeserializeOwned;
use spin_sdk::http::Method;
use std::time::Duration;

/// The two are asked side by side, inside a request whose caller waits 5 s.
const DEADLINE: Duration = Duration::from_millis(1500);

/// GETs `path_and_query` and reads the reply with `read`.
pub(crate) async fn look_up<T>(
    system: System,
    origin: &str,
    path_and_query: &str,
    read: fn(&Reply) -> Result<Option<T>, &'static str>,
) -> Result<Option<T>, Unavailable> {
    let request =
        Request { method: Method::Get, origin, path_and_query, authorization: None, headers: &[], json: None };
    let reply = exchange(request, Patience::Each(DEADLINE)).await;
    reply.map_err(NoReply::name).and_then(|reply| read(&reply)).map_err(|cause| Unavailable::new(system, cause))
}

/// The record in a reply; none if the service knows none. A service that calls
/// the id itself malformed knows none either.
pub(crate) fn record<T: DeserializeOwned>(reply: &Reply) -> Result<Option<T>, &'static str> {
    match reply.status {
        200 => serde_json::from_slice(&reply.body).map(Some).map_err(|_| "unreadable reply"),
        400 | 404 | 410 | 422 => Ok(None),
        401 | 403 => Err("access refused"),
        300..=399 => Err("redirected"),
        500.. => Err("server error"),
        _ => Err("unexpected status"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn reply(status: u16, body: &str) -> Reply {
        Reply { status, retry_after: None, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn statuses_say_whether_there_is_a_record() {
        let read = |status| record::<serde_json::Value>(&reply(status, "{}"));
        assert_eq!(read(200), Ok(Some(serde_json::json!({}))));
        for status in [400, 404, 410, 422] {
            assert_eq!(read(status), Ok(None), "{status}");
        }
        for status in [100, 201, 204, 301, 302, 401, 403, 418, 429, 500, 502, 503, 599] {
            read(status).unwrap_err();
        }
    }
}
