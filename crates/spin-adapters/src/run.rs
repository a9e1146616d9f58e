//! Deliveries: those that follow an answer, and runs that a schedule or a caller starts.

use crate::inbound::Answered;
use crate::{Adapters, CoursesService, Deadline, Environment, Fakturownia, Receiver, Relay, Store, UsersService};
use chrono::TimeDelta;
use domain::deliver::{deliver_document, deliver_email};
use domain::drain::{Limits, deliver_due};
use domain::job::{Job, Target};
use domain::once::forget_old_keys;
use domain::outbox::Counts;
use domain::ports::{Clock as _, Courses, Recipients, Retention as _, Services, Users};
use domain::{Course, CourseId, LookUpError, Unavailable, User, UserId};

/// Delivers the emails that an answered request has left its holder with. One that
/// cannot be put off either is taken over once its lease has run out.
pub async fn deliver_after(answered: &Answered, with: &Adapters, emails: Vec<Job>) {
    for email in emails {
        if let Err(error) = deliver_email(&with.store, &with.relay, &Environment, &email).await {
            answered.log(&error.to_string());
        }
    }
}

/// Delivers the correction that an answered request has left its holder with, and the
/// email that follows; where there is no correction, the email alone.
pub async fn correct_after(answered: &Answered, (with, invoices): &(Adapters, Fakturownia), jobs: Vec<Job>) {
    let (corrections, mut emails): (Vec<_>, Vec<_>) =
        jobs.into_iter().partition(|job| job.payload.kind().target() == Target::Invoices);
    for correction in corrections {
        match deliver_document(&with.store, invoices, &Environment, &correction).await {
            Ok((_, delivered)) => emails.extend(delivered.into_iter().flat_map(|delivered| delivered.jobs)),
            Err(error) => answered.log(&error.to_string()),
        }
    }
    deliver_after(answered, with, emails).await;
}

/// The users and courses services, whose variables are read when one is asked for: few
/// runs do.
struct WhenAsked;

impl Users for WhenAsked {
    async fn user(&self, id: &UserId) -> Result<Option<User>, LookUpError> {
        UsersService::from_variables()?.user(id).await
    }
}

impl Courses for WhenAsked {
    async fn course(&self, id: CourseId) -> Result<Option<Course>, LookUpError> {
        CoursesService::from_variables()?.course(id).await
    }
}

/// Delivers what is due in the outbox, within [`Limits::RUN`], and forgets
/// idempotency keys that are a day old and what is kept no longer.
///
/// # Errors
///
/// When a variable is missing or unreadable, or the database does not answer as it
/// should; see [`deliver_due`].
pub async fn run_deliveries() -> Result<Counts, Unavailable> {
    let store = Store::from_variables()?;
    let retention_days = crate::config::retention_days()?;
    let invoices = Fakturownia::from_variables(Deadline::BACKGROUND)?;
    let relay = Relay::from_variables(Deadline::BACKGROUND)?;
    let webhooks = Receiver::from_variables(Deadline::BACKGROUND)?;
    let services = Services { store: &store, users: &WhenAsked, courses: &WhenAsked, env: &Environment };
    let recipients = Recipients { invoices: &invoices, mail: &relay, webhooks: &webhooks };
    let counts = deliver_due(&services, &recipients, Limits::RUN).await?;
    forget_old_keys(&store, &Environment).await?;
    if let Some(days) = retention_days {
        store.prune_before(Environment.now() - TimeDelta::days(days.into())).await?;
    }
    Ok(counts)
}
