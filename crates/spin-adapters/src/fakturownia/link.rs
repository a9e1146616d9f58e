//! The link to the page that shows a document.

use serde_json::Value;

/// The longest link that is kept.
pub(super) const MAX_URL: usize = 512;

/// What the document says itself if that is a clean URL on the account's
/// origin, else made from its token.
pub(super) fn link(view_url: &Value, token: &Value, origin: &str) -> Option<String> {
    let view = view_url.as_str().filter(|url| is_clean(url, origin));
    let token = token.as_str().filter(|token| {
        (1..=128).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    });
    view.map(str::to_owned).or_else(|| Some(format!("{origin}/invoice/{}", token?)))
}

/// Whether every reader of `url` takes it for the same page of `origin`: no
/// user, no fragment, no segment of dots, nothing that has to be encoded.
fn is_clean(url: &str, origin: &str) -> bool {
    let Some(rest) = url.strip_prefix(origin).filter(|rest| rest.starts_with('/')) else { return false };
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    url.len() <= MAX_URL
        && rest.bytes().all(is_plain)
        && rest.split('%').skip(1).all(is_harmless)
        && !path.split('/').any(is_dots)
}

/// A character of a path or a query as RFC 3986 has it, but `@`.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'$'..=b'/' | b':' | b';' | b'=' | b'?' | b'_' | b'~')
}

/// Whether what follows a `%` is two digits that hide neither a control
/// character nor a slash of either kind.
fn is_harmless(escape: &str) -> bool {
    let code = escape.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let byte = code.and_then(|digits| u8::from_str_radix(digits, 16).ok());
    byte.is_some_and(|byte| !byte.is_ascii_control() && byte != b'/' && byte != b'\\')
}

/// `.` or `..`, however it is written.
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ORIGIN: &str = "https://account.fakturownia.pl";

    fn of(view: &Value) -> Option<String> {
        link(view, &json!("t0-ken_"), ORIGIN)
    }

    #[test]
    fn a_clean_url_on_the_origin_is_kept() {
        for rest in ["/invoice/abc", "/invoice/a_b-c~1.pdf", "/invoice/abc?locale=pl&x=1", "/a%20b", "/invoices/1..2"] {
            let view = format!("{ORIGIN}{rest}");
            assert_eq!(of(&json!(view)), Some(view));
        }
    }

    #[test]
    fn any_other_is_made_from_the_token() {
        let made = Some(format!("{ORIGIN}/invoice/t0-ken_"));
        let mut others = vec![
            json!(null),
            json!(5),
            json!("N/A"),
            json!("javascript:alert(1)"),
            json!("https://evil.example/invoice/x"),
            json!("//evil.example/x"),
            json!(format!("https://user@{}/x", &ORIGIN[8..])),
            json!(ORIGIN),
            json!(format!("{ORIGIN}/{}", "x".repeat(MAX_URL))),
        ];
        for rest in [
            ".evil.example/x",
            "@evil.example/x",
            ":444/x",
            "/x@y",
            "/x#y",
            "/x#",
            "/../x",
            "/x/..",
            "/x/./y",
            "/.",
            "/%2e%2e/x",
            "/.%2E/x",
            "/x/%2e",
            "/a b",
            "/a\tb",
            "/a\nb",
            "/a\\b",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a%0ab",
            "/a%00",
            "/a%2fb",
            "/a%5Cb",
            "/ż",
            "/a\"b",
            "/<b>",
            "/a|b",
            "/a{b}",
            "/a^b",
            "/a`b",
            "/[a]",
            "/a\u{7f}",
        ] {
            others.push(json!(format!("{ORIGIN}{rest}")));
        }
        for view in others {
            assert_eq!(of(&view), made, "{view}");
        }
    }

    #[test]
    fn without_either_there_is_none() {
        for token in [json!(null), json!(""), json!("a/b"), json!("a?b"), json!("x".repeat(129)), json!(7)] {
            assert_eq!(link(&json!(null), &token, ORIGIN), None);
        }
    }
}
