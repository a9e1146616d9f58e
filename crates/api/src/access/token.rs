//! Tokens that identify callers.

use super::Role;
use subtle::{ConditionallySelectable, ConstantTimeEq};

/// The name of the token in the variable `service_token`.
pub(crate) const SERVICE_TOKEN: &str = "service_token";

/// The longest name, in characters.
const LONGEST: usize = 64;

/// A secret with a name and a role. It must not be printed.
pub struct Token {
    pub(super) name: String,
    pub(super) role: Role,
    secret: String,
}

impl Token {
    /// The token in `service_token`: it may do everything.
    #[must_use]
    pub fn service(secret: String) -> Self {
        Self { name: SERVICE_TOKEN.to_owned(), role: Role::Operators, secret }
    }

    /// Whether this is the secret of the token.
    #[must_use]
    pub fn has_secret(&self, secret: &str) -> bool {
        self.secret == secret
    }
}

/// Parses entries `name=role:secret`, separated by blanks or line breaks. A name may have
/// several secrets.
///
/// None if an entry is malformed or two have the same secret.
#[must_use]
pub fn parse(text: &str) -> Option<Vec<Token>> {
    let tokens: Vec<_> = text.split_ascii_whitespace().map(entry).collect::<Option<_>>()?;
    let twice = |(at, token): (usize, &Token)| tokens.iter().skip(at + 1).any(|other| other.secret == token.secret);
    (!tokens.iter().enumerate().any(twice)).then_some(tokens)
}

/// A secret has visible ASCII characters only, so that a header can hold it.
fn entry(text: &str) -> Option<Token> {
    let (name, rest) = text.split_once('=')?;
    let (role, secret) = rest.split_once(':')?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let name = Some(name).filter(|name| (1..=LONGEST).contains(&name.len()) && name.bytes().all(is_plain))?;
    let secret = Some(secret).filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()))?;
    Some(Token { name: name.to_owned(), role: Role::parse(role)?, secret: secret.to_owned() })
}

/// The token with this secret. All tokens are compared, so that the time does not depend
/// on which one it is.
pub(super) fn find<'a>(tokens: &'a [Token], given: &[u8]) -> Option<&'a Token> {
    let mut found = 0;
    for (number, token) in (1..).zip(tokens) {
        found = u32::conditional_select(&found, &number, given.ct_eq(token.secret.as_bytes()));
    }
    let place = usize::try_from(found).ok()?.checked_sub(1)?;
    tokens.get(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<(String, &'static str, String)>> {
        let tokens = parse(text)?.into_iter();
        Some(tokens.map(|token| (token.name, token.role.as_str(), token.secret)).collect())
    }

    fn one(name: &str, role: &'static str, secret: &str) -> (String, &'static str, String) {
        (name.to_owned(), role, secret.to_owned())
    }

    #[test]
    fn entries_are_separated_by_blanks() {
        assert_eq!(read(""), Some(Vec::new()));
        assert_eq!(
            read(" gateway=callers:a  gateway=callers:b\nAnn.Smith-2=operators:c=:/+==\t\r\np_m=metrics:d\n").unwrap(),
            [
                one("gateway", "callers", "a"),
                one("gateway", "callers", "b"),
                one("Ann.Smith-2", "operators", "c=:/+=="),
                one("p_m", "metrics", "d"),
            ]
        );
        assert!(parse(&format!("{}=callers:a", "n".repeat(LONGEST))).is_some());
    }

    #[test]
    fn one_malformed_entry_is_an_error() {
        for bad in [
            "a",
            "a=callers",
            "a=callers:",
            "=callers:s",
            "a:callers:s",
            "a=:s",
            "a=admins:s",
            "a=Callers:s",
            "a,b=callers:s",
            "ż=callers:s",
            "a=callers:ż",
            "a=callers:s\0",
            &format!("{}=callers:a", "n".repeat(LONGEST + 1)),
        ] {
            assert!(parse(bad).is_none(), "{bad:?}");
            assert!(parse(&format!("good=callers:g {bad}")).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn two_entries_cannot_share_a_secret() {
        assert!(parse("a=callers:s b=operators:s").is_none());
        assert!(parse("a=callers:s b=operators:t a=callers:s").is_none());
        assert!(parse("a=callers:s a=callers:t").is_some());
    }

    #[test]
    fn a_token_is_found_in_any_position() {
        let tokens = parse("a=callers:s1 b=callers:s2 c=callers:s33").unwrap();
        let name = |given: &[u8]| find(&tokens, given).map(|token| token.name.as_str());
        assert_eq!([&b"s1"[..], b"s2", b"s33"].map(name), [Some("a"), Some("b"), Some("c")]);
        assert_eq!([&b""[..], b"s", b"s3", b"s333", b"a=callers:s1"].map(name), [None; 5]);
        assert!(find(&[], b"").is_none());
    }
}
