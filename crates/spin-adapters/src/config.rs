//! The variables of `spin.toml`: one table, and what is made of several of them.
//!
//! Each part of the service reads what it needs when it needs it, so that a bad value stops
//! that part alone; [`faults`] checks all of them together, for `/health`. An error names the
//! variable and never its value.

pub(crate) mod parse;
pub(crate) mod table;
mod variable;

use api::{Token, VariableFault};
use domain::Unavailable;
use domain::model::seats::HoldTimes;
use domain::model::terms::{Currency, InvoicesProvider, MissingGround, Tax};
use parse::Database;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use variable::Needed;

/// The values by name; none for a variable that is not there.
type Values<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The variables that are needed and cannot be used.
#[must_use]
pub fn faults() -> Vec<VariableFault> {
    faults_of(&|name| spin_sdk::variables::get(name).ok())
}

fn faults_of(values: Values<'_>) -> Vec<VariableFault> {
    let with_mysql = parsed(&table::DATABASE, values) == Some(Database::MySql);
    // An unreadable provider counts as one that issues invoices, and an unreadable address as set.
    let with_invoices = parsed(&table::INVOICES_PROVIDER, values) != Some(InvoicesProvider::NoInvoices);
    let with_events = parsed(&table::EVENTS_URL, values) != Some(None);
    let is_needed = |needed| match needed {
        Needed::Always => true,
        Needed::WithMySql => with_mysql,
        Needed::WithInvoices => with_invoices,
        Needed::WithEvents => with_events,
    };
    let mut together = secrets_of_callers(values);
    together.extend([tokens_fault(values), ground_fault(values)].into_iter().flatten());
    // With a host that is none, Spin lets the component reach nothing, even if it is not needed.
    let is_no_host = |url: &String| parse::optional_origin(url).is_none();
    let no_host = values(table::INVOICES_URL.name).filter(is_no_host).map(|_| table::INVOICES_URL.name);
    let is_fault = |row: &&&dyn variable::Row| {
        let is_used_and_bad = !row.holds(values) || together.contains(&row.name());
        is_needed(row.needed()) && is_used_and_bad || no_host == Some(row.name())
    };
    let fault = |row: &&dyn variable::Row| VariableFault { name: row.name(), allowed: row.allowed() };
    table::ALL.iter().filter(is_fault).map(fault).collect()
}

/// The variable that is faulty beside another one, if both can be read; so below.
fn tokens_fault(values: Values<'_>) -> Option<&'static str> {
    let (service_token, named) = (parsed(&table::SERVICE_TOKEN, values)?, parsed(&table::TOKENS, values)?);
    tokens_of(service_token, named).is_none().then_some(table::SERVICE_TOKEN.name)
}

/// The secrets for other systems that are the token of a caller as well: that system could call the service.
fn secrets_of_callers(values: Values<'_>) -> Vec<&'static str> {
    let named = parsed(&table::TOKENS, values).unwrap_or_default();
    let callers = tokens_of(parsed(&table::SERVICE_TOKEN, values).flatten(), named).unwrap_or_default();
    let names = [
        table::USERS_TOKEN.name,
        table::COURSES_TOKEN.name,
        table::INVOICES_TOKEN.name,
        table::MAIL_TOKEN.name,
        table::EVENTS_SECRET.name,
    ];
    let is_a_callers = |name: &&'static str| {
        let secrets = values(name).unwrap_or_default();
        secrets.split_ascii_whitespace().any(|secret| callers.iter().any(|token| token.has_secret(secret)))
    };
    names.into_iter().filter(is_a_callers).collect()
}

fn ground_fault(values: Values<'_>) -> Option<&'static str> {
    let tax = parsed(&table::INVOICES_TAX, values)?;
    let exemption = parsed(&table::INVOICES_TAX_EXEMPTION, values)?;
    let kind = parsed(&table::INVOICES_NP_TAX_KIND, values)?;
    tax.with(exemption, kind).err().map(|missing| match missing {
        MissingGround::Exemption => table::INVOICES_TAX_EXEMPTION.name,
        MissingGround::NotSubject => table::INVOICES_NP_TAX_KIND.name,
    })
}

fn parsed<T>(variable: &variable::Variable<T>, values: Values<'_>) -> Option<T> {
    values(variable.name).and_then(|value| (variable.parse)(&value))
}

/// A caller must send one of these tokens. Empty: every caller is allowed.
pub(crate) fn tokens() -> Result<Vec<Token>, Unavailable> {
    let (service_token, named) = (table::SERVICE_TOKEN.read()?, table::TOKENS.read()?);
    tokens_of(service_token, named).ok_or_else(|| table::SERVICE_TOKEN.unreadable())
}

/// None if a named token has the secret of the service token: its caller would get an
/// operator's rights.
fn tokens_of(service_token: Option<String>, mut tokens: Vec<Token>) -> Option<Vec<Token>> {
    if let Some(secret) = service_token {
        if tokens.iter().any(|token| token.has_secret(&secret)) {
            return None;
        }
        tokens.push(Token::service(secret));
    }
    Some(tokens)
}

/// The tax, with the ground that it needs.
pub(crate) fn tax() -> Result<Tax, Unavailable> {
    let (exemption, kind) = (table::INVOICES_TAX_EXEMPTION.read()?, table::INVOICES_NP_TAX_KIND.read()?);
    table::INVOICES_TAX.read()?.with(exemption, kind).map_err(|missing| match missing {
        MissingGround::Exemption => table::INVOICES_TAX_EXEMPTION.unreadable(),
        MissingGround::NotSubject => table::INVOICES_NP_TAX_KIND.unreadable(),
    })
}

/// Reads the currency in which customers pay.
///
/// # Errors
///
/// When the variable is missing or is no currency.
pub fn currency() -> Result<Currency, Unavailable> {
    table::INVOICES_CURRENCY.read()
}

/// How long seats are held that are not paid.
pub(crate) fn hold_times() -> Result<HoldTimes, Unavailable> {
    Ok(HoldTimes {
        seats: table::SEATS_HELD_FOR.read()?,
        offers: table::OFFERS_HELD_FOR.read()?,
        remind_before: table::REMIND_BEFORE.read()?,
    })
}

/// Which database is used.
pub(crate) enum Target {
    Sqlite,
    /// The URL holds the password: it goes to the driver and nowhere else.
    MySql(String),
}

/// Which database is used, and how it is reached.
pub(crate) fn database() -> Result<Target, Unavailable> {
    Ok(match table::DATABASE.read()? {
        Database::Sqlite => Target::Sqlite,
        Database::MySql => Target::MySql(mysql_url(
            &table::MYSQL_ADDRESS.read()?,
            &table::MYSQL_DATABASE.read()?,
            &table::MYSQL_USER.read()?,
            &table::MYSQL_PASSWORD.read()?,
            table::MYSQL_TLS.read()?,
        )),
    })
}

/// The last three keys save the driver round trips at connecting: it neither
/// looks for a socket nor asks for the two settings.
fn mysql_url(address: &str, database: &str, user: &str, password: &str, tls: &str) -> String {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    format!(
        "mysql://{}:{}@{address}/{}?ssl-mode={tls}&prefer_socket=false&max_allowed_packet=16777216&wait_timeout=28800",
        encode(user),
        encode(password),
        encode(database),
    )
}

#[cfg(test)]
mod tests;
