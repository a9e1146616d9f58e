//! What a failed attempt leads to.

use crate::Unavailable;
use crate::jobs::Job;
use crate::jobs::outbox::{AttemptOutcome, FailedAttempt, Failure, SystemAction};
use crate::model::backoff;
use crate::model::reason::FailureReason;
use crate::ports::{Clock, Outbox, Random};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// Stores a failed attempt.
///
/// # Errors
///
/// When the database can store nothing about this job; its lease then ends.
pub(super) async fn record_failure(
    store: &impl Outbox,
    env: &(impl Clock + Random),
    job: &Job,
    failure: Failure,
) -> Result<AttemptOutcome, Unavailable> {
    let now = env.now();
    let (outcome, failed) = next_state(job, failure, now, env.random());
    store.record_failure(job, &failed, now).await?;
    Ok(outcome)
}

/// The result of an attempt that ended with `failure`; see [`Failure`] for what each variant means.
fn next_state(job: &Job, failure: Failure, now: DateTime<Utc>, random: u64) -> (AttemptOutcome, FailedAttempt) {
    let snoozed = |reason: FailureReason, wait: Duration, after, tried| FailedAttempt::Snoozed {
        due_at: now + wait,
        reason: bounded_wait(reason, after),
        tried,
    };
    let wait_for_others = |after| backoff::wait_for_others(now - job.created_at, after, random);
    let counted = |reason: FailureReason, after, unknown_since| {
        if job.attempts >= backoff::MAX_ATTEMPTS {
            return FailedAttempt::GivenUp { reason };
        }
        let due_at = now + backoff::wait(job.attempts, after, random);
        FailedAttempt::PutOff { due_at, unknown_since, reason: bounded_wait(reason, after) }
    };
    let (failed, action) = match failure {
        Failure::Refused { reason } => (FailedAttempt::GivenUp { reason }, SystemAction::Continue),
        Failure::Later { reason, after } => (counted(reason, after, job.unknown_since), SystemAction::Continue),
        Failure::Unknown { reason, after, whole_system } => {
            let action =
                if whole_system { SystemAction::Pause { after, unknown: true } } else { SystemAction::Continue };
            (counted(reason, after, job.unknown_since.or(Some(now))), action)
        }
        Failure::Waiting { reason, after } => {
            (snoozed(reason, wait_for_others(after), after, false), SystemAction::Continue)
        }
        Failure::Down { reason, after } => {
            (snoozed(reason, wait_for_others(after), after, true), SystemAction::Pause { after, unknown: false })
        }
        Failure::Paced { reason, after, gap } => {
            (snoozed(reason, backoff::wait_for_turn(after), after, true), SystemAction::SlowDown { after, gap })
        }
    };
    let outcome = match failed {
        FailedAttempt::GivenUp { .. } => AttemptOutcome::GivenUp,
        FailedAttempt::PutOff { .. } | FailedAttempt::Snoozed { .. } => AttemptOutcome::PutOff(action),
    };
    (outcome, failed)
}

/// Adds to the reason that the system asked for a longer wait than it gets.
fn bounded_wait(reason: FailureReason, after: Option<Duration>) -> FailureReason {
    if after.is_some_and(|after| after > backoff::LONGEST_ASKED) {
        return reason.and("asked to wait for more than a day, waits for a day");
    }
    reason
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{DOWN, enrolment_email, job, later, refused, start, unknown};
    use crate::model::reason::ReasonCode;
    use crate::usecases::deliver::tests::PUT_OFF;
    use chrono::TimeDelta;

    #[test]
    fn waits_grow_with_the_attempts_and_end() {
        let put_off = |attempts, failure| next_state(&Job { attempts, ..job(enrolment_email()) }, failure, start(), 0);
        let FailedAttempt::PutOff { due_at, unknown_since, reason } = put_off(3, later()).1 else { panic!() };
        assert_eq!(
            (due_at - start(), unknown_since, reason),
            (TimeDelta::seconds(40), None, ReasonCode::StillBeingSent.into())
        );

        let why = || FailureReason::from(ReasonCode::ServerError);
        let kept = ReasonCode::ServerError.with("asked to wait for more than a day, waits for a day");
        for (asked, waited, words) in
            [(90, 90, why()), (7200, 7200, why()), (86_400, 86_400, why()), (86_401, 86_400, kept)]
        {
            let (reason, after) = (why(), Some(std::time::Duration::from_secs(asked)));
            for (failure, others) in [
                (Failure::Later { reason: reason.clone(), after }, SystemAction::Continue),
                (Failure::Unknown { reason: reason.clone(), after, whole_system: false }, SystemAction::Continue),
                (
                    Failure::Unknown { reason: reason.clone(), after, whole_system: true },
                    SystemAction::Pause { after, unknown: true },
                ),
                (Failure::Down { reason: reason.clone(), after }, SystemAction::Pause { after, unknown: false }),
                (Failure::Waiting { reason, after }, SystemAction::Continue),
            ] {
                let (outcome, failed) = put_off(1, failure);
                let (FailedAttempt::PutOff { due_at, reason, .. } | FailedAttempt::Snoozed { due_at, reason, .. }) =
                    failed
                else {
                    panic!()
                };
                assert_eq!((outcome, due_at - start()), (AttemptOutcome::PutOff(others), TimeDelta::seconds(waited)));
                assert_eq!(reason, words);
            }
        }

        assert_eq!(put_off(backoff::MAX_ATTEMPTS - 1, unknown()).0, PUT_OFF);
        assert_eq!(put_off(backoff::MAX_ATTEMPTS, unknown()).0, AttemptOutcome::GivenUp);
        assert_eq!(put_off(1, refused()).0, AttemptOutcome::GivenUp);
    }

    #[test]
    fn outages_paces_and_waits_are_not_attempts() {
        let since = Some(start());
        let (reason, after) = (|| FailureReason::from(ReasonCode::ServerError), None);
        for (attempts, waited, wait) in [(1, 0, 10), (3, 400, 100), (backoff::MAX_ATTEMPTS, 365 * 24 * 3600, 3600)] {
            let job = Job { attempts, unknown_since: since, ..job(enrolment_email()) };
            let now = start() + TimeDelta::seconds(waited);
            for (failure, outcome, wait, tried) in [
                (Failure::Waiting { reason: reason(), after }, PUT_OFF, wait, false),
                (Failure::Down { reason: reason(), after }, DOWN, wait, true),
                (
                    Failure::Paced { reason: reason(), after, gap: None },
                    AttemptOutcome::PutOff(SystemAction::SlowDown { after, gap: None }),
                    1,
                    true,
                ),
            ] {
                let due_at = now + TimeDelta::seconds(wait);
                let expected = FailedAttempt::Snoozed { due_at, reason: reason(), tried };
                assert_eq!(next_state(&job, failure, now, 0), (outcome, expected));
            }
        }
    }
}
