//! The text that `host up` prints at start.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use crate::runtime::Runtime;
use crate::sqlite;
use crate::variables::Values;

/// A text for people, without variables that are declared secret.
pub(crate) fn of(runtime: &Runtime, address: SocketAddr, values: &Values, state_dir: &Path) -> String {
    let manifest = runtime.manifest();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} on the test host, which replaces `spin up`. It is not for production.",
        manifest.application.name
    );
    let _ = writeln!(text, "\nListening on http://{address}");
    let width = runtime.routes().list().map(|(route, _)| route.len()).max().unwrap_or_default();
    for (route, component) in runtime.routes().list() {
        let _ = writeln!(text, "  {route:width$}  {component}");
    }
    if !runtime.schedules().is_empty() {
        let _ = writeln!(text, "Schedules (UTC, seconds first)");
        let width = runtime.schedules().iter().map(|schedule| schedule.expression.len()).max().unwrap_or_default();
        for schedule in runtime.schedules() {
            let _ = writeln!(text, "  {:width$}  {}", schedule.expression, schedule.component);
        }
    }
    let shown = |name: &str| {
        let secret = manifest.variables.get(name).is_none_or(|variable| variable.secret);
        values.get(name).filter(|_| !secret).map(String::as_str)
    };
    match shown("database") {
        Some("sqlite") => {
            let _ = writeln!(text, "Database: SQLite, {}", sqlite::file(state_dir).display());
        }
        Some("mysql") => {
            let part = |name: &str| shown(name).unwrap_or("?");
            let _ = writeln!(
                text,
                "Database: MySQL, {} on {} as {}",
                part("mysql_database"),
                part("mysql_address"),
                part("mysql_user")
            );
        }
        _ => {}
    }
    let is_empty = |name: &str| values.get(name).is_none_or(String::is_empty);
    if values.contains_key("service_token") && is_empty("service_token") && is_empty("tokens") {
        let _ = writeln!(text, "service_token and tokens are empty: this address accepts requests without a token.");
    }
    text
}
