//! What a person does in the end: a restored copy may have forgotten a correction of a part of an invoice.
//! The next one then cannot be issued, because the account has another. The person cancels the forgotten
//! one, and retries.

use crate::chaos::ask::{Asker, Request};
use crate::chaos::trouble::Trouble;
use anyhow::{Context as _, Result};
use sandbox::Sandbox;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tests::TestDatabase;

/// Dead corrections whose account has another one.
const DEAD: &str = "SELECT id, enrolment_id FROM outbox \
                    WHERE state = 'dead' AND kind = 'correction' AND last_error LIKE 'another_correction%'";

pub(crate) async fn put_right(
    asker: &Asker,
    database: &TestDatabase,
    sandbox: &Sandbox,
    trouble: &Trouble,
) -> Result<()> {
    let asker = asker.until(Instant::now() + Duration::from_secs(60));
    for row in database.rows(DEAD).await? {
        let [job, enrolment] = row.as_slice() else { continue };
        let recorded = format!("SELECT vendor_id FROM documents WHERE enrolment_id = {enrolment}");
        let recorded: BTreeSet<String> = database.rows(&recorded).await?.concat().into_iter().collect();
        let corrections = sandbox.state().corrections;
        let forgotten = trouble.forgotten.iter().flat_map(|forgotten| forgotten.corrections.clone());
        let forgotten = forgotten.filter_map(|place| corrections.get(place));
        let of_enrolment = format!("correction-{enrolment}-");
        let is_unknown = |correction: &&Value| {
            correction["oid"].as_str().is_some_and(|oid| oid.starts_with(&of_enrolment))
                && !recorded.contains(&correction["id"].to_string())
        };
        for correction in forgotten.filter(is_unknown) {
            sandbox.change_document(correction["id"].as_u64().context("an id")?, &json!({"cancelled": true}));
        }
        let path = format!("/deliveries/{job}/retry");
        asker.ask(&Request { path, ..Request::plain("POST /deliveries/{id}/retry", "") }).await;
    }
    Ok(())
}
