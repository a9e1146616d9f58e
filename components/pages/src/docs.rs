//! `GET /openapi.json`: the description of the API. `GET /docs`: the API reference, in
//! Swagger UI, which loads nothing from another origin.

use crate::{File, Headers};

const HEADERS: Headers = &[
    ("cache-control", "public, max-age=3600"),
    // Swagger UI uses inline styles and data: URLs.
    (
        "content-security-policy",
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
    ),
];

const DESCRIPTION: File = file("application/json", include_bytes!("../../../openapi.json"));
const PAGE: File = file("text/html; charset=utf-8", include_bytes!("docs/page.html"));
const START: File = file("text/javascript", include_bytes!("docs/start.js"));
const STYLE: File = file("text/css", include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css")));
const VIEWER: File = file("text/javascript", include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js")));

const fn file(content_type: &'static str, body: &'static [u8]) -> File {
    File { content_type, body, headers: HEADERS }
}

/// The file at a path and the path's pattern.
pub(crate) fn file_at(segments: &[&str]) -> Option<(File, &'static str)> {
    Some(match segments {
        ["openapi.json"] => (DESCRIPTION, "/openapi.json"),
        ["docs"] => (PAGE, "/docs"),
        ["docs", "start.js"] => (START, "/docs/start.js"),
        ["docs", "swagger-ui.css"] => (STYLE, "/docs/swagger-ui.css"),
        ["docs", "swagger-ui-bundle.js"] => (VIEWER, "/docs/swagger-ui-bundle.js"),
        _ => return None,
    })
}
