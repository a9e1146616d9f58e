//! Seats: no course has more enrolments than seats, and a free seat can be taken.

use crate::chaos::ask::{Asker, Request};
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

/// What is wrong with seats after a run of the expiry, while nothing else runs.
pub(crate) async fn settle(asker: &Asker, database: &TestDatabase) -> Result<()> {
    let asker = &asker.until(Instant::now() + Duration::from_secs(60));
    let run = Request::plain("PATCH /expired", "");
    let begun = chrono::Utc::now().timestamp_millis();
    while !asker.time_is_up() && !matches!(asker.ask(&run).await, Some((200, _))) {}
    for (course, seats) in courses::SEATS {
        let waiting = format!("SELECT COUNT(*) FROM waiting WHERE course_id = {course}");
        let waiting = database.rows(&waiting).await?.concat().concat();
        let taken = taken(database, course).await?;
        if waiting != "0" && taken < seats {
            asker.wrong(format!("{waiting} wait for {course}, which has {taken} of {seats} seats taken"));
        }
    }
    let late = format!("SELECT id FROM enrolments WHERE unpaid_until < {begun}");
    let torn = "SELECT id FROM enrolments WHERE lapsed = 1 AND NOT (status = 'CANCELED' AND payment_status <> 'PAID' \
                AND canceled_by IS NULL AND reason = 'not_paid_in_time' AND pay_until <= canceled_at)";
    let both = "SELECT waiting.id FROM waiting JOIN enrolments AS e ON e.user_id = waiting.user_id \
                AND e.course_id = waiting.course_id AND e.status <> 'CANCELED'";
    let no_mail = "SELECT enrolment_id FROM events WHERE kind = 'enrolment.offered' \
                   AND position <= (SELECT noticed FROM event_positions) \
                   AND enrolment_id IN (SELECT id FROM enrolments) AND enrolment_id NOT IN \
                   (SELECT enrolment_id FROM outbox WHERE job_key LIKE 'notice:%:offer')";
    for (what, sql) in [
        ("not paid in time, and active", late.as_str()),
        ("lapsed in parts", torn),
        ("enrolled and waiting", both),
        ("an offer without a mail", no_mail),
    ] {
        for row in database.rows(sql).await? {
            asker.wrong(format!("{what}: {}", row.concat()));
        }
    }
    Ok(())
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
