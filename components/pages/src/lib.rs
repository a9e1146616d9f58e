//! Static pages and files: the description of the API, the API reference and the console.
//! They require no token.

mod console;
mod docs;

use api::{Methods, Needs, Reply};
use http::StatusCode;
use spin_adapters::server::{Call, Endpoint, open, serve};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

/// Headers by name.
type Headers = &'static [(&'static str, &'static str)];

#[derive(Clone, Copy)]
struct File {
    content_type: &'static str,
    body: &'static [u8],
    headers: Headers,
}

fn route(segments: &[&str]) -> Option<Endpoint<File>> {
    let (target, pattern) = docs::file_at(segments).or_else(|| console::file_at(segments))?;
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
    let own = file.headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
    reply.headers = own.chain([("x-content-type-options", "nosniff".to_owned())]).collect();
    reply
}
