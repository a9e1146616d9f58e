//! The requests under load.

use crate::target::Kind;
use tests::{Asked, Effect, ROUTES};

/// A route under load.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) name: String,
    pub(crate) method: &'static str,
    /// The path below the base. `{id}` is another id in each request; `{known}` and
    /// `{known_user}` are of an enrolment that stays.
    pub(crate) path: String,
    /// The body, with `{id}` and with `{user}`, another user in each request.
    pub(crate) body: String,
    /// The services that it is compared with.
    pub(crate) beside: &'static [Kind],
    /// How many rounds each service gets, in turns.
    pub(crate) rounds: u32,
    /// The length of a round, in windows.
    pub(crate) windows: u32,
    pub(crate) connections: &'static [u32],
    /// How many enrolments it uses up at most while `POST /` makes one.
    pub(crate) appetite: u32,
}

/// Makes the enrolments that other routes use up.
pub(crate) const CREATE: &str = "POST /";

/// Its body.
pub(crate) fn new() -> String {
    ROUTES.iter().find(|route| route.name() == CREATE).map_or_else(String::new, |route| route.body("", "{user}"))
}

pub(crate) const CONNECTIONS: [u32; 3] = [1, 16, 64];

/// The names of the routes that the floor has.
pub(crate) const ON_THE_FLOOR: [&str; 6] = ["POST /", "PATCH /paid", "GET /{id}", OF_USER, "GET /health", ONE_EVENT];

pub(crate) const OF_USER: &str = "GET /?user_id=";

const ONE_EVENT: &str = "GET /events?limit=1";

/// The routes that are compared.
fn beside(name: &str) -> &'static [Kind] {
    match name {
        "GET /health" | OF_USER | ONE_EVENT => &[Kind::Floor],
        _ if ON_THE_FLOOR.contains(&name) => &[Kind::Floor, Kind::Native],
        _ => &[],
    }
}

/// All routes except lists of a given length, routes that need a statement before them, and the test
/// event, for which there is no receiver.
pub(crate) fn routes() -> Vec<Route> {
    let ways = ROUTES.iter().filter(|route| route.before.is_empty() && route.status < 400);
    ways.flat_map(|route| route.asked.iter().map(|asked| under_load(route, asked))).collect()
}

fn under_load(route: &tests::Route, asked: &Asked) -> Route {
    let name = route.name_of(asked);
    let beside = beside(&name);
    let (id, user) = if route.effect == Effect::Nothing { ("{known}", "{known_user}") } else { ("{id}", "{user}") };
    Route {
        method: route.method,
        path: route.target(asked, id, user),
        body: route.body(id, user),
        beside,
        rounds: if beside.is_empty() { 1 } else { 5 },
        windows: 1,
        connections: &CONNECTIONS,
        // The fastest, a DELETE, is three times as fast as `POST /`.
        appetite: if route.effect == Effect::UsesUp { 3 } else { 0 },
        name,
    }
}

/// `GET /events`, a page of it.
pub(crate) fn events() -> Route {
    Route { name: "GET /events, 100 events".to_owned(), path: "/events".to_owned(), ..active(100) }
}

/// `GET /active` with `rows` rows.
pub(crate) fn active(rows: usize) -> Route {
    Route {
        name: format!("GET /active, {rows} rows"),
        method: "GET",
        path: "/active".to_owned(),
        body: String::new(),
        beside: &[Kind::Floor],
        rounds: if rows < 10_000 { 2 } else { 1 },
        // Long enough for several answers on every connection.
        windows: if rows < 10_000 { 1 } else { 4 },
        connections: if rows < 100_000 { &CONNECTIONS } else { &[1] },
        appetite: 0,
    }
}
