//! The list of routes, for the tests of tokens and methods, the guard and the benchmark.
//! `tests/rig` compares it with `openapi.json` and `spin.toml`.

use Effect::{Makes, Nothing, UsesUp};
use std::collections::BTreeSet;

/// A method of a path.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// GET stands for HEAD as well, and every path takes OPTIONS.
    pub method: &'static str,
    /// Below the base, as `openapi.json` has it; `/` for the base itself.
    pub pattern: &'static str,
    /// The component in `spin.toml` that answers.
    pub component: &'static str,
    /// Whether it requires the service token.
    pub token: bool,
    /// A body that it takes, or nothing; `{id}` and `{user}` as in a query, `{tomorrow}` is a time.
    pub body: &'static str,
    /// The status of a correct answer.
    pub status: u16,
    /// How often it can be requested.
    pub effect: Effect,
    /// A statement that must run before the request, or nothing.
    pub before: &'static str,
    /// Its measurements, at least one.
    pub asked: &'static [Asked],
}

/// The effect of a request on enrolments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It can be repeated for one enrolment.
    Nothing,
    /// It makes one, or an entry of a waiting list, for `{user}`, who has none before.
    Makes,
    /// It needs another `{id}` each time.
    UsesUp,
}

/// A measurement of a route.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The end of its name, after method and pattern.
    pub label: &'static str,
    /// With its `?`, or nothing; `{id}` stands for an enrolment, `{user}` for its user.
    pub query: &'static str,
}

const PLAIN: &[Asked] = &[Asked { label: "", query: "" }];

const ONE: &str = r#"{"enrolment_id": {id}}"#;

const MAIL: &str = r#"{"subject": "Canceled", "text": "{course}: {reason}"}"#;

/// The values of most routes.
const READ: Route = Route {
    method: "GET",
    pattern: "",
    component: "enrolments",
    token: true,
    body: "",
    status: 200,
    effect: Nothing,
    before: "",
    asked: PLAIN,
};

/// In the order of the measurements and of the methods in `Allow`. The last one leaves a due
/// job.
pub const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        pattern: "/",
        body: r#"{"course_id": 1, "user_id": "{user}"}"#,
        status: 201,
        effect: Makes,
        ..READ
    },
    Route { method: "PATCH", pattern: "/paid", component: "payments", body: ONE, effect: UsesUp, ..READ },
    Route { method: "PATCH", pattern: "/failed", component: "payments", body: ONE, effect: UsesUp, ..READ },
    Route {
        method: "PATCH",
        pattern: "/refunded",
        component: "payments",
        body: ONE,
        effect: UsesUp,
        before: "UPDATE enrolments SET payment_status = 'PAID', paid_hundredths = 0 WHERE id = {id}",
        ..READ
    },
    Route {
        method: "PATCH",
        pattern: "/rebilled",
        component: "payments",
        body: r#"{"enrolment_id": {id}, "buyer": {"street": "Prosta 1", "city": "Warszawa"}}"#,
        status: 409,
        effect: UsesUp,
        ..READ
    },
    Route { method: "PATCH", pattern: "/canceled", body: ONE, effect: UsesUp, ..READ },
    Route {
        method: "PATCH",
        pattern: "/extended",
        body: r#"{"enrolment_id": {id}, "pay_until": "{tomorrow}"}"#,
        effect: UsesUp,
        ..READ
    },
    Route {
        method: "PATCH",
        pattern: "/moved",
        body: r#"{"enrolment_id": {id}, "course_id": 13}"#,
        effect: UsesUp,
        ..READ
    },
    Route { pattern: "/courses/{course_id}/seats", ..READ },
    // The course has no seat.
    Route {
        method: "POST",
        pattern: "/waiting",
        body: r#"{"course_id": 12, "user_id": "{user}"}"#,
        status: 201,
        effect: Makes,
        ..READ
    },
    Route {
        pattern: "/waiting",
        asked: &[
            Asked { label: "?course_id=&limit=1", query: "?course_id=12&limit=1" },
            Asked { label: "?user_id=", query: "?user_id={user}" },
        ],
        ..READ
    },
    Route {
        method: "DELETE",
        pattern: "/waiting/{id}",
        status: 204,
        effect: UsesUp,
        before: "REPLACE INTO waiting (id, course_id, user_id, created_at) VALUES ({id}, 12, 'before-{id}', 1)",
        ..READ
    },
    Route {
        pattern: "/",
        asked: &[
            Asked { label: "?limit=1", query: "?limit=1" },
            Asked { label: "?user_id=", query: "?user_id={user}" },
            Asked { label: "?limit=1&view=full", query: "?limit=1&view=full" },
        ],
        ..READ
    },
    Route {
        pattern: "/{id}",
        asked: &[Asked { label: "", query: "" }, Asked { label: "?view=full", query: "?view=full" }],
        ..READ
    },
    Route { pattern: "/{id}/details", asked: &[Asked { label: "", query: "?user_id={user}" }], ..READ },
    Route { pattern: "/{id}/documents", ..READ },
    Route { pattern: "/{id}/history", ..READ },
    Route { pattern: "/events", asked: &[Asked { label: "?limit=1", query: "?limit=1" }], ..READ },
    Route { method: "DELETE", pattern: "/{id}", status: 204, effect: UsesUp, ..READ },
    Route {
        method: "DELETE",
        pattern: "/users/{user_id}",
        component: "operators",
        status: 204,
        effect: UsesUp,
        ..READ
    },
    Route {
        pattern: "/documents",
        component: "operators",
        asked: &[
            Asked { label: "", query: "?issued_from=2026-01-01&issued_to=2026-12-31" },
            Asked { label: ", the next page", query: "?issued_from=2026-01-01&issued_to=2026-12-31&after=0-0" },
        ],
        ..READ
    },
    Route {
        pattern: "/documents/check",
        component: "deliveries",
        asked: &[Asked { label: "", query: "?day=2026-01-01" }],
        ..READ
    },
    Route { pattern: "/search", component: "operators", asked: &[Asked { label: "", query: "?q={user}" }], ..READ },
    Route { pattern: "/mails", component: "operators", ..READ },
    Route { method: "PUT", pattern: "/mails/{kind}/{language}", component: "operators", body: MAIL, ..READ },
    Route { method: "DELETE", pattern: "/mails/{kind}/{language}", component: "operators", status: 204, ..READ },
    Route { method: "POST", pattern: "/mails/{kind}/{language}/preview", component: "operators", body: MAIL, ..READ },
    Route { pattern: "/active", asked: &[Asked { label: "?limit=1", query: "?limit=1" }], ..READ },
    Route {
        pattern: "/health",
        component: "health",
        token: false,
        asked: &[Asked { label: "", query: "" }, Asked { label: "?deep=1", query: "?deep=1" }],
        ..READ
    },
    Route { pattern: "/metrics", component: "health", ..READ },
    Route { pattern: "/docs", component: "pages", token: false, ..READ },
    Route { pattern: "/console", component: "pages", token: false, ..READ },
    Route { pattern: "/openapi.json", component: "pages", token: false, ..READ },
    Route {
        method: "PATCH",
        pattern: "/expired",
        component: "expiry",
        asked: &[Asked { label: ", nothing over", query: "" }],
        ..READ
    },
    Route {
        pattern: "/deliveries",
        component: "deliveries",
        asked: &[Asked { label: "", query: "?state=due" }],
        ..READ
    },
    Route {
        method: "POST",
        pattern: "/deliveries",
        component: "deliveries",
        asked: &[Asked { label: ", nothing due", query: "" }],
        ..READ
    },
    Route { pattern: "/deliveries/summary", component: "deliveries", ..READ },
    Route { pattern: "/deliveries/{id}", component: "deliveries", ..READ },
    // The delivery of the list is a mail.
    Route { pattern: "/deliveries/{id}/invoice", component: "deliveries", status: 404, ..READ },
    Route {
        method: "POST",
        pattern: "/deliveries/retry",
        component: "deliveries",
        body: r#"{"kind": "refund_email"}"#,
        ..READ
    },
    // The services of the list have no receiver.
    Route { method: "POST", pattern: "/events/test", component: "deliveries", status: 409, ..READ },
    Route {
        method: "POST",
        pattern: "/deliveries/{id}/retry",
        component: "deliveries",
        before: "UPDATE outbox SET state = 'dead', due_at = NULL WHERE id = {id}",
        ..READ
    },
    Route {
        method: "POST",
        pattern: "/deliveries/{id}/resolution",
        component: "deliveries",
        body: r#"{"note": "made already"}"#,
        before: "UPDATE outbox SET state = 'dead', due_at = NULL WHERE id = {id}",
        ..READ
    },
];

impl Route {
    /// Its name in tables and in the log.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.pattern)
    }

    /// The name of a measurement.
    #[must_use]
    pub fn name_of(&self, asked: &Asked) -> String {
        format!("{}{}", self.name(), asked.label)
    }

    /// Its path below the base, with the query of a measurement.
    #[must_use]
    pub fn target(&self, asked: &Asked, id: &str, user: &str) -> String {
        let path = self.pattern.strip_suffix('/').unwrap_or(self.pattern);
        filled(&format!("{path}{}", asked.query), id, user)
    }

    /// Its body.
    #[must_use]
    pub fn body(&self, id: &str, user: &str) -> String {
        filled(self.body, id, user)
    }

    /// The statement that must run before the request.
    #[must_use]
    pub fn before(&self, id: &str) -> String {
        filled(self.before, id, "")
    }
}

/// A pattern or a text with values for its placeholders.
#[must_use]
pub fn filled(text: &str, id: &str, user: &str) -> String {
    let text = text.replace("{id}", id).replace("{user}", user).replace("{user_id}", user);
    let text = text.replace("{kind}", "cancellation").replace("{language}", "pl").replace("{course_id}", "1");
    text.replace("{tomorrow}", &(chrono::Utc::now() + chrono::TimeDelta::days(1)).to_rfc3339())
}

/// Every pattern, with its `Allow` header.
#[must_use]
pub fn patterns() -> Vec<(&'static str, String)> {
    let patterns: BTreeSet<_> = ROUTES.iter().map(|route| route.pattern).collect();
    let allow = |pattern| {
        let own = ROUTES.iter().filter(|route| route.pattern == pattern).map(|route| route.method);
        let methods: Vec<_> = own.map(|method| if method == "GET" { "GET, HEAD" } else { method }).collect();
        format!("{}, OPTIONS", methods.join(", "))
    };
    patterns.into_iter().map(|pattern| (pattern, allow(pattern))).collect()
}
