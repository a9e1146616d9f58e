//! The link to the page that shows a document.

use domain::model::link::is_clean;
use serde_json::Value;

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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::link::MAX_URL;
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
