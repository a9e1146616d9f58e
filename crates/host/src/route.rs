//! Routing, with Spin's route matcher. Exact routes come before wildcards, longer wildcards
//! before shorter ones. `/x/...` also matches `/x`. Trailing slashes are ignored. The path is
//! not normalised.

use std::net::SocketAddr;

use anyhow::{Result, anyhow, ensure};
use hyper::header::{HeaderName, HeaderValue};
use routefinder::{Captures, Router};

use crate::manifest::HttpTrigger;

/// The app's routes.
#[derive(Debug)]
pub(crate) struct Routes(Router<Target>);

/// The target of a route.
#[derive(Debug)]
struct Target {
    component: String,
    /// The route as it is in the manifest.
    route: String,
}

/// The route of one request.
pub(crate) struct Matched<'a> {
    target: &'a Target,
    captures: Captures<'a, 'a>,
    path: &'a str,
}

impl Routes {
    pub(crate) fn new(triggers: &[HttpTrigger]) -> Result<Self> {
        let mut router = Router::new();
        for (index, trigger) in triggers.iter().enumerate() {
            let route = &trigger.route;
            let twice = triggers.iter().take(index).any(|other| other.route == *route);
            ensure!(!twice, "the route {route:?} is a duplicate");
            let pattern = match based(route) {
                based if based.ends_with("/...") => format!("{}*", based.trim_end_matches("...")),
                based => based,
            };
            let target = Target { component: trigger.component.clone(), route: route.clone() };
            router.add(pattern, target).map_err(|reason| anyhow!("the route {route:?} is invalid: {reason}"))?;
        }
        Ok(Self(router))
    }

    /// The route for a path, if any.
    pub(crate) fn find<'a>(&'a self, path: &'a str) -> Option<Matched<'a>> {
        let found = self.0.best_match(path)?;
        Some(Matched { captures: found.captures(), target: found.handler(), path })
    }

    /// Every route with its component, best match first.
    pub(crate) fn list(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(_, target)| (target.route.as_str(), target.component.as_str()))
    }
}

impl Matched<'_> {
    pub(crate) fn component(&self) -> &str {
        &self.target.component
    }

    /// The headers that Spin adds to a request. A value that is not valid in a header is left
    /// out.
    pub(crate) fn headers(&self, full_url: String, client: SocketAddr) -> Vec<(HeaderName, HeaderValue)> {
        let route = self.target.route.as_str();
        let mut headers = vec![
            ("spin-path-info".to_owned(), self.path_info()),
            ("spin-full-url".to_owned(), full_url),
            ("spin-matched-route".to_owned(), based(route)),
            ("spin-base-path".to_owned(), "/".to_owned()),
            ("spin-raw-component-route".to_owned(), route.to_owned()),
            ("spin-component-route".to_owned(), route.strip_suffix("/...").unwrap_or(route).to_owned()),
            ("spin-client-addr".to_owned(), client.to_string()),
        ];
        for (name, value) in self.captures.iter() {
            headers.push((format!("spin-path-match-{}", name.to_ascii_lowercase()), value.to_owned()));
        }
        headers.into_iter().filter_map(|(name, value)| Some((name.parse().ok()?, value.try_into().ok()?))).collect()
    }

    /// The part of the path that the wildcard matches, with its slashes.
    fn path_info(&self) -> String {
        let Some(rest) = self.captures.wildcard() else { return String::new() };
        let before = if rest.is_empty() { "" } else { "/" };
        let after = if self.path.ends_with('/') { "/" } else { "" };
        format!("{before}{rest}{after}")
    }
}

/// A route with a leading and without a trailing slash.
fn based(route: &str) -> String {
    let route = route.strip_suffix('/').unwrap_or(route);
    if route.is_empty() || route.starts_with('/') { route.to_owned() } else { format!("/{route}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(list: &[&str]) -> Result<Routes> {
        let triggers: Vec<HttpTrigger> = list
            .iter()
            .map(|route| toml::from_str(&format!("route = {route:?}\ncomponent = {route:?}")).unwrap())
            .collect();
        Routes::new(&triggers)
    }

    fn app() -> Routes {
        routes(&["/api/enrolment/...", "/api/enrolment/paid", "/api/enrolment/deliveries/...", "/api/enrolment/health"])
            .unwrap()
    }

    #[test]
    fn exact_routes_come_first_then_longer_wildcards() {
        let app = app();
        for (path, route) in [
            ("/api/enrolment", "/api/enrolment/..."),
            ("/api/enrolment/", "/api/enrolment/..."),
            ("/api/enrolment/7/details", "/api/enrolment/..."),
            ("/api/enrolment/paid", "/api/enrolment/paid"),
            ("/api/enrolment/paid/", "/api/enrolment/paid"),
            ("/api/enrolment/paid/7", "/api/enrolment/..."),
            ("/api/enrolment/paidx", "/api/enrolment/..."),
            ("/api/enrolment/deliveries", "/api/enrolment/deliveries/..."),
            ("/api/enrolment/deliveries/9/retry", "/api/enrolment/deliveries/..."),
            ("/api/enrolment/%70aid", "/api/enrolment/..."),
            ("/api/enrolment/x/../paid", "/api/enrolment/..."),
            ("//api/enrolment/paid//", "/api/enrolment/paid"),
        ] {
            assert_eq!(app.find(path).map(|found| found.component().to_owned()).as_deref(), Some(route), "{path}");
        }
    }

    #[test]
    fn other_paths_have_no_route() {
        let app = app();
        for path in ["/", "/api", "/api/enrolmentx", "/api//enrolment", "/API/enrolment", "*"] {
            assert!(app.find(path).is_none(), "{path}");
        }
        assert_eq!(routes(&["/..."]).unwrap().find("/").unwrap().component(), "/...");
    }

    #[test]
    fn a_request_has_spins_headers() {
        let app = app();
        let header = |path: &str, name: &str| {
            let headers = app.find(path).unwrap().headers(format!("http://h{path}"), ([127, 0, 0, 1], 9).into());
            headers.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.to_str().unwrap().to_owned())
        };
        assert_eq!(header("/api/enrolment/7/details", "spin-path-info").unwrap(), "/7/details");
        assert_eq!(header("/api/enrolment/7/", "spin-path-info").unwrap(), "/7/");
        assert_eq!(header("/api/enrolment", "spin-path-info").unwrap(), "");
        assert_eq!(header("/api/enrolment/", "spin-path-info").unwrap(), "/");
        assert_eq!(header("/api/enrolment/paid", "spin-path-info").unwrap(), "");
        assert_eq!(header("/api/enrolment/7", "spin-component-route").unwrap(), "/api/enrolment");
        assert_eq!(header("/api/enrolment/7", "spin-full-url").unwrap(), "http://h/api/enrolment/7");
        assert_eq!(header("/api/enrolment/7", "spin-client-addr").unwrap(), "127.0.0.1:9");
    }

    #[test]
    fn a_duplicate_route_is_an_error() {
        assert!(routes(&["/a", "/b", "/a"]).unwrap_err().to_string().contains("\"/a\" is a duplicate"));
    }
}
