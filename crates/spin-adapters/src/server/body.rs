//! A body that goes out in pieces and ends with the last of them.
//!
//! The host takes a piece when there is room for it: as long as the caller reads, that is at
//! once. It holds a few pieces for each caller.

use crate::timer::sleep;
use futures::future::{Either, select};
use spin_executor::{CancelOnDropToken, push_waker_and_get_token};
use spin_sdk::http::OutgoingBody;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use wasi::io::streams::{OutputStream, StreamError};

/// The pieces of a body that is read from the database as it goes out, in bytes. An engine on hyper
/// holds up to 16 of them for a caller who does not read.
pub(super) const SMALL: usize = 8 * 1024;

/// Those of a body that is in memory. Of two segments below the MTU (64 KiB on the same machine) the
/// second waits until the first is acknowledged, 40 ms: Spin leaves `TCP_NODELAY` off.
pub(super) const LARGE: usize = 64 * 1024;

/// How long a caller may read nothing. The engine has a limited number of instances, and each
/// waiting request holds one.
const STALLED: Duration = Duration::from_secs(10);

/// After how long a caller counts as one who is waited for.
const MOMENT: Duration = Duration::from_millis(100);

/// A body under way. One that is dropped without having been finished is broken off.
pub(super) struct Body {
    // Goes before the body that it belongs to.
    stream: OutputStream,
    body: OutgoingBody,
    /// The size of the pieces.
    piece: usize,
}

/// The caller has hung up, or takes nothing.
pub(super) struct Stopped;

impl From<StreamError> for Stopped {
    fn from(_: StreamError) -> Self {
        Self
    }
}

impl Body {
    /// None if the body is taken already.
    pub(super) fn new(body: OutgoingBody, piece: usize) -> Option<Self> {
        Some(Self { stream: body.write().ok()?, body, piece })
    }

    /// Hands all of `bytes` to the host, which may still hold the last of them afterwards.
    /// `waits` is called whenever the caller makes it wait.
    pub(super) async fn write(&self, mut bytes: &[u8], waits: impl Fn()) -> Result<(), Stopped> {
        while !bytes.is_empty() {
            let room = match self.stream.check_write()? {
                0 => self.room(&waits).await?,
                room => room,
            };
            let most = usize::try_from(room).unwrap_or(self.piece).min(self.piece);
            let (now, later) = bytes.split_at_checked(most).unwrap_or((bytes, &[]));
            self.stream.write(now)?;
            bytes = later;
        }
        Ok(())
    }

    /// Waits for room.
    async fn room(&self, waits: impl Fn()) -> Result<u64, Stopped> {
        let mut room = pin!(self.some_room());
        if let Either::Left((room, _)) = select(room.as_mut(), pin!(sleep(MOMENT))).await {
            return Ok(room?);
        }
        waits();
        match select(room, pin!(sleep(STALLED - MOMENT))).await {
            Either::Left((room, _)) => Ok(room?),
            Either::Right(_) => Err(Stopped),
        }
    }

    async fn some_room(&self) -> Result<u64, StreamError> {
        let mut waiting = None;
        let room = poll_fn(|context| match self.stream.check_write() {
            Ok(0) => {
                let token = push_waker_and_get_token(self.stream.subscribe(), context.waker().clone());
                // Cancels the one before.
                waiting = Some(CancelOnDropToken::from(token));
                Poll::Pending
            }
            other => Poll::Ready(other),
        })
        .await;
        drop(waiting);
        room
    }

    /// Ends it.
    pub(super) fn finish(self) {
        let Self { stream, body, .. } = self;
        drop(stream);
        // A caller that hung up does not concern anybody.
        let _ = OutgoingBody::finish(body, None);
    }
}
