//! Delivers all jobs at the end, without waiting until they are due.

use anyhow::{Result, bail};
use tests::TestDatabase;

/// Which jobs become due at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Jobs without a lease: another run may hold the others.
    Free,
    /// Also jobs with a lease: only the runs of [`drain`] hold jobs.
    All,
}

/// Repeats `run` until nothing is left, at most `runs` times.
pub(crate) async fn drain(
    database: &TestDatabase,
    due: Due,
    runs: u32,
    run: impl AsyncFn() -> Result<()>,
) -> Result<()> {
    // A run adds the webhooks.
    let open = "SELECT (SELECT COUNT(*) FROM outbox WHERE state IN ('due', 'unknown')) \
                + (SELECT COUNT(*) FROM events WHERE position IS NULL) \
                + (SELECT SUM(last - owed) FROM event_positions)";
    for _ in 0..runs {
        if database.rows(open).await? == [["0"]] {
            return Ok(());
        }
        make_due(database, due, 180_000).await?;
        run().await?;
    }
    let left = "SELECT kind, state, attempts, due_at, lease_token, last_error FROM outbox \
                WHERE state IN ('due', 'unknown')";
    let left = database.rows(left).await?.into_iter().map(|row| row.join(" ")).collect::<Vec<_>>().join("; ");
    let positions = "SELECT (SELECT COUNT(*) FROM events WHERE position IS NULL), last, owed FROM event_positions";
    let positions = database.rows(positions).await?.concat().join(", ");
    bail!("the outbox does not drain: {left}; events without a position, last, owed: {positions}")
}

/// Makes jobs due now, without a pace, and sets their `unknown_since` back by `back`
/// milliseconds.
pub(crate) async fn make_due(database: &TestDatabase, due: Due, back: u32) -> Result<()> {
    let now = chrono::Utc::now().timestamp_millis();
    let which = if due == Due::Free { "lease_token IS NULL AND " } else { "" };
    let sooner =
        format!("UPDATE outbox SET due_at = {now}, unknown_since = unknown_since - {back} WHERE {which}due_at > {now}");
    database.execute(&sooner).await?;
    database.execute("UPDATE paces SET free_at = 0, gap_ms = 0").await
}
