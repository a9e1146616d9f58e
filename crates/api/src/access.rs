//! Authentication, authorization, and the id of a request.

mod role;
mod token;

pub use role::{Needs, Role};
pub(crate) use token::SERVICE_TOKEN;
pub use token::{Token, parse as parse_tokens};

use crate::Problem;
use domain::model::asked::Author;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The header with the id of a request, in requests and responses.
pub const REQUEST_ID: &str = "x-request-id";

/// The request headers that every route reads, in lower case. `GET /documents` also reads `accept`.
/// All others are ignored.
pub const HEADERS: [&str; 5] = ["authorization", "content-length", "content-type", "idempotency-key", REQUEST_ID];

/// The access rule of a component.
pub enum Access {
    /// Every caller.
    Open,
    /// Callers that send one of these tokens.
    Tokens(Vec<Token>),
}

/// The sender of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name of the token; none where no token is required.
    pub name: Option<String>,
    pub(crate) role: Role,
}

impl Access {
    /// Open if there are no tokens, else restricted to them.
    #[must_use]
    pub fn new(tokens: Vec<Token>) -> Self {
        if tokens.is_empty() { Self::Open } else { Self::Tokens(tokens) }
    }

    /// Identifies the caller of a request. The time that this takes depends only on the
    /// number and the lengths of the tokens.
    ///
    /// # Errors
    ///
    /// 401 without a valid token.
    pub fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let Self::Tokens(tokens) = self else { return Ok(Caller::ANYBODY) };
        let given = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.as_bytes().split_at_checked(b"bearer ".len()))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
            .map(|(_, token)| token);
        let found = token::find(tokens, given.ok_or_else(Problem::no_token)?).ok_or_else(Problem::unknown_token)?;
        Ok(Caller { name: Some(found.name.clone()), role: found.role })
    }
}

impl Caller {
    /// Who asks for a change; none where no token is required.
    #[must_use]
    pub fn author(&self) -> Option<Author> {
        self.name.clone().map(Author)
    }

    /// The caller where no token is required.
    pub const ANYBODY: Self = Self { name: None, role: Role::Operators };

    /// Checks that the caller has the required permission.
    ///
    /// # Errors
    ///
    /// 403 if not.
    pub fn check(&self, needs: Needs) -> Result<(), Problem> {
        if self.role.meets(needs) { Ok(()) } else { Err(Problem::forbidden(self.role)) }
    }
}

/// The id that the caller gave the request: 1 to 128 visible ASCII characters. Any other
/// value is ignored, so that it cannot corrupt a log.
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
    fn without_tokens_every_caller_may_do_everything() {
        let caller = Access::new(Vec::new()).caller(&HeaderMap::new()).unwrap();
        assert_eq!(caller, Caller::ANYBODY);
        assert_eq!(caller.name, None);
        assert!(caller.check(Needs::Operators).is_ok());
    }

    #[test]
    fn with_a_token_only_its_holders_get_in() {
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
    fn a_caller_has_the_name_and_role_of_its_token() {
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
    fn request_ids_that_could_corrupt_a_log_are_ignored() {
        assert_eq!(request_id(&with("x-request-id", b"abc-123")), Some("abc-123"));
        for bad in [&b""[..], b"a b", "ż".as_bytes(), &[b'a'; 129]] {
            assert_eq!(request_id(&with("x-request-id", bad)), None);
        }
        assert_eq!(request_id(&HeaderMap::new()), None);
    }
}
