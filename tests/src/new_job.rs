//! Jobs that a test adds to the outbox.

use crate::{TestApp, TestDatabase};
use anyhow::Result;

/// A job as a row of the outbox. Its key is that of the first job of its kind.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// The id of the row; without one the database sets it.
    pub id: Option<i64>,
    /// The enrolment.
    pub enrolment_id: i64,
    /// The kind.
    pub kind: &'static str,
    /// The payload, JSON of version 1.
    pub payload: String,
    /// The state.
    pub state: &'static str,
    /// The number of attempts.
    pub attempts: i64,
    /// When it is due, in milliseconds since 1970.
    pub due_at: Option<i64>,
    /// Since when its result is unknown, in milliseconds since 1970.
    pub unknown_since: Option<i64>,
    /// The reason of the last attempt.
    pub last_error: Option<&'static str>,
    /// When it was written, in milliseconds since 1970.
    pub created_at: i64,
}

/// A mail that has been due for years.
impl Default for NewJob {
    fn default() -> Self {
        Self {
            id: None,
            enrolment_id: 1,
            kind: "enrolment_email",
            payload: "{}".to_owned(),
            state: "due",
            attempts: 0,
            due_at: Some(1),
            unknown_since: None,
            last_error: None,
            created_at: 1,
        }
    }
}

impl NewJob {
    /// A mail of `kind` to `address`.
    #[must_use]
    pub fn mail(kind: &'static str, enrolment_id: i64, address: &str) -> Self {
        let payload =
            format!(r#"{{"recipient":{{"first_name":"A","last_name":"B","email":"{address}"}},"course_name":"C"}}"#);
        Self { enrolment_id, kind, payload, ..Self::default() }
    }

    fn row(&self, quote: impl Fn(&str) -> String) -> String {
        let Self { enrolment_id, kind, attempts, created_at, .. } = self;
        let number = |number: Option<i64>| number.map_or("NULL".to_owned(), |number| number.to_string());
        let (id, due_at, unknown_since) = (number(self.id), number(self.due_at), number(self.unknown_since));
        let (payload, state) = (quote(&self.payload), quote(self.state));
        let last_error = self.last_error.map_or("NULL".to_owned(), quote);
        format!(
            "({id}, '{kind}:{enrolment_id}', {enrolment_id}, '{kind}', {payload}, 1, {state}, {attempts}, {due_at}, \
             {unknown_since}, {last_error}, {created_at})"
        )
    }
}

impl TestApp {
    /// Adds jobs to the outbox.
    ///
    /// # Errors
    ///
    /// When the database refuses them.
    pub async fn add_jobs(&self, jobs: impl IntoIterator<Item = NewJob>) -> Result<()> {
        let quote = |text: &str| {
            let text = text.replace('\'', "''");
            match self.database {
                TestDatabase::Sqlite(_) => format!("'{text}'"),
                TestDatabase::MariaDb { .. } => format!("'{}'", text.replace('\\', "\\\\")),
            }
        };
        let rows: Vec<_> = jobs.into_iter().map(|job| job.row(quote)).collect();
        let columns = "id, job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, \
                       unknown_since, last_error, created_at";
        self.database.execute(&format!("INSERT INTO outbox ({columns}) VALUES {}", rows.join(","))).await
    }
}
