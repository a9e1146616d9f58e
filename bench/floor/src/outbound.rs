//! Calls to other systems. The sandbox stands in for all of them.

use futures::future::join;
use futures::{SinkExt, StreamExt};
use spin_sdk::http::{Headers, IncomingResponse, Method, OutgoingRequest, Scheme};
use std::pin::pin;

pub(crate) async fn get_from(origin: &str, path: &str) {
    exchange(Method::Get, origin, path, None).await;
}

pub(crate) async fn post_to(origin: &str, path: &str, body: &str) {
    exchange(Method::Post, origin, path, Some(body.as_bytes().to_vec())).await;
}

async fn exchange(method: Method, origin: &str, path: &str, body: Option<Vec<u8>>) {
    let mut headers = vec![
        ("accept".to_owned(), b"application/json".to_vec()),
        ("authorization".to_owned(), b"Bearer sandbox".to_vec()),
        ("user-agent".to_owned(), b"floor".to_vec()),
    ];
    if let Some(body) = &body {
        headers.push(("content-type".to_owned(), b"application/json".to_vec()));
        headers.push(("content-length".to_owned(), body.len().to_string().into_bytes()));
    }
    let request = OutgoingRequest::new(Headers::from_list(&headers).unwrap_or_else(|_| Headers::new()));
    let _ = request.set_method(&method);
    let _ = request.set_scheme(Some(&Scheme::Http));
    let _ = request.set_authority(origin.strip_prefix("http://"));
    let _ = request.set_path_with_query(Some(path));
    let sink = body.is_some().then(|| request.take_body());
    let write = async {
        if let (Some(sink), Some(body)) = (sink, body) {
            let _ = pin!(sink).send(body).await;
        }
    };
    let ((), reply) = join(write, spin_sdk::http::send::<_, IncomingResponse>(request)).await;
    let Ok(reply) = reply else { return };
    let mut stream = pin!(reply.take_body_stream());
    while let Some(Ok(_)) = stream.next().await {}
}
