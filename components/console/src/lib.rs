//! `GET /console`: what is owed, one enrolment and what can be done about it, for
//! operators. The files are for everybody and say nothing of what the service holds:
//! the page asks the API for that, with the token that the operator types in.

use api::{Methods, Needs, Reply};
use http::StatusCode;
use spin_adapters::inbound::{Call, Endpoint, open, serve};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

#[derive(Clone, Copy)]
struct File {
    name: &'static str,
    content_type: &'static str,
    body: &'static [u8],
}

macro_rules! file {
    ($name:literal, $content_type:literal) => {
        File {
            name: $name,
            content_type: concat!($content_type, "; charset=utf-8"),
            body: include_bytes!(concat!("page/", $name)),
        }
    };
}

const PAGE: File = file!("console.html", "text/html");

const FILES: [File; 14] = [
    file!("console.css", "text/css"),
    file!("icon.svg", "image/svg+xml"),
    file!("main.js", "text/javascript"),
    file!("api.js", "text/javascript"),
    file!("token.js", "text/javascript"),
    file!("dom.js", "text/javascript"),
    file!("words.js", "text/javascript"),
    file!("reasons.js", "text/javascript"),
    file!("confirm.js", "text/javascript"),
    file!("deliveries.js", "text/javascript"),
    file!("panel.js", "text/javascript"),
    file!("owed.js", "text/javascript"),
    file!("enrolment.js", "text/javascript"),
    file!("user.js", "text/javascript"),
];

fn route(segments: &[&str]) -> Option<Endpoint<File>> {
    let (target, pattern) = match segments {
        ["console"] => (PAGE, "/console"),
        ["console", name] => (*FILES.iter().find(|file| file.name == *name)?, "/console/{file}"),
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

/// Nothing is loaded from or sent to another origin, no script or style stands in the
/// page, and no text can become HTML: all of it is what the API knows of customers.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

fn reply(file: File) -> Reply {
    let mut reply = Reply::new(StatusCode::OK, file.content_type, file.body);
    reply.headers = vec![
        // The files belong together: none outlives a new release.
        ("cache-control", "no-cache".to_owned()),
        ("content-security-policy", POLICY.to_owned()),
        ("cross-origin-opener-policy", "same-origin".to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    reply
}
