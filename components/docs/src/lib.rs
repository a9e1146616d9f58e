//! `GET /openapi.json`: the description of the API. `GET /docs`: the same to
//! read, in Swagger UI, with nothing loaded from elsewhere. Anybody may ask: they
//! say nothing of what the service holds.

use api::{Methods, Needs, Reply};
use http::StatusCode;
use spin_adapters::inbound::{Call, Endpoint, open, serve};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

const DESCRIPTION: File = File::new("application/json", include_bytes!("../../../openapi.json"));
const PAGE: File = File::new("text/html; charset=utf-8", include_bytes!("page.html"));
const START: File = File::new("text/javascript", include_bytes!("start.js"));
const STYLE: File = File::new("text/css", include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css")));
const VIEWER: File = File::new("text/javascript", include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js")));

#[derive(Clone, Copy)]
struct File {
    content_type: &'static str,
    body: &'static [u8],
}

impl File {
    const fn new(content_type: &'static str, body: &'static [u8]) -> Self {
        Self { content_type, body }
    }
}

fn route(segments: &[&str]) -> Option<Endpoint<File>> {
    let (target, pattern) = match segments {
        ["openapi.json"] => (DESCRIPTION, "/openapi.json"),
        ["docs"] => (PAGE, "/docs"),
        ["docs", "start.js"] => (START, "/docs/start.js"),
        ["docs", "swagger-ui.css"] => (STYLE, "/docs/swagger-ui.css"),
        ["docs", "swagger-ui-bundle.js"] => (VIEWER, "/docs/swagger-ui-bundle.js"),
        _ => return None,
    };
    Some(Endpoint { target, pattern, methods: Methods(&[("GET", Needs::NoToken)]) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, open, route, async |call: Call<File>| {
        drop(call.responder.send(reply(call.target)).await);
    })
    .await;
}

fn reply(file: File) -> Reply {
    let mut reply = Reply::new(StatusCode::OK, file.content_type, file.body);
    reply.headers = vec![
        ("cache-control", "public, max-age=3600".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
        // Swagger UI styles its elements one by one and draws with data: URLs.
        (
            "content-security-policy",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
                .to_owned(),
        ),
    ];
    reply
}
