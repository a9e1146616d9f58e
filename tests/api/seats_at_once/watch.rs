//! Looks at the seats again and again while requests run.

use super::round::{Round, only_moves};
use crate::races_of_life::looking;
use std::collections::BTreeSet;

/// Awaits `work`. Until it ends no course has more enrolments than seats, and what moves is in one course.
pub(super) async fn seats<T>(round: &Round<'_>, work: impl Future<Output = T>) -> T {
    looking(work, async || look(round).await).await
}

async fn look(round: &Round<'_>) {
    let Round { app, number, course, other, .. } = round;
    // One statement sees one moment.
    let sql = format!(
        "SELECT course_id, user_id FROM enrolments WHERE course_id IN ({course}, {other}) AND status <> 'CANCELED'"
    );
    let rows = app.database.rows(&sql).await.unwrap();
    for (own, limit) in [(course, round.limit()), (other, round.other_limit)] {
        let taken = rows.iter().filter(|row| row[0] == own.to_string()).count();
        assert!(taken <= limit, "round {number}: {taken} in {own}, which has {limit} seats");
    }
    let moving: Vec<_> = rows.iter().map(|row| &row[1]).filter(|user| only_moves(user)).collect();
    let users: BTreeSet<_> = moving.iter().collect();
    assert_eq!((moving.len(), users.len()), (round.movers(), round.movers()), "round {number}: {rows:?}");
}
