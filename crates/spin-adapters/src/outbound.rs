//! Requests to other systems: a deadline for the whole exchange, a cap on the
//! reply, no redirects, and errors that tell whether the request can have
//! arrived.

pub(crate) mod status;

use crate::timer::sleep;
use domain::model::reason::ReasonCode;
use futures::future::{Either, join, select};
use futures::{SinkExt, StreamExt};
use spin_sdk::http::{ErrorCode, Headers, IncomingResponse, Method, OutgoingRequest, Scheme, SendError};
use std::pin::pin;
use std::time::{Duration, Instant, SystemTime};

/// The most bytes of a reply that are read, unless it is said otherwise.
const MAX_REPLY: usize = 256 * 1024;

/// Who asks. Resend refuses requests that do not say it (its API reference, User-Agent).
const USER_AGENT: &str = concat!("Enrolments/", env!("CARGO_PKG_VERSION"));

/// The reply has more bytes than allowed.
pub(crate) const TOO_LARGE: NoReply = NoReply::MaybeSent(ReasonCode::ReplyTooLarge);

/// How long an adapter may take.
#[derive(Clone, Copy, Debug)]
pub enum Deadline {
    /// So long for each exchange.
    Each(Duration),
    /// Until then for all of them.
    Until(Instant),
}

impl Deadline {
    /// For work without a waiting caller.
    pub const BACKGROUND: Self = Self::Each(Duration::from_secs(10));

    /// For a caller who waits behind a reverse proxy, which answers 504 after 10 seconds.
    pub const WAITED_FOR: Self = Self::Each(Duration::from_secs(8));

    fn left(self) -> Duration {
        match self {
            Self::Each(duration) => duration,
            Self::Until(end) => end.saturating_duration_since(Instant::now()),
        }
    }
}

/// A request.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// A scheme and an authority, as [`crate::config`] gives it.
    pub(crate) origin: &'a str,
    pub(crate) path_and_query: &'a str,
    /// The value of `Authorization`.
    pub(crate) authorization: Option<&'a str>,
    /// More headers.
    pub(crate) headers: &'a [(&'static str, &'a str)],
    /// A body of JSON.
    pub(crate) json: Option<Vec<u8>>,
}

/// A reply.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// What `Retry-After` asks for, in seconds or as a date; not of a success.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoReply {
    /// Nothing was sent.
    NotSent(ReasonCode),
    /// The request may have arrived.
    MaybeSent(ReasonCode),
    /// The same, and all the time there was has passed.
    TimedOut,
}

impl NoReply {
    pub(crate) fn code(self) -> ReasonCode {
        match self {
            Self::NotSent(code) | Self::MaybeSent(code) => code,
            Self::TimedOut => ReasonCode::Timeout,
        }
    }
}

/// Sends a request and reads the whole reply.
pub(crate) async fn exchange(request: Request<'_>, deadline: Deadline) -> Result<Reply, NoReply> {
    exchange_up_to(MAX_REPLY, request, deadline).await
}

/// The same, with the pace that the reply's headers tell: one request in so long.
pub(crate) async fn exchange_paced(
    request: Request<'_>,
    deadline: Deadline,
) -> Result<(Reply, Option<Duration>), NoReply> {
    let exchange = async {
        let incoming = send(request).await?;
        let gap = gap(|name| header(&incoming, name));
        Ok((read(MAX_REPLY, incoming).await?, gap))
    };
    within(deadline, exchange).await
}

/// The same, for a reply of at most `max` bytes.
pub(crate) async fn exchange_up_to(max: usize, request: Request<'_>, deadline: Deadline) -> Result<Reply, NoReply> {
    within(deadline, async { read(max, send(request).await?).await }).await
}

/// The same, where the status says all: no body is waited for, and none is in the reply.
pub(crate) async fn exchange_for_status(request: Request<'_>, deadline: Deadline) -> Result<Reply, NoReply> {
    within(deadline, async { Ok(head(&send(request).await?)) }).await
}

async fn within<T>(deadline: Deadline, exchange: impl Future<Output = Result<T, NoReply>>) -> Result<T, NoReply> {
    let left = deadline.left();
    if left.is_zero() {
        return Err(NoReply::NotSent(ReasonCode::NoTimeLeft));
    }
    match select(pin!(exchange), pin!(sleep(left))).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => Err(NoReply::TimedOut),
    }
}

async fn send(request: Request<'_>) -> Result<IncomingResponse, NoReply> {
    const INVALID: NoReply = NoReply::NotSent(ReasonCode::InvalidRequest);
    let (scheme, authority) = request.origin.split_once("://").ok_or(INVALID)?;
    let mut headers = vec![
        ("accept".to_owned(), b"application/json".to_vec()),
        ("user-agent".to_owned(), USER_AGENT.as_bytes().to_vec()),
    ];
    if let Some(authorization) = request.authorization {
        headers.push(("authorization".to_owned(), authorization.as_bytes().to_vec()));
    }
    for (name, value) in request.headers {
        headers.push(((*name).to_owned(), value.as_bytes().to_vec()));
    }
    if let Some(json) = &request.json {
        headers.push(("content-type".to_owned(), b"application/json".to_vec()));
        headers.push(("content-length".to_owned(), json.len().to_string().into_bytes()));
    }
    let outgoing = OutgoingRequest::new(Headers::from_list(&headers).map_err(|_| INVALID)?);
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    outgoing.set_method(&request.method).map_err(|()| INVALID)?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| INVALID)?;
    outgoing.set_authority(Some(authority)).map_err(|()| INVALID)?;
    outgoing.set_path_with_query(Some(request.path_and_query)).map_err(|()| INVALID)?;

    let sink = request.json.is_some().then(|| outgoing.take_body());
    let write = async {
        if let (Some(sink), Some(json)) = (sink, request.json) {
            // A body that does not get through shows in the reply.
            let _ = pin!(sink).send(json).await;
        }
    };
    // The body first: on an open connection the head would be sent alone, and the body
    // would wait 40 ms for its acknowledgement.
    let ((), reply) = join(write, spin_sdk::http::send::<_, IncomingResponse>(outgoing)).await;
    reply.map_err(|error| name(&error))
}

fn head(incoming: &IncomingResponse) -> Reply {
    let status = incoming.status();
    let retry_after = if (200..300).contains(&status) { None } else { retry_after(incoming) };
    Reply { status, retry_after, body: Vec::new() }
}

async fn read(max: usize, incoming: IncomingResponse) -> Result<Reply, NoReply> {
    let mut reply = head(&incoming);
    let mut stream = pin!(incoming.take_body_stream());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| NoReply::MaybeSent(ReasonCode::ReplyBrokeOff))?;
        if reply.body.len() + chunk.len() > max {
            return Err(TOO_LARGE);
        }
        reply.body.extend_from_slice(&chunk);
    }
    Ok(reply)
}

/// Headers with a pace, by the draft that Resend names and by Brevo's documents: the limit of
/// requests, and the seconds until the count starts again.
const PACES: [(&str, &str); 2] =
    [("ratelimit-limit", "ratelimit-reset"), ("x-sib-ratelimit-limit", "x-sib-ratelimit-reset")];

fn header(incoming: &IncomingResponse, name: &str) -> Option<String> {
    let value = incoming.headers().get(name).into_iter().next()?;
    Some(std::str::from_utf8(&value).ok()?.trim().to_owned())
}

/// Too many requests without `Retry-After` are taken again when the count begins anew.
fn retry_after(incoming: &IncomingResponse) -> Option<Duration> {
    asked(incoming.status(), |name| header(incoming, name), SystemTime::now())
}

fn asked(status: u16, header: impl Fn(&str) -> Option<String>, now: SystemTime) -> Option<Duration> {
    if let Some(value) = header("retry-after") {
        return wait(&value, now);
    }
    let seconds = |name: &str| header(name)?.parse().ok().map(Duration::from_secs);
    PACES.iter().filter(|_| status == 429).find_map(|(_, reset)| seconds(reset))
}

/// One request in so long.
fn gap(header: impl Fn(&str) -> Option<String>) -> Option<Duration> {
    let number = |name: &str| header(name)?.parse::<u32>().ok();
    PACES.iter().find_map(|(limit, reset)| Duration::from_secs(number(reset)?.into()).checked_div(number(limit)?))
}

/// The value of `Retry-After`: seconds, or a date in one of HTTP's three forms.
fn wait(value: &str, now: SystemTime) -> Option<Duration> {
    if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        // More digits than fit are a long time all the same.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// Where a request failed shows whether it can have arrived. In doubt it can.
fn name(error: &SendError) -> NoReply {
    let SendError::Http(code) = error else { return NoReply::MaybeSent(ReasonCode::ConnectionFailed) };
    match code {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) => NoReply::NotSent(ReasonCode::NameNotResolved),
        ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable => NoReply::NotSent(ReasonCode::Unreachable),
        ErrorCode::ConnectionRefused => NoReply::NotSent(ReasonCode::ConnectionRefused),
        ErrorCode::ConnectionTimeout => NoReply::NotSent(ReasonCode::ConnectionTimedOut),
        ErrorCode::ConnectionLimitReached => NoReply::NotSent(ReasonCode::TooManyConnections),
        ErrorCode::TlsCertificateError => NoReply::NotSent(ReasonCode::CertificateRefused),
        ErrorCode::HttpRequestDenied => NoReply::NotSent(ReasonCode::HostNotAllowed),
        ErrorCode::HttpRequestUriInvalid => NoReply::NotSent(ReasonCode::InvalidRequest),
        _ => NoReply::MaybeSent(ReasonCode::ConnectionFailed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers<'a>(pairs: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| pairs.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_pace_is_told_by_headers() {
        let resend = [("ratelimit-limit", "2"), ("ratelimit-remaining", "0"), ("ratelimit-reset", "1")];
        let brevo = [("x-sib-ratelimit-limit", "100"), ("x-sib-ratelimit-reset", "3600")];
        for (pairs, wait, between) in [
            (&resend[..], Some(1000), Some(500)),
            (&brevo, Some(3_600_000), Some(36_000)),
            (&[("ratelimit-limit", "0"), ("ratelimit-reset", "soon")], None, None),
            (&[("ratelimit-limit", "0"), ("ratelimit-reset", "1")], Some(1000), None),
            (&[("ratelimit-limit", "2")], None, None),
            (&[], None, None),
        ] {
            let millis = |duration: Option<Duration>| duration.map(|duration| duration.as_millis());
            assert_eq!(millis(asked(429, headers(pairs), SystemTime::now())), wait, "{pairs:?}");
            assert_eq!(asked(503, headers(pairs), SystemTime::now()), None, "{pairs:?}");
            assert_eq!(millis(gap(headers(pairs))), between, "{pairs:?}");
        }
        let first = [("retry-after", "7"), ("ratelimit-reset", "1")];
        assert_eq!(asked(429, headers(&first), SystemTime::now()), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_until_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 90);
        for (value, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(90)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(90)),
            ("Sun Nov  6 08:49:37 1994", Some(90)),
            ("Sun, 06 Nov 1994 08:40:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("Sun, 06 Nov 1994", None),
        ] {
            assert_eq!(wait(value, now), seconds.map(Duration::from_secs), "{value}");
        }
    }
}
