//! The HTTP trigger: a server that runs a new guest for every request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HOST};
use hyper::http::uri::{Authority, Scheme as UriScheme, Uri};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _};

use crate::app::Shared;
use crate::guest::State;
use crate::record::Trigger;

type Reply = Response<WasiBody>;

/// Serves an app until it is stopped.
pub(crate) async fn serve(app: Arc<Shared>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = app.runs.stopped() => return,
        };
        match accepted {
            Ok((stream, client)) => drop(tokio::spawn(converse(Arc::clone(&app), stream, client))),
            Err(error) => {
                app.runs.sink.log(format_args!("cannot accept a connection: {error}"));
                // Probably there are no free file descriptors: wait a moment.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// Serves a connection. If the client closes it, running guests continue.
async fn converse(app: Arc<Shared>, stream: TcpStream, client: SocketAddr) {
    // As in Spin, `TCP_NODELAY` is off: a response in small segments is as slow as there,
    // because each segment waits for the acknowledgement of the previous one.
    let service = service_fn(|request| respond(&app, client, request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = connection => {}
        () = app.runs.stopped() => {}
    }
}

/// Handles a request. An error closes the connection without a response, as in Spin for a
/// request without a host or with two.
async fn respond(app: &Arc<Shared>, client: SocketAddr, mut request: Request<Incoming>) -> Result<Reply> {
    let path = request.uri().path().to_owned();
    if let Some(known) = path.strip_prefix("/.well-known/spin/") {
        return Ok(if known == "health" { text("OK") } else { empty(StatusCode::NOT_FOUND) });
    }
    let Some(found) = app.runtime.routes().find(&path) else {
        return Ok(empty(StatusCode::NOT_FOUND));
    };
    *request.uri_mut() = absolute(&request)?;
    let headers = found.headers(request.uri().to_string(), client);
    request.headers_mut().remove(CONNECTION);
    request.headers_mut().extend(headers.into_iter().map(|(name, value)| (Some(name), value)));
    let reply = match app.runtime.http_guest(found.component()) {
        Some(guest) => run(app, guest, found.component(), request).await,
        None => Err(anyhow::anyhow!("no such component")),
    };
    Ok(reply.unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR)))
}

/// Runs the guest and waits for its response, not for its end.
async fn run(app: &Arc<Shared>, guest: &ProxyPre<State>, component: &str, request: Request<Incoming>) -> Result<Reply> {
    for value in request.headers().values() {
        // Spin passes headers as text.
        std::str::from_utf8(value.as_bytes()).context("a header is not UTF-8")?;
    }
    let trigger = Trigger::Http { method: request.method().to_string(), path: request.uri().path().to_owned() };
    let run = app.runs.start(trigger, app.configured(component)?);
    let mut store = run.store(guest.engine());
    let guest = guest.clone();
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let result = run.unless_stopped(call(&mut store, &guest, request, sender)).await;
        run.end(store, &result).await;
    });
    match receiver.await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(code)) => bail!("the guest returned an error: {code:?}"),
        Err(_) => bail!("the guest ended without a response"),
    }
}

async fn call(
    store: &mut Store<State>,
    guest: &ProxyPre<State>,
    request: Request<Incoming>,
    sender: oneshot::Sender<Result<Reply, ErrorCode>>,
) -> Result<()> {
    let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
    let response = store.data_mut().http().new_response_outparam(sender)?;
    let guest = guest.instantiate_async(&mut *store).await?;
    guest.wasi_http_incoming_handler().call_handle(store, request, response).await?;
    Ok(())
}

/// The URI of the request with its scheme and authority. The authority comes from the
/// request line or from the `Host` header; if both are given, they must be equal.
fn absolute(request: &Request<Incoming>) -> Result<Uri> {
    let mut parts = request.uri().clone().into_parts();
    let host = match request.headers().get(HOST) {
        Some(host) => Some(Authority::try_from(host.as_bytes()).context("the Host header is invalid")?),
        None => None,
    };
    parts.authority = match (host, parts.authority.take()) {
        (Some(host), Some(authority)) if host != authority => bail!("the request has two hosts"),
        (None, None) => bail!("the request has no host"),
        (host, authority) => host.or(authority),
    };
    parts.scheme = Some(UriScheme::HTTP);
    Ok(Uri::from_parts(parts)?)
}

fn empty(status: StatusCode) -> Reply {
    let mut reply = Response::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
    *reply.status_mut() = status;
    reply
}

fn text(text: &'static str) -> Reply {
    Response::new(Full::new(Bytes::from_static(text.as_bytes())).map_err(|never| match never {}).boxed_unsync())
}
