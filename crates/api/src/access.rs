//! Who may call, and under which id a request is known.

use crate::Problem;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq;

/// The header that carries a request's id, in and out.
pub const REQUEST_ID: &str = "x-request-id";

/// The headers of a request that are read, in lower case. A caller may send many
/// more, which need not be taken apart.
pub const HEADERS: [&str; 5] = ["authorization", "content-length", "content-type", "idempotency-key", REQUEST_ID];

/// Who may call a component.
#[derive(Clone, PartialEq, Eq)]
pub enum Access {
    /// Whoever reaches it.
    Open,
    /// Whoever knows the service token.
    Token(String),
}

impl Access {
    /// Open if `service_token` is empty, else for those who know it.
    #[must_use]
    pub fn new(service_token: String) -> Self {
        if service_token.is_empty() { Self::Open } else { Self::Token(service_token) }
    }

    /// Lets a request in, or not. How long that takes says nothing about the
    /// token but its length.
    ///
    /// # Errors
    ///
    /// 401.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Self::Token(expected) = self else { return Ok(()) };
        let given = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.as_bytes().split_at_checked(b"bearer ".len()))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
            .map(|(_, token)| token);
        match given {
            Some(token) if bool::from(token.ct_eq(expected.as_bytes())) => Ok(()),
            _ => Err(Problem::unauthorized()),
        }
    }
}

/// The id that the caller gave the request, if it is 1 to 128 visible
/// characters of ASCII; anything else is not worth to be logged or echoed.
#[must_use]
pub fn request_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    ((1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn with(name: &'static str, value: &[u8]) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap())])
    }

    #[test]
    fn without_a_token_everybody_may_call() {
        assert!(Access::new(String::new()).check(&HeaderMap::new()).is_ok());
    }

    #[test]
    fn with_a_token_only_who_knows_it() {
        let access = Access::new("s3cret".to_owned());
        for given in ["Bearer s3cret", "bearer s3cret", "BEARER s3cret"] {
            assert!(access.check(&with("authorization", given.as_bytes())).is_ok(), "{given}");
        }
        for given in [
            "Bearer s3cre",
            "Bearer s3crets",
            "Bearer S3CRET",
            "Bearer",
            "Basic s3cret",
            "s3cret",
            "Bearer  s3cret",
            "",
        ] {
            let problem = access.check(&with("authorization", given.as_bytes())).unwrap_err();
            assert_eq!(problem.status, 401, "{given}");
        }
        assert_eq!(access.check(&HeaderMap::new()).unwrap_err().error, "unauthorized");
    }

    #[test]
    fn request_ids_that_could_spoil_a_log_are_not_taken() {
        assert_eq!(request_id(&with("x-request-id", b"abc-123")), Some("abc-123"));
        for bad in [&b""[..], b"a b", "ż".as_bytes(), &[b'a'; 129]] {
            assert_eq!(request_id(&with("x-request-id", bad)), None);
        }
        assert_eq!(request_id(&HeaderMap::new()), None);
    }
}
