//! Who may call what, and under which id a request is known.

mod role;
mod token;

pub use role::{Needs, Role};
pub use token::{Token, parse as parse_tokens};

use crate::Problem;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The header that carries a request's id, in and out.
pub const REQUEST_ID: &str = "x-request-id";

/// The headers of a request that are read, in lower case. A caller may send many
/// more, which need not be taken apart.
pub const HEADERS: [&str; 5] = ["authorization", "content-length", "content-type", "idempotency-key", REQUEST_ID];

/// Who may call a component.
pub enum Access {
    /// Whoever reaches it.
    Open,
    /// Whoever knows one of these.
    Tokens(Vec<Token>),
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name of the token; none if no token is needed.
    pub name: Option<String>,
    pub(crate) role: Role,
}

impl Access {
    /// Open if there is no token, else for those who know one.
    #[must_use]
    pub fn new(tokens: Vec<Token>) -> Self {
        if tokens.is_empty() { Self::Open } else { Self::Tokens(tokens) }
    }

    /// Lets a request in, or not. How long that takes says nothing about the
    /// tokens but their number and lengths.
    ///
    /// # Errors
    ///
    /// 401.
    pub fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let Self::Tokens(tokens) = self else { return Ok(Caller::ANYBODY) };
        let given = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.as_bytes().split_at_checked(b"bearer ".len()))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
            .map(|(_, token)| token);
        let found = given.and_then(|given| token::find(tokens, given));
        found.map(|token| Caller { name: Some(token.name.clone()), role: token.role }).ok_or_else(Problem::unauthorized)
    }
}

impl Caller {
    /// Whoever calls where no token is needed.
    pub const ANYBODY: Self = Self { name: None, role: Role::Operators };

    /// Checks that the caller may do what needs this.
    ///
    /// # Errors
    ///
    /// 403.
    pub fn check(&self, needs: Needs) -> Result<(), Problem> {
        if self.role.meets(needs) { Ok(()) } else { Err(Problem::forbidden(self.role)) }
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
    fn without_a_token_everybody_may_do_everything() {
        let caller = Access::new(Vec::new()).caller(&HeaderMap::new()).unwrap();
        assert_eq!(caller, Caller::ANYBODY);
        assert_eq!(caller.name, None);
        assert!(caller.check(Needs::Operators).is_ok());
    }

    #[test]
    fn with_a_token_only_who_knows_it() {
        let access = Access::new(vec![Token::service("s3cret".to_owned())]);
        for given in ["Bearer s3cret", "bearer s3cret", "BEARER s3cret"] {
            assert!(access.caller(&with("authorization", given.as_bytes())).is_ok(), "{given}");
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
            let problem = access.caller(&with("authorization", given.as_bytes())).unwrap_err();
            assert_eq!(problem.status, 401, "{given}");
        }
        assert_eq!(access.caller(&HeaderMap::new()).unwrap_err().error, "unauthorized");
    }

    #[test]
    fn each_of_several_is_known_by_its_name() {
        let mut tokens = token::parse("gateway=callers:old gateway=callers:new prometheus=metrics:m").unwrap();
        tokens.push(Token::service("s3cret".to_owned()));
        let access = Access::new(tokens);
        let caller = |secret: &str| access.caller(&with("authorization", format!("Bearer {secret}").as_bytes()));
        for (secret, name, metrics) in [
            ("old", "gateway", false),
            ("new", "gateway", false),
            ("m", "prometheus", true),
            ("s3cret", token::SERVICE_TOKEN, true),
        ] {
            let caller = caller(secret).unwrap();
            assert_eq!(caller.name.as_deref(), Some(name));
            assert_eq!(caller.check(Needs::Metrics).is_ok(), metrics, "{name}");
        }
        assert_eq!(caller("gateway").unwrap_err().status, 401);
        let refused = caller("old").unwrap().check(Needs::Operators).unwrap_err();
        assert_eq!((refused.status.as_u16(), refused.error), (403, "forbidden"));
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
