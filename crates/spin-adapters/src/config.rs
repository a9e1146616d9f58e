//! The variables of `spin.toml`, read as they are needed.
//!
//! A missing or unreadable one is an error that names the variable and never
//! its value.

use api::Token;
use domain::terms::Currency;
use domain::{System, Unavailable};
use http::Uri;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Reads a variable as it is.
///
/// # Errors
///
/// When the component has no such variable or the host cannot give it.
pub fn text(name: &str) -> Result<String, Unavailable> {
    spin_sdk::variables::get(name)
        .map_err(|_| Unavailable::new(System::Configuration, format!("variable {name} is missing")))
}

pub(crate) fn unreadable(name: &str) -> Unavailable {
    Unavailable::new(System::Configuration, format!("variable {name} is unreadable"))
}

/// Reads a variable that must not be empty.
pub(crate) fn filled(name: &str) -> Result<String, Unavailable> {
    text(name).and_then(|value| if value.trim().is_empty() { Err(unreadable(name)) } else { Ok(value) })
}

/// Reads a secret that is sent in a header or a body. Files and stores of secrets
/// like to end in a line break, and no token has blanks at its ends.
pub(crate) fn token(name: &str) -> Result<String, Unavailable> {
    parse_token(&text(name)?).map(str::to_owned).ok_or_else(|| unreadable(name))
}

fn parse_token(value: &str) -> Option<&str> {
    Some(value.trim()).filter(|token| !token.is_empty() && !token.contains(char::is_control))
}

/// Reads the tokens of which callers have to send one; none if everybody may call. A
/// variable that is blank without being empty is a mistake, by which nobody is let in.
pub(crate) fn tokens() -> Result<Vec<Token>, Unavailable> {
    let (service_token, named) = (text("service_token")?, text("tokens")?);
    let mut tokens = parse_named(&named).ok_or_else(|| unreadable("tokens"))?;
    if !service_token.is_empty() {
        let secret = parse_token(&service_token).ok_or_else(|| unreadable("service_token"))?;
        tokens.push(Token::service(secret.to_owned()));
    }
    Ok(tokens)
}

fn parse_named(value: &str) -> Option<Vec<Token>> {
    api::parse_tokens(value).filter(|tokens| value.is_empty() || !tokens.is_empty())
}

/// A password loses the line break at its end; blanks may be part of it, but one
/// of blanks alone is a mistake.
fn parse_password(value: &str) -> Option<&str> {
    let password = value.trim_end_matches(['\r', '\n']);
    (value.is_empty() || !password.trim().is_empty()).then_some(password)
}

/// Reads a variable that is an origin: a scheme, a host and maybe a port.
pub(crate) fn origin(name: &str) -> Result<String, Unavailable> {
    parse_origin(&text(name)?).ok_or_else(|| unreadable(name))
}

fn parse_origin(value: &str) -> Option<String> {
    let uri: Uri = value.trim().parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    (uri.path() == "/" && uri.query().is_none()).then(|| format!("{scheme}://{authority}"))
}

/// Reads a variable that is a path, which may have a query.
pub(crate) fn path(name: &str) -> Result<String, Unavailable> {
    parse_path(&text(name)?).ok_or_else(|| unreadable(name))
}

fn parse_path(value: &str) -> Option<String> {
    let value = value.trim();
    let uri: Uri = value.parse().ok()?;
    (value.starts_with('/') && value.is_ascii() && uri.authority().is_none()).then(|| value.to_owned())
}

/// Reads the currency in which customers pay.
///
/// # Errors
///
/// When the variable is missing or is no currency.
pub fn currency() -> Result<Currency, Unavailable> {
    Currency::parse(&text("invoices_currency")?).ok_or_else(|| unreadable("invoices_currency"))
}

/// Reads for how many days the past is kept; none for good.
pub(crate) fn retention_days() -> Result<Option<u32>, Unavailable> {
    parse_days(&text("retention_days")?).ok_or_else(|| unreadable("retention_days"))
}

fn parse_days(value: &str) -> Option<Option<u32>> {
    match value.trim() {
        "" => Some(None),
        days => days.parse().ok().filter(|days| (1..=36_500).contains(days)).map(Some),
    }
}

/// Which database is used.
pub(crate) enum Target {
    Sqlite,
    /// The URL holds the password: it goes to the driver and nowhere else.
    MySql(String),
}

/// Which database is used, and how it is reached.
pub(crate) fn database() -> Result<Target, Unavailable> {
    match text("database")?.as_str() {
        "sqlite" => Ok(Target::Sqlite),
        "mysql" => Ok(Target::MySql(mysql_url(
            &filled("mysql_address")?,
            &filled("mysql_database")?,
            &filled("mysql_user")?,
            parse_password(&text("mysql_password")?).ok_or_else(|| unreadable("mysql_password"))?,
            &text("mysql_tls")?,
        )?)),
        _ => Err(unreadable("database")),
    }
}

/// The last three keys save the driver round trips at connecting: it neither
/// looks for a socket nor asks for the two settings.
fn mysql_url(address: &str, database: &str, user: &str, password: &str, tls: &str) -> Result<String, Unavailable> {
    let host_and_port = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    if !address.bytes().all(host_and_port) {
        return Err(unreadable("mysql_address"));
    }
    let tls = match tls {
        "disabled" => "DISABLED",
        "required" => "REQUIRED",
        _ => return Err(unreadable("mysql_tls")),
    };
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    Ok(format!(
        "mysql://{}:{}@{address}/{}?ssl-mode={tls}&prefer_socket=false&max_allowed_packet=16777216&wait_timeout=28800",
        encode(user),
        encode(password),
        encode(database),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_a_number_or_nothing() {
        assert_eq!(parse_days(" \n"), Some(None));
        assert_eq!(parse_days("30"), Some(Some(30)));
        for bad in ["0", "-1", "36501", "1.5", "a month"] {
            assert_eq!(parse_days(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_path_begins_with_a_slash() {
        for path in ["/", "/hooks/enrolments", " /a?b=c\n"] {
            assert_eq!(parse_path(path).as_deref(), Some(path.trim()));
        }
        for other in ["", "hooks", "https://a/b", "/a b", "/ż"] {
            assert_eq!(parse_path(other), None, "{other}");
        }
    }

    #[test]
    fn origins_have_a_host_and_nothing_behind_it() {
        for (value, origin) in [
            ("http://127.0.0.1:3001", "http://127.0.0.1:3001"),
            (" https://account.fakturownia.pl/ ", "https://account.fakturownia.pl"),
            ("http://[::1]:3001", "http://[::1]:3001"),
        ] {
            assert_eq!(parse_origin(value).as_deref(), Some(origin));
        }
        for value in
            ["", "127.0.0.1:3001", "ftp://a", "http://", "http://a/b", "http://a?b", "http://u:p@a", "http://a b"]
        {
            assert_eq!(parse_origin(value), None, "{value}");
        }
    }

    #[test]
    fn tokens_lose_what_surrounds_them() {
        for value in ["t-0k.en", "t-0k.en\n", " t-0k.en \r\n", "\tt-0k.en"] {
            assert_eq!(parse_token(value), Some("t-0k.en"));
        }
        for value in ["", " ", "\n", " \t\r\n", "a\nb", "a\0b"] {
            assert_eq!(parse_token(value), None, "{value:?}");
        }
    }

    #[test]
    fn named_tokens_are_some_or_nothing() {
        let number = |value: &str| parse_named(value).map(|tokens| tokens.len());
        assert_eq!([number(""), number("a=callers:s\n")], [Some(0), Some(1)]);
        assert_eq!([number(" "), number("\n"), number("a=callers")], [None; 3]);
    }

    #[test]
    fn passwords_lose_the_line_break_behind_them() {
        for (value, password) in [("", ""), ("p", "p"), ("p\n", "p"), ("p\r\n", "p"), (" p q \n", " p q ")] {
            assert_eq!(parse_password(value), Some(password), "{value:?}");
        }
        for value in [" ", "\n", "\r\n", " \n"] {
            assert_eq!(parse_password(value), None, "{value:?}");
        }
    }

    #[test]
    fn credentials_cannot_break_out_of_the_url() {
        let url = mysql_url("db:3306", "a/b?c", "u:s@r", "p#/@: ż", "required").unwrap();
        assert!(
            url.starts_with("mysql://u%3As%40r:p%23%2F%40%3A%20%C5%BC@db:3306/a%2Fb%3Fc?ssl-mode=REQUIRED&"),
            "{url}"
        );
    }

    #[test]
    fn what_is_unreadable_is_named_without_its_value() {
        for (address, tls, name) in [
            ("db/x?y", "disabled", "mysql_address"),
            ("u@db", "disabled", "mysql_address"),
            ("db", "maybe", "mysql_tls"),
        ] {
            let error = mysql_url(address, "d", "u", "hunter2", tls).unwrap_err();
            assert_eq!(error.cause, format!("variable {name} is unreadable"));
        }
    }
}
