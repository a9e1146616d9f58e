//! What is asked for under load.

use crate::target::Kind;

/// A kind of request.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) name: String,
    pub(crate) method: &'static str,
    /// Below the base. `{id}` is another id in each request; `{known}` and
    /// `{known_user}` are an enrolment that stays.
    pub(crate) path: &'static str,
    /// With `{id}` and `{user}`, another user in each request.
    pub(crate) body: &'static str,
    /// What it is compared with.
    pub(crate) beside: &'static [Kind],
    /// How often every service is asked, in turns.
    pub(crate) rounds: u32,
    /// How long each time, in windows.
    pub(crate) windows: u32,
    pub(crate) connections: &'static [u32],
    /// How many enrolments it uses up while `POST /` makes one, at most.
    pub(crate) appetite: u32,
}

/// Makes the enrolments that other routes use up.
pub(crate) const CREATE: &str = "POST /";
pub(crate) const NEW: &str = r#"{"course_id": 1, "user_id": "{user}"}"#;

pub(crate) const CONNECTIONS: [u32; 3] = [1, 16, 64];

/// All routes but lists of a given length, those that make enrolments before
/// those that use them up.
pub(crate) fn routes() -> Vec<Route> {
    let all = &[Kind::Floor, Kind::Native];
    let compared = |name: &str, method, path, body, beside| Route {
        name: name.to_owned(),
        method,
        path,
        body,
        beside,
        rounds: 3,
        windows: 1,
        connections: &CONNECTIONS,
        appetite: 0,
    };
    let plain = |name: &str, method, path| Route { rounds: 1, ..compared(name, method, path, "", &[]) };
    vec![
        compared("GET /health", "GET", "/health", "", &[Kind::Floor]),
        compared("GET /{id}", "GET", "/{known}", "", all),
        compared(CREATE, "POST", "", NEW, all),
        Route { appetite: 1, ..compared("PATCH /paid", "PATCH", "/paid", r#"{"enrolment_id": {id}}"#, all) },
        plain("GET /{id}/details", "GET", "/{known}/details?user_id={known_user}"),
        Route { appetite: 3, ..plain("DELETE /{id}", "DELETE", "/{id}") },
        plain("GET /active?limit=100", "GET", "/active?limit=100"),
        plain("PATCH /expired, none over", "PATCH", "/expired"),
        plain("GET /deliveries", "GET", "/deliveries?state=dead"),
        plain("GET /metrics", "GET", "/metrics"),
        plain("GET /openapi.json", "GET", "/openapi.json"),
    ]
}

/// `GET /active` with so many rows.
pub(crate) fn active(rows: usize) -> Route {
    Route {
        name: format!("GET /active, {rows} rows"),
        method: "GET",
        path: "/active",
        body: "",
        beside: &[Kind::Floor],
        rounds: if rows < 10_000 { 2 } else { 1 },
        // Long enough for several answers on every connection.
        windows: if rows < 10_000 { 1 } else { 4 },
        connections: if rows < 100_000 { &CONNECTIONS } else { &[1] },
        appetite: 0,
    }
}
