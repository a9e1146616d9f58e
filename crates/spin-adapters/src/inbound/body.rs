//! A body that goes out in pieces and ends with the last of them.

use spin_executor::{CancelOnDropToken, push_waker_and_get_token};
use spin_sdk::http::OutgoingBody;
use std::future::poll_fn;
use std::task::Poll;
use wasi::io::streams::{OutputStream, StreamError};

/// A body under way. One that is dropped without having been finished is broken off.
pub(super) struct Body {
    // Goes before the body that it belongs to.
    stream: OutputStream,
    body: OutgoingBody,
}

impl Body {
    /// None if the body is taken already.
    pub(super) fn new(body: OutgoingBody) -> Option<Self> {
        Some(Self { stream: body.write().ok()?, body })
    }

    /// Hands all of `bytes` to the host, which may still hold them afterwards.
    pub(super) async fn write(&self, mut bytes: &[u8]) -> Result<(), StreamError> {
        let mut waiting = None;
        poll_fn(|context| {
            while !bytes.is_empty() {
                let room = match self.stream.check_write() {
                    Ok(0) => {
                        let token = push_waker_and_get_token(self.stream.subscribe(), context.waker().clone());
                        waiting = Some(CancelOnDropToken::from(token));
                        return Poll::Pending;
                    }
                    Ok(room) => usize::try_from(room).unwrap_or(usize::MAX),
                    Err(error) => return Poll::Ready(Err(error)),
                };
                let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
                if let Err(error) = self.stream.write(now) {
                    return Poll::Ready(Err(error));
                }
                bytes = later;
            }
            Poll::Ready(Ok(()))
        })
        .await?;
        drop(waiting);
        Ok(())
    }

    /// Ends it.
    pub(super) fn finish(self) {
        let Self { stream, body } = self;
        drop(stream);
        // A caller that hung up does not concern anybody.
        let _ = OutgoingBody::finish(body, None);
    }
}
