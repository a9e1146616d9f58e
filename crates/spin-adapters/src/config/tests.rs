use super::*;
use std::collections::BTreeMap;

fn read(file: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(file)).unwrap()
}

fn manifest() -> toml::Table {
    read("spin.toml").parse().unwrap()
}

/// The defaults of `spin.toml`, in its order.
fn defaults() -> Vec<(String, String)> {
    let text = read("spin.toml");
    let manifest = manifest();
    let default = |name: &str| manifest["variables"][name]["default"].as_str().unwrap().to_owned();
    let lines = text.lines().skip_while(|line| *line != "[variables]").skip(1).take_while(|line| !line.is_empty());
    lines.map(|line| line.split_once(' ').unwrap().0.to_owned()).map(|name| (name.clone(), default(&name))).collect()
}

/// What cannot be used of the defaults with these changes.
fn faulty<const N: usize>(changes: [(&str, &str); N]) -> Vec<&'static str> {
    let mut values: BTreeMap<_, _> = defaults().into_iter().collect();
    for (name, value) in changes {
        *values.get_mut(name).unwrap() = value.to_owned();
    }
    faults_of(&|name| values.get(name).cloned()).into_iter().map(|fault| fault.name).collect()
}

#[test]
fn the_table_has_the_variables_of_the_manifest() {
    let names: Vec<_> = defaults().into_iter().map(|(name, _)| name).collect();
    assert_eq!(table::ALL.map(|row| row.name()).to_vec(), names);
    assert_eq!(faulty([]), [""; 0]);
}

/// `/health` names unusable variables to a caller with a token, so it has all of them.
#[test]
fn the_health_component_reads_all_of_them() {
    let manifest = manifest();
    let health = manifest["component"]["health"]["variables"].as_table().unwrap();
    for (name, _) in defaults() {
        assert_eq!(health[&name].as_str(), Some(format!("{{{{ {name} }}}}").as_str()));
    }
}

/// A row has names, their defaults (the last one stands for those that follow) and a text.
#[test]
fn the_documentation_has_each_with_its_default() {
    let page = read("docs/configuration.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| variable |")).skip(2);
    let mut told = BTreeMap::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let values: Vec<_> = cells[2].split(", ").collect();
        for (place, name) in cells[1].split(", ").enumerate() {
            let value = values.get(place).unwrap_or(values.last().unwrap());
            told.insert(name.trim_matches('`').to_owned(), value.trim_matches('`').to_owned());
        }
    }
    assert_eq!(told.len(), table::ALL.len());
    for (name, default) in defaults() {
        let fits = match default.as_str() {
            "" => told[&name] == "empty" || told[&name].starts_with("empty: "),
            "http://127.0.0.1:3001" | "sandbox" => told[&name] == "the sandbox",
            default => told[&name] == default,
        };
        assert!(fits, "{name}: {}", told[&name]);
    }
}

#[test]
fn what_surrounds_a_value_is_no_part_of_it() {
    for (name, default) in defaults() {
        if !default.is_empty() {
            assert_eq!(faulty([(&name, &format!(" {default}\r\n"))]), [""; 0], "{name}");
        }
    }
    for name in ["invoices_department_id", "events_secret", "retention_days"] {
        assert_eq!(faulty([(name, " \n")]), [""; 0], "{name}");
    }
}

#[test]
fn each_bad_value_is_named() {
    for (name, bad) in [
        ("database", "oracle"),
        ("users_url", "users"),
        ("courses_url", ""),
        ("invoices_provider", "fakturowni"),
        ("invoices_url", "https://a/b"),
        ("invoices_token", ""),
        ("invoices_department_id", "main"),
        ("invoices_tax", "23%"),
        ("invoices_tax", "zwolniony"),
        ("invoices_np_tax_kind", "export"),
        ("invoices_currency", "eur"),
        ("invoices_ksef", "sometimes"),
        ("mail_provider", "sendgrid"),
        ("mail_url", ""),
        ("mail_token", "a\nb"),
        ("mail_from", "Courses"),
        ("mail_reply_to", "Courses <a@b>"),
        ("mail_off", "everything"),
        ("language", "Polish"),
        ("events_url", "none"),
        ("events_path", "hooks"),
        ("events_secret", "whsec_"),
        ("seats_held_for", "7"),
        ("offers_held_for", ""),
        ("remind_before", "1 day"),
        ("retention_days", "a month"),
        ("service_token", " "),
        ("tokens", "a=admins:s"),
    ] {
        assert_eq!(faulty([(name, bad)]), [name]);
    }
    assert_eq!(faulty([("mail_url", ""), ("tokens", "a")]), ["mail_url", "tokens"]);
    let missing = faults_of(&|_| None);
    assert_eq!((missing[0].name, missing[0].allowed), ("database", "sqlite or mysql"));
}

#[test]
fn what_is_not_needed_is_not_looked_at() {
    assert_eq!(faulty([("mysql_address", ""), ("mysql_tls", "maybe")]), [""; 0]);
    assert_eq!(faulty([("database", "mysql"), ("mysql_tls", "maybe")]), ["mysql_tls"]);
    assert_eq!(faulty([("events_url", ""), ("events_secret", "s"), ("events_path", "")]), [""; 0]);
}

#[test]
fn without_invoices_only_their_currency_is_needed() {
    let bad = [
        ("invoices_provider", "none"),
        ("invoices_url", ""),
        ("invoices_token", ""),
        ("invoices_oid_prefix", ""),
        ("invoices_department_id", "main"),
        ("invoices_tax", "zw"),
        ("invoices_np_tax_kind", "export"),
        ("invoices_payment_type", ""),
        ("invoices_ksef", "sometimes"),
    ];
    assert_eq!(faulty(bad), [""; 0]);
    for (name, bad) in [("invoices_currency", "eur"), ("invoices_url", "https://a/b")] {
        assert_eq!(faulty([("invoices_provider", "none"), (name, bad)]), [name]);
    }
    // A provider that cannot be read is one that issues invoices.
    assert_eq!(
        faulty([("invoices_provider", "no"), ("invoices_tax", "zw")]),
        ["invoices_provider", "invoices_tax_exemption"]
    );
}

#[test]
fn a_tax_has_the_ground_that_it_needs() {
    assert_eq!(faulty([("invoices_tax", "zw")]), ["invoices_tax_exemption"]);
    assert_eq!(faulty([("invoices_tax", "np")]), ["invoices_np_tax_kind"]);
    assert_eq!(faulty([("invoices_tax", "np"), ("invoices_np_tax_kind", "export_service")]), [""; 0]);
}

#[test]
fn a_secret_for_another_system_is_no_callers_token() {
    for name in ["users_token", "courses_token", "invoices_token", "mail_token"] {
        assert_eq!(faulty([("service_token", "s"), (name, "s\n")]), [name]);
        assert_eq!(faulty([("tokens", "gateway=callers:s"), (name, "s")]), [name]);
        assert_eq!(faulty([("tokens", "gateway=callers:t"), (name, "s")]), [""; 0]);
    }
    let secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let events = [("events_url", "http://127.0.0.1:1/"), ("events_secret", secret)];
    assert_eq!(faulty(events), [""; 0]);
    assert_eq!(faulty([events[0], events[1], ("service_token", secret)]), ["events_secret"]);
}

#[test]
fn the_service_token_is_not_a_named_ones_secret() {
    assert_eq!(faulty([("service_token", "s\n"), ("tokens", "gateway=callers:s")]), ["service_token"]);
    assert_eq!(faulty([("service_token", "t"), ("tokens", "gateway=callers:s")]), [""; 0]);
    assert!(tokens_of(Some("s".to_owned()), api::parse_tokens("a=callers:s").unwrap()).is_none());
}

#[test]
fn credentials_cannot_break_out_of_the_url() {
    let url = mysql_url("db:3306", "a/b?c", "u:s@r", "p#/@: ż", "REQUIRED");
    assert!(url.starts_with("mysql://u%3As%40r:p%23%2F%40%3A%20%C5%BC@db:3306/a%2Fb%3Fc?ssl-mode=REQUIRED&"), "{url}");
}
