//! Seats: no course has more enrolments than seats, and a free seat can be taken.

use crate::chaos::ask::Asker;
use crate::chaos::load::enrol::{Enrolled, enrol};
use crate::chaos::{CALLERS, courses};
use anyhow::Result;
use fastrand::Rng;
use futures::future::join_all;
use std::time::{Duration, Instant};
use tests::TestDatabase;

/// The courses with too many enrolments at this moment.
pub(crate) async fn overbooked(database: &TestDatabase) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for (course, seats) in courses::SEATS {
        let taken = taken(database, course).await?;
        if taken > seats {
            broken.push(format!("{taken} are enrolled in {course}, which has {seats} seats"));
        }
    }
    let twice = "SELECT user_id, course_id FROM enrolments WHERE status <> 'CANCELED' \
                 GROUP BY user_id, course_id HAVING COUNT(*) > 1";
    broken.extend(database.rows(twice).await?.into_iter().map(|row| format!("enrolled twice: {}", row.join(" in "))));
    Ok(broken)
}

async fn taken(database: &TestDatabase, course: i64) -> Result<usize> {
    let taken = format!("SELECT COUNT(*) FROM enrolments WHERE course_id = {course} AND status <> 'CANCELED'");
    Ok(database.rows(&taken).await?.concat().concat().parse()?)
}

/// More users than free seats ask at once; every seat is taken. No fault is active.
pub(crate) async fn fill(asker: &Asker, database: &TestDatabase, mut rng: Rng) -> Result<()> {
    /// How many users more than seats.
    const MORE: usize = 3;
    let asker = &asker.until(Instant::now() + Duration::from_secs(60));
    for (course, seats) in courses::SEATS {
        let free = seats.saturating_sub(taken(database, course).await?);
        let late = (0..free + MORE).map(|number| (format!("late-{course}-{number}"), rng.fork()));
        let all = late.map(async |(user, mut rng)| enrol(asker, &mut rng, CALLERS, &user, course).await);
        let (mut enrolled, mut full) = (0, 0);
        for one in join_all(all).await {
            match one {
                Enrolled::Is(life) | Enrolled::Found(life) => {
                    enrolled += 1;
                    asker.seen().lives.push(life);
                }
                Enrolled::Full => full += 1,
                Enrolled::Before | Enrolled::No => {}
            }
        }
        if (enrolled, full) != (free, MORE) {
            asker.wrong(format!("of {} for {free} seats in {course}: {enrolled} enrolled, {full} not", free + MORE));
        }
    }
    Ok(())
}
