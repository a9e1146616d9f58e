//! `allowed_outbound_hosts`: the addresses that a component may reach.
//!
//! Spin's rules: an entry is `scheme://host[:port]`. The default port is that of the
//! scheme. `*` matches any scheme, host or port; `*.domain` matches any subdomain. A host
//! may be a network (`10.0.0.0/8`), a port may be a range (`8000..8010`, the end excluded).
//! An entry that is empty because of a variable is skipped. If an entry is invalid because
//! of a variable, the component runs, but all its requests are denied. This host does not
//! support requests to the app itself (`self`, `*.spin.internal`).

use std::net::IpAddr;
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use ipnet::IpNet;
use url::{Host, Url};

use crate::template::Template;
use crate::variables::{self, Values};

/// The entries of one component.
#[derive(Debug, Default)]
pub(crate) struct AllowedHosts {
    rules: Vec<Rule>,
    /// The error of an invalid entry. All requests are denied then.
    fault: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Rule {
    /// `None` is any.
    scheme: Option<String>,
    host: HostRule,
    port: PortRule,
}

#[derive(Debug, PartialEq, Eq)]
enum HostRule {
    Any,
    /// The domain with a leading dot.
    Subdomain(String),
    Network(IpNet),
    Exact(Host),
}

#[derive(Debug, PartialEq, Eq)]
enum PortRule {
    Any,
    One(u16),
    Range(Range<u16>),
}

impl AllowedHosts {
    /// Parses the entries and fills in their templates. Errors and faults contain the entry as
    /// it is in the manifest, without values of variables.
    pub(crate) fn parse(entries: &[String], values: &Values) -> Result<Self> {
        let mut allowed = Self::default();
        for entry in entries {
            let resolved = variables::resolve(entry, values)?;
            let templated = !Template::parse(entry)?.is_literal();
            if templated && matches!(resolved.as_str(), "" | "http://" | "https://") {
                continue;
            }
            match Rule::parse(&resolved).with_context(|| format!("allowed_outbound_hosts: {entry:?}")) {
                Ok(rule) => allowed.rules.push(rule),
                Err(error) if templated => allowed.fault = Some(format!("{error:#}")),
                Err(error) => return Err(error),
            }
        }
        Ok(allowed)
    }

    /// Why all requests are denied, if they are.
    pub(crate) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Whether `address` may be reached. `scheme` is the default scheme. An invalid address is
    /// denied.
    pub(crate) fn allow(&self, address: &str, scheme: &str) -> bool {
        let (None, Some(url)) = (self.fault(), parse_address(address, scheme)) else { return false };
        let Some(Ok(host)) = url.host_str().map(Host::parse) else { return false };
        let port = url.port().or_else(|| default_port(url.scheme()));
        self.rules.iter().any(|rule| rule.allows(url.scheme(), &host, port))
    }
}

impl Rule {
    fn parse(entry: &str) -> Result<Self> {
        let (scheme, rest) = entry.trim().split_once("://").context("has no scheme (`https://`, `*://`)")?;
        ensure!(scheme == "*" || scheme.chars().all(char::is_alphabetic), "its scheme must be letters only, or `*`");
        let (host, port) = split_port(rest)?;
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host: HostRule::parse(host)?,
            port: PortRule::parse(port, scheme)?,
        })
    }

    fn allows(&self, scheme: &str, host: &Host, port: Option<u16>) -> bool {
        self.scheme.as_deref().is_none_or(|allowed| allowed == scheme)
            && self.host.allows(host)
            && self.port.allows(port)
    }
}

impl HostRule {
    fn parse(host: &str) -> Result<Self> {
        let host = host.trim();
        if host == "*" {
            return Ok(Self::Any);
        }
        if let Ok(network) = host.parse() {
            return Ok(Self::Network(network));
        }
        let host = host.strip_suffix('/').unwrap_or(host);
        ensure!(!host.contains('/'), "must not have a path");
        if host == "self" || host == "self.alt" || host.ends_with(".spin.internal") {
            bail!("this host does not support requests to the app itself");
        }
        if let Some(domain) = host.strip_prefix("*.") {
            ensure!(!domain.contains('*'), "may have `*` only as the first label");
            let Host::Domain(domain) = Host::parse(domain).context("is not a valid host")? else {
                bail!("may have `*` only before a domain");
            };
            return Ok(Self::Subdomain(format!(".{domain}")));
        }
        ensure!(!host.contains('*'), "may have `*` only as the first label");
        Host::parse(host).map(Self::Exact).context("is not a valid host")
    }

    fn allows(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Subdomain(suffix), Host::Domain(domain)) => domain.ends_with(suffix),
            (Self::Exact(exact), host) => exact == host,
            (Self::Network(network), Host::Ipv4(ip)) => network.contains(&IpAddr::V4(*ip)),
            (Self::Network(network), Host::Ipv6(ip)) => network.contains(&IpAddr::V6(*ip)),
            (Self::Subdomain(_) | Self::Network(..), _) => false,
        }
    }
}

impl PortRule {
    fn parse(port: &str, scheme: &str) -> Result<Self> {
        if port.is_empty() {
            let port = default_port(scheme).context("has no port, and its scheme has no default port")?;
            return Ok(Self::One(port));
        }
        if port == "*" {
            return Ok(Self::Any);
        }
        match port.split_once("..") {
            Some((start, end)) => {
                let number = |text: &str| text.parse().context("has a port range that is not numbers");
                Ok(Self::Range(number(start)?..number(end)?))
            }
            None => port.parse().map(Self::One).context("has a port that is not a number"),
        }
    }

    fn allows(&self, port: Option<u16>) -> bool {
        match (self, port) {
            (Self::Any, _) => true,
            (Self::One(allowed), Some(port)) => *allowed == port,
            (Self::Range(allowed), Some(port)) => allowed.contains(&port),
            (_, None) => false,
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "mysql" => Some(3306),
        _ => None,
    }
}

/// Splits `host[:port][/]`. The colons of an IPv6 address belong to the host.
fn split_port(rest: &str) -> Result<(&str, &str)> {
    match rest.rsplit_once(':') {
        Some((host, "")) => Ok((host, "")),
        Some((host, port)) if HostRule::parse(rest).is_err() => {
            let (port, path) = port.split_once('/').unwrap_or((port, ""));
            ensure!(path.is_empty(), "must not have a path");
            Ok((host, port))
        }
        _ => Ok((rest, "")),
    }
}

/// Parses an address as a URL. The part before the first `@` is percent-encoded first, so
/// that special characters in a password do not hide the host.
fn parse_address(address: &str, scheme: &str) -> Option<Url> {
    let address = match address.split_once('@') {
        Some((before, host)) => {
            let (prefix, user) = match before.split_once("://") {
                Some((scheme, user)) => (format!("{scheme}://"), user),
                None => (String::new(), before),
            };
            if user.contains('/') {
                address.to_owned()
            } else {
                let user: String = url::form_urlencoded::byte_serialize(user.as_bytes()).collect();
                format!("{prefix}{user}@{host}")
            }
        }
        None => address.to_owned(),
    };
    match Url::parse(&address) {
        Ok(url) if url.has_host() => Some(url),
        _ => Url::parse(&format!("{scheme}://{address}")).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(entry: &str) -> AllowedHosts {
        AllowedHosts { rules: vec![Rule::parse(entry).unwrap()], fault: None }
    }

    #[test]
    fn scheme_host_and_port_must_match() {
        let http = allowed("http://127.0.0.1:3001");
        assert!(http.allow("http://127.0.0.1:3001/api/users/id?user_id=1", "https"));
        assert!(!http.allow("https://127.0.0.1:3001/", "https"));
        assert!(!http.allow("http://127.0.0.2:3001/", "https"));
        assert!(!http.allow("http://127.0.0.1:3002/", "https"));
        assert!(!http.allow("http://127.0.0.1/", "https"));
        assert!(!http.allow("http://localhost:3001/", "https"));
        assert!(!http.allow("http://127.0.0.1:3001@evil.example/", "https"));
    }

    #[test]
    fn the_scheme_has_a_default_port() {
        assert!(allowed("https://api.example").allow("https://api.example/x", "https"));
        assert!(allowed("https://api.example/").allow("https://api.example:443/x", "https"));
        assert!(allowed("http://api.example:80/").allow("http://api.example", "https"));
        assert!(!allowed("https://api.example").allow("https://api.example:8443/x", "https"));
        assert!(allowed("mysql://db.example").allow("mysql://u:p@db.example:3306/d", "mysql"));
        assert!(allowed("mysql://db.example:3306").allow("mysql://u:p@db.example/d", "mysql"));
    }

    #[test]
    fn credentials_do_not_affect_the_match() {
        let mysql = allowed("mysql://127.0.0.1:3306");
        for address in [
            "mysql://u:p@127.0.0.1:3306/d?prefer_socket=false",
            "mysql://u:p@ss@127.0.0.1:3306/d",
            "mysql://u:p#?[@127.0.0.1:3306/d",
            "u:p@127.0.0.1:3306/d",
        ] {
            assert!(mysql.allow(address, "mysql"), "{address}");
        }
        for address in ["mysql://u:p@10.0.0.1:3306/d", "mysql://127.0.0.1:3306@evil.example/d", "no url at all"] {
            assert!(!mysql.allow(address, "mysql"), "{address}");
        }
    }

    #[test]
    fn wildcards_networks_and_ranges() {
        assert!(allowed("*://*:*").allow("mysql://x:1/", "mysql"));
        let subdomains = allowed("https://*.example.com");
        assert!(subdomains.allow("https://a.example.com/", "https"));
        assert!(!subdomains.allow("https://example.com/", "https"));
        assert!(!subdomains.allow("https://evilexample.com/", "https"));
        let network = allowed("http://10.1.2.3/8:*");
        assert!(network.allow("http://10.200.0.1:99/", "https"));
        assert!(!network.allow("http://11.0.0.1/", "https"));
        assert!(allowed("http://0.0.0.0/0").allow("http://8.8.8.8/", "https"));
        assert!(!allowed("http://0.0.0.0/0").allow("http://[::1]/", "https"));
        assert!(allowed("http://fd00::/8:*").allow("http://[fd12::1]/", "https"));
        assert!(!allowed("http://fd00::/8:*").allow("http://[fe80::1]/", "https"));
        let range = allowed("http://a:8000..8002");
        assert!(range.allow("http://a:8001/", "https"));
        assert!(!range.allow("http://a:8002/", "https"));
        assert!(allowed("http://[::1]:80").allow("http://[::1]/", "https"));
        assert!(allowed("http://[::1]").allow("http://[::1]/", "https"));
    }

    #[test]
    fn entries_that_spin_refuses_are_refused() {
        for entry in
            ["", "*", "example.com", "http://a/path", "http://a:80/path", "http://*.*.com", "ftp://a", "h-p://a"]
        {
            assert!(Rule::parse(entry).is_err(), "{entry}");
        }
    }

    #[test]
    fn entries_are_templates() {
        let values = Values::from([("url".to_owned(), "http://a".to_owned()), ("none".to_owned(), String::new())]);
        let parse = |entry: &str| AllowedHosts::parse(&[entry.to_owned()], &values);
        assert!(parse("{{ url }}").unwrap().allow("http://a/", "https"));
        assert!(parse("{{ none }}").unwrap().rules.is_empty());
        assert!(parse("https://{{ none }}").unwrap().rules.is_empty());
        assert!(parse("").is_err());
        let entries = ["{{ url }}".to_owned(), "{{ url }}/path".to_owned()];
        let faulty = AllowedHosts::parse(&entries, &values).unwrap();
        let fault = faulty.fault().unwrap();
        assert!(fault.contains("{{ url }}/path") && !fault.contains("http://a"), "{fault}");
        assert!(!faulty.allow("http://a/", "https"), "as in Spin");
    }
}
