//! How the values of variables are read. What surrounds a value is no part of it: files and
//! stores of secrets like to end in a line break. A password loses the line break alone.

use crate::systems::mail::sender::Sender;
use api::Token;
use domain::model::mail::MailKind;
use domain::model::terms::{Exemption, NotSubject};
use http::Uri;
use std::time::Duration;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    MySql,
}

pub(super) fn database(value: &str) -> Option<Database> {
    match value.trim() {
        "sqlite" => Some(Database::Sqlite),
        "mysql" => Some(Database::MySql),
        _ => None,
    }
}

pub(super) fn mysql_address(value: &str) -> Option<String> {
    let host_and_port = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    filled(value).filter(|address| address.bytes().all(host_and_port))
}

/// As the driver names it.
pub(super) fn mysql_tls(value: &str) -> Option<&'static str> {
    match value.trim() {
        "disabled" => Some("DISABLED"),
        "required" => Some("REQUIRED"),
        _ => None,
    }
}

/// Blanks may be part of it, but one of blanks alone is a mistake.
pub(super) fn password(value: &str) -> Option<String> {
    let password = value.trim_end_matches(['\r', '\n']);
    (value.is_empty() || !password.trim().is_empty()).then(|| password.to_owned())
}

/// A text.
pub(super) fn filled(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn if_filled<T>(value: &str, parse: fn(&str) -> Option<T>) -> Option<Option<T>> {
    if value.trim().is_empty() { Some(None) } else { parse(value).map(Some) }
}

/// A department's id is a number.
pub(super) fn department(value: &str) -> Option<Option<String>> {
    if_filled(value, |id| filled(id).filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())))
}

pub(super) fn exemption(value: &str) -> Option<Option<Exemption>> {
    if_filled(value, Exemption::parse)
}

pub(super) fn np_tax_kind(value: &str) -> Option<Option<NotSubject>> {
    if_filled(value, NotSubject::parse)
}

/// A secret that is sent in a header or a body.
pub(super) fn token(value: &str) -> Option<String> {
    filled(value).filter(|token| !token.contains(char::is_control))
}

/// Empty: no secret is sent.
pub(super) fn optional_token(value: &str) -> Option<Option<String>> {
    if_filled(value, token)
}

/// Empty: every caller is allowed. A value of blanks alone is a mistake and refused, so that it
/// does not open the service.
pub(super) fn service_token(value: &str) -> Option<Option<String>> {
    if value.is_empty() { Some(None) } else { token(value).map(Some) }
}

/// The same for those with names.
pub(super) fn named_tokens(value: &str) -> Option<Vec<Token>> {
    api::parse_tokens(value).filter(|tokens| value.is_empty() || !tokens.is_empty())
}

/// A time such as `30m`, `48h` or `7d`: from a minute to a year.
pub(super) fn duration(value: &str) -> Option<Duration> {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let value = value.trim();
    let (number, seconds) = [("m", 60), ("h", 60 * 60), ("d", 24 * 60 * 60)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((value.strip_suffix(unit)?, seconds)))?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|number| digits && *number > 0)?;
    Some(Duration::from_secs(number.checked_mul(seconds)?)).filter(|time| *time <= YEAR)
}

pub(super) fn optional_duration(value: &str) -> Option<Option<Duration>> {
    if_filled(value, duration)
}

/// `scheme://host[:port]`.
pub(super) fn origin(value: &str) -> Option<String> {
    let uri: Uri = value.trim().parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    (uri.path() == "/" && uri.query().is_none()).then(|| format!("{scheme}://{authority}"))
}

/// With one that is blank without being empty Spin lets a component reach nothing.
pub(super) fn optional_origin(value: &str) -> Option<Option<String>> {
    if value.is_empty() { Some(None) } else { origin(value).map(Some) }
}

/// It may have a query.
pub(crate) fn path(value: &str) -> Option<String> {
    let value = value.trim();
    let uri: Uri = value.parse().ok()?;
    (value.starts_with('/') && value.is_ascii() && uri.authority().is_none()).then(|| value.to_owned())
}

/// Without a name, which not every relay takes.
pub(super) fn optional_address(value: &str) -> Option<Option<String>> {
    if_filled(value, |address| Sender::parse(address).and_then(Sender::into_address))
}

/// Words with commas between them.
pub(super) fn mail_kinds(value: &str) -> Option<Vec<MailKind>> {
    let words = value.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(MailKind::parse).collect()
}

/// For how many days events and finished jobs are kept. None: forever.
pub(super) fn retention_days(value: &str) -> Option<Option<u32>> {
    match value.trim() {
        "" => Some(None),
        days => days.parse().ok().filter(|days| (1..=36_500).contains(days)).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_department_is_a_number() {
        assert_eq!([department(" "), department(" 12\n")], [Some(None), Some(Some("12".to_owned()))]);
        for wrong in ["main", "-1", "1.5", "1 2"] {
            assert_eq!(department(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn days_are_a_number_or_nothing() {
        assert_eq!(retention_days(" \n"), Some(None));
        assert_eq!(retention_days("30"), Some(Some(30)));
        for bad in ["0", "-1", "36501", "1.5", "a month"] {
            assert_eq!(retention_days(bad), None, "{bad}");
        }
    }

    #[test]
    fn replies_go_to_an_address_without_a_name() {
        assert_eq!(optional_address(" "), Some(None));
        for value in ["help@przykład.pl", " <help@przykład.pl>\n"] {
            assert_eq!(optional_address(value), Some(Some("help@xn--przykad-rjb.pl".to_owned())), "{value}");
        }
        for bad in ["help", "Help <help@example.com>", "a@b, c@d"] {
            assert_eq!(optional_address(bad), None, "{bad}");
        }
    }

    #[test]
    fn kinds_of_mails_have_commas_between_them() {
        let kinds = Some(vec![MailKind::Refund, MailKind::Enrolment]);
        assert_eq!((mail_kinds(""), mail_kinds(" refund,enrolment ,\n")), (Some(Vec::new()), kinds));
        for bad in ["refunds", "refund enrolment", "all"] {
            assert_eq!(mail_kinds(bad), None, "{bad}");
        }
        let all = MailKind::ALL.map(MailKind::word).join(", ");
        assert!(crate::config::table::MAIL_OFF.allowed.ends_with(&all));
    }

    #[test]
    fn times_have_a_unit() {
        let hours = |number: u64| Some(Duration::from_secs(number * 60 * 60));
        assert_eq!([duration("48h"), duration(" 7d\n"), duration("365d")], [hours(48), hours(7 * 24), hours(365 * 24)]);
        assert_eq!(duration("30m"), Some(Duration::from_secs(30 * 60)));
        for other in ["", "0h", "48", "h", "-1h", "+1h", "1.5h", "48 h", "366d", "99999999999999999999d", "2w"] {
            assert_eq!(duration(other), None, "{other}");
        }
        assert_eq!(
            [optional_duration(""), optional_duration("1h"), optional_duration("1")],
            [Some(None), Some(hours(1)), None]
        );
    }

    #[test]
    fn a_path_begins_with_a_slash() {
        for value in ["/", "/hooks/enrolments", " /a?b=c\n"] {
            assert_eq!(path(value).as_deref(), Some(value.trim()));
        }
        for other in ["", "hooks", "https://a/b", "/a b", "/ż"] {
            assert_eq!(path(other), None, "{other}");
        }
    }

    #[test]
    fn origins_have_a_host_and_nothing_behind_it() {
        for (value, expected) in [
            ("http://127.0.0.1:3001", "http://127.0.0.1:3001"),
            (" https://account.fakturownia.pl/ ", "https://account.fakturownia.pl"),
            ("http://[::1]:3001", "http://[::1]:3001"),
        ] {
            assert_eq!(origin(value).as_deref(), Some(expected));
            assert_eq!(optional_origin(value), Some(Some(expected.to_owned())));
        }
        for value in
            ["", "127.0.0.1:3001", "ftp://a", "http://", "http://a/b", "http://a?b", "http://u:p@a", "http://a b"]
        {
            assert_eq!(origin(value), None, "{value}");
        }
        assert_eq!(["", " \n", "none"].map(optional_origin), [Some(None), None, None]);
    }

    #[test]
    fn tokens_lose_what_surrounds_them() {
        for value in ["t-0k.en", "t-0k.en\n", " t-0k.en \r\n", "\tt-0k.en"] {
            assert_eq!(token(value).as_deref(), Some("t-0k.en"));
        }
        for value in ["", " ", "\n", " \t\r\n", "a\nb", "a\0b"] {
            assert_eq!(token(value), None, "{value:?}");
        }
        assert_eq!([service_token(""), service_token(" ")], [Some(None), None]);
    }

    #[test]
    fn named_tokens_are_some_or_nothing() {
        let number = |value: &str| named_tokens(value).map(|tokens| tokens.len());
        assert_eq!([number(""), number("a=callers:s\n")], [Some(0), Some(1)]);
        assert_eq!([number(" "), number("\n"), number("a=callers")], [None; 3]);
    }

    #[test]
    fn passwords_lose_the_line_break_behind_them() {
        for (value, expected) in [("", ""), ("p", "p"), ("p\n", "p"), ("p\r\n", "p"), (" p q \n", " p q ")] {
            assert_eq!(password(value).as_deref(), Some(expected), "{value:?}");
        }
        for value in [" ", "\n", "\r\n", " \n"] {
            assert_eq!(password(value), None, "{value:?}");
        }
    }

    #[test]
    fn addresses_have_no_more_than_a_host_and_a_port() {
        assert_eq!(mysql_address(" db:3306\n").as_deref(), Some("db:3306"));
        for bad in ["", "db/x?y", "u@db"] {
            assert_eq!(mysql_address(bad), None, "{bad}");
        }
    }
}
