//! Links to pages that show documents.

use crate::model::text::text;

/// The maximal length of a link, in bytes.
pub const MAX_URL: usize = 512;

/// Whether `url` is an unambiguous page of `origin`: no user, no fragment, no segment `.` or
/// `..`, no character that has to be encoded.
#[must_use]
pub fn is_clean(url: &str, origin: &str) -> bool {
    let Some(rest) = url.strip_prefix(origin).filter(|rest| rest.starts_with('/')) else { return false };
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    url.len() <= MAX_URL
        && rest.bytes().all(is_plain)
        && rest.split('%').skip(1).all(is_harmless)
        && !path.split('/').any(is_dots)
}

/// A character of a path or a query in RFC 3986, except `@`.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'$'..=b'/' | b':' | b';' | b'=' | b'?' | b'_' | b'~')
}

/// Whether a `%` is followed by two digits that encode neither a control character nor a slash
/// or backslash.
fn is_harmless(escape: &str) -> bool {
    let code = escape.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let byte = code.and_then(|digits| u8::from_str_radix(digits, 16).ok());
    byte.is_some_and(|byte| !byte.is_ascii_control() && byte != b'/' && byte != b'\\')
}

/// `.` or `..`, also percent-encoded.
fn is_dots(segment: &str) -> bool {
    let mut rest = segment;
    for _ in 0..2 {
        rest = match rest.as_bytes() {
            [b'.', ..] => rest.get(1..),
            [b'%', b'2', b'e' | b'E', ..] => rest.get(3..),
            _ => None,
        }
        .unwrap_or(rest);
    }
    rest.is_empty() && !segment.is_empty()
}

text! {
    /// A link that a person gives. It follows the same rules as one of the invoicing service, on
    /// any host.
    Link
}

/// Why a text is not a [`Link`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a plain http or https URL with a path, of at most {MAX_URL} characters")]
pub struct InvalidLink;

impl Link {
    /// Checks `text`.
    ///
    /// # Errors
    ///
    /// When it has another scheme, a user or a fragment, has no path, is too long, or has a
    /// character that has to be encoded.
    pub fn new(text: &str) -> Result<Self, InvalidLink> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(InvalidLink)?;
        let host = rest.split('/').next().unwrap_or_default();
        let origin = text.get(..text.len() - rest.len() + host.len()).ok_or(InvalidLink)?;
        if is_host(host) && is_clean(text, origin) { Ok(Self(text.to_owned())) } else { Err(InvalidLink) }
    }
}

/// A name or an IPv4 address, with or without a port.
fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    name.split('.').all(is_label) && (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_pages_are_accepted() {
        for text in [
            "https://account.fakturownia.pl/invoice/abc",
            "http://127.0.0.1:3001/invoice/a?b=c%20d",
            "https://a/",
            "https://a/...",
            "https://a/%2e%2e%2e/%C5%BC",
        ] {
            assert_eq!(Link::new(text).unwrap().as_str(), text);
        }
        assert!(Link::new(&format!("https://a/{}", "x".repeat(MAX_URL - 10))).is_ok());
        assert_eq!(Link::new(&format!("https://a/{}", "x".repeat(MAX_URL - 9))), Err(InvalidLink));
    }

    #[test]
    fn other_urls_are_refused() {
        for text in [
            "",
            "a.example/x",
            "//a.example/x",
            "ftp://a.example/x",
            "javascript:alert(1)",
            "HTTPS://a.example/x",
            "https://",
            "https:///x",
            "https://a.example",
            "https://a..example/x",
            "https://user@a.example/x",
            "https://a.example:x/y",
            "https://a.example:/y",
            "https://a.example:123456/y",
            "https://a.example?x/y",
            "https://a.example/x#y",
            "https://a.example/../x",
            "https://a.example/%2e%2E/x",
            "https://a.example/.%2e",
            "https://a.example/x/.",
            "https://a.example/%",
            "https://a.example/%2",
            "https://a.example/%zz",
            "https://a.example/%0a",
            "https://a.example/%7f",
            "https://a.example/x%2Fy",
            "https://a.example/x%5cy",
            "https://a.example/x y",
            "https://a.example/x\ny",
            "https://a.example/\"x",
            "https://żółw.example/x",
            " https://a.example/x",
        ] {
            assert_eq!(Link::new(text), Err(InvalidLink), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = Link::new(&text);
            let _ = Link::new(&format!("https://{text}"));
            let _ = Link::new(&format!("https://a.example/{text}"));
        }
    }
}
