//! Waiting on the host's clock.

use spin_executor::CancelOnDropToken;
use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

/// Waits for so long, from the first time it is polled on: raced with what is
/// there already, it costs nothing. The timer is set once, however often what it
/// is raced with has news.
pub(crate) async fn sleep(duration: Duration) {
    /// The clock shows whether the timer has gone off. This close to the end, a new timer makes
    /// sure of it.
    const CLOSE: Duration = Duration::from_millis(5);
    let end = Instant::now() + duration;
    let mut timer = None;
    poll_fn(|context| {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Poll::Ready(());
        }
        if timer.is_none() || left < CLOSE {
            let nanoseconds = u64::try_from(left.as_nanos()).unwrap_or(u64::MAX);
            let pollable = wasi::clocks::monotonic_clock::subscribe_duration(nanoseconds);
            let token = spin_executor::push_waker_and_get_token(pollable, context.waker().clone());
            // Cancels the one before.
            timer = Some(CancelOnDropToken::from(token));
        }
        Poll::Pending
    })
    .await;
    drop(timer);
}
