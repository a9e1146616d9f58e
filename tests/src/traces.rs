//! The traces of a failed test.

use crate::database::TestDatabase;
use host::App;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// How many answers are kept, and how many characters of each.
const ANSWERS: usize = 5;
const CHARACTERS: usize = 2000;

/// The time limit of a read of the outbox: the test may still hold a lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// The shown columns of the outbox.
const COLUMNS: &str = "id, enrolment_id, kind, state, attempts, due_at, unknown_since, lease_token, last_error, \
                       finished_at, payload";

/// The answers, the log and the outbox of a test. It keeps the service and its database
/// alive.
#[derive(Clone)]
pub struct Traces {
    answers: Arc<Mutex<VecDeque<String>>>,
    app: Arc<App>,
    database: TestDatabase,
    _folder: Arc<TempDir>,
}

impl Traces {
    /// The traces of a service whose files are in `folder`.
    pub(crate) fn new(app: Arc<App>, database: TestDatabase, folder: TempDir) -> Self {
        Self { answers: Arc::default(), app, database, _folder: Arc::new(folder) }
    }

    /// Keeps an answer.
    pub(crate) fn answered(&self, answer: &str) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() == ANSWERS {
            answers.pop_front();
        }
        let end = answer.char_indices().nth(CHARACTERS).map(|(end, _)| end);
        answers.push_back(end.map_or_else(|| answer.to_owned(), |end| format!("{}…", &answer[..end])));
    }

    /// All traces as text.
    pub async fn text(&self) -> String {
        let mut text = format!("the last {ANSWERS} answers at most:\n");
        for answer in self.answers.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = writeln!(text, "  {answer}");
        }
        let _ = writeln!(text, "the service's log:");
        for line in self.app.captured_output().lines() {
            let _ = writeln!(text, "  {line}");
        }
        let _ = writeln!(text, "the outbox ({COLUMNS}):");
        let outbox = format!("SELECT {COLUMNS} FROM outbox ORDER BY id");
        let rows = match tokio::time::timeout(PATIENCE, self.database.rows(&outbox)).await {
            Ok(Ok(rows)) => rows.iter().map(|row| row.join(" | ")).collect(),
            Ok(Err(error)) => vec![format!("{error:#}")],
            Err(_) => vec!["locked".to_owned()],
        };
        for row in rows {
            let _ = writeln!(text, "  {row}");
        }
        text
    }
}
