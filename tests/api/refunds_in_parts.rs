//! `PATCH /refunded` with `amount`, `cancel` and `reference`: several corrections of one invoice.

use crate::refunded::pending_jobs;
use futures::future::join_all;
use sandbox::fault::Named;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    each_refund_has_a_correction_to_what_is_left,
    a_mail_names_the_amount_and_what_is_left,
    refunds_wait_for_the_documents_before_them,
    a_lost_correction_is_found_among_others,
    a_correction_that_a_person_made_is_adopted_or_needs_a_person,
    a_correction_made_by_hand_lets_the_next_one_go_on,
    faulty_refunds_are_named,
    equal_refunds_at_once_are_recorded_once,
    no_more_is_refunded_at_once_than_was_paid,
    a_reference_outlives_enrolment_and_user,
    corrections_of_a_company_are_numbered_beside_each_other with crate::variables([("invoices_ksef", "companies")]),
];

async fn refund(app: &TestApp, id: i64, more: &Value) -> Answer {
    let mut body = json!({"enrolment_id": id});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.call_json("PATCH", "/refunded", &body).await
}

/// A refund of this amount, with the amount as its reference.
async fn part(app: &TestApp, id: i64, amount: &str) {
    let answer = refund(app, id, &json!({"amount": amount, "reference": format!("re_{id}_{amount}")})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.idle().await;
}

/// The difference, what was left before, and what is left, of each correction in the sandbox.
fn corrections(app: &TestApp) -> Vec<[String; 3]> {
    let corrections = app.sandbox.state().corrections;
    let of = |correction: &Value, place: &str| {
        let gross = correction.pointer(place).unwrap_or_else(|| panic!("{place}: {correction}"));
        gross.as_str().unwrap().to_owned()
    };
    let parts = [
        "/price_gross",
        "/positions/0/correction_before_attributes/total_price_gross",
        "/positions/0/correction_after_attributes/total_price_gross",
    ];
    corrections.iter().map(|correction| parts.map(|place| of(correction, place))).collect()
}

fn texts(parts: &[[&str; 3]]) -> Vec<[String; 3]> {
    parts.iter().map(|part| part.map(str::to_owned)).collect()
}

const WHOLE: [[&str; 3]; 3] =
    [["-49.99", "199.99", "150.00"], ["-50.00", "150.00", "100.00"], ["-100.00", "100.00", "0.00"]];

async fn each_refund_has_a_correction_to_what_is_left(app: TestApp) {
    let id = app.paid("ann", 1).await;
    part(&app, id, "49.99").await;
    part(&app, id, "50").await;
    assert_eq!(app.state_of(id).await, "ACTIVE PAID");
    let last = app.refund(id).await;
    assert_eq!((last.status, &last.json()["status"]), (200, &json!("canceled")));
    app.idle().await;
    assert_eq!(corrections(&app), texts(&WHOLE));
    let invoice = app.sandbox.state().invoices[0]["id"].clone();
    assert!(app.sandbox.state().corrections.iter().all(|own| own["invoice_id"] == invoice));
    let gross: Vec<_> = app.documents(id).await.iter().map(|own| own["gross"].clone()).collect();
    assert_eq!(gross, [json!("199.99"), json!("-49.99"), json!("-50.00"), json!("-100.00")]);
    let refunds = ["refunded", "corrected", "refunded", "corrected", "refunded", "corrected"];
    assert_eq!(app.history(id).await[3..], refunds);
    assert_eq!((app.refund(id).await.status, pending_jobs(&app).await), (409, json!([])));
    assert_eq!(app.value("SELECT refunded_hundredths FROM enrolments").await, "19999");
}

async fn a_mail_names_the_amount_and_what_is_left(app: TestApp) {
    let id = app.paid("ann", 1).await;
    part(&app, id, "49.99").await;
    app.refunded(id).await;
    let state = app.sandbox.state();
    let mails: Vec<_> = state.emails.iter().skip(2).map(|mail| mail["text"].as_str().unwrap().to_owned()).collect();
    let link = |number: usize| state.corrections[number]["view_url"].as_str().unwrap().to_owned();
    let no_break = '\u{a0}';
    assert!(mails[0].contains(&format!("Amount: PLN{no_break}49.99\n")), "{}", mails[0]);
    assert!(mails[0].contains(&format!("What is left of it: PLN{no_break}150.00\n")), "{}", mails[0]);
    assert!(mails[1].contains(&format!("Amount: PLN{no_break}150.00\n")) && !mails[1].contains("left"), "{}", mails[1]);
    assert!(mails[0].contains(&link(0)) && mails[1].contains(&link(1)));
}

async fn refunds_wait_for_the_documents_before_them(app: TestApp) {
    app.sandbox.fault(Target::Invoices, Fault::status(503), None);
    let id = app.paid("ann", 1).await;
    part(&app, id, "49.99").await;
    part(&app, id, "50").await;
    app.refunded(id).await;
    app.sandbox.clear_faults();
    // The last ones are due first.
    for number in ["correction:1:4", "correction:1:3", "correction:1"] {
        app.make_due(&format!("job_key = '{number}'")).await;
        app.cron("delivery-cron").await;
        assert_eq!(app.sandbox.state().corrections.len(), 0, "{number}");
    }
    for _ in 0..4 {
        app.deliver_all().await;
    }
    assert_eq!((corrections(&app), pending_jobs(&app).await), (texts(&WHOLE), json!([])));
    assert_eq!(app.subjects("ann").len(), 5);
}

async fn a_lost_correction_is_found_among_others(app: TestApp) {
    let id = app.paid("ann", 1).await;
    part(&app, id, "49.99").await;
    app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    part(&app, id, "50").await;
    app.refunded(id).await;
    assert_eq!(app.documents(id).await.len(), 2);
    for _ in 0..3 {
        app.deliver_all().await;
    }
    assert_eq!((corrections(&app), pending_jobs(&app).await), (texts(&WHOLE), json!([])));
    assert_eq!(app.documents(id).await.len(), 4);
}

/// A correction of the first invoice that somebody made in the account.
async fn made_by_a_person(app: &TestApp, [difference, before, after]: [&str; 3]) {
    let invoice = app.sandbox.state().invoices[0].clone();
    let mut document = invoice.clone();
    let gross = |gross: &str| json!({"quantity": 1, "total_price_gross": gross});
    let mut position = invoice["positions"][0].clone();
    position["total_price_gross"] = json!(difference);
    position["correction_before_attributes"] = gross(before);
    position["correction_after_attributes"] = gross(after);
    let changes = json!({"kind": "correction", "oid": null, "number": "KOR/9", "invoice_id": invoice["id"],
        "from_invoice_id": invoice["id"], "price_gross": difference, "positions": [position]});
    document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    app.sandbox.add_documents([document]);
}

async fn a_correction_that_a_person_made_is_adopted_or_needs_a_person(app: TestApp) {
    let id = app.paid("ann", 1).await;
    part(&app, id, "49.99").await;
    made_by_a_person(&app, ["-50.00", "150.00", "100.00"]).await;
    part(&app, id, "50").await;
    assert_eq!((pending_jobs(&app).await, app.documents(id).await[2]["number"].clone()), (json!([]), json!("KOR/9")));
    made_by_a_person(&app, ["-10.00", "100.00", "90.00"]).await;
    part(&app, id, "60").await;
    let jobs = pending_jobs(&app).await;
    assert_eq!((&jobs[0][0], &jobs[0][1]), (&json!("correction"), &json!("dead")));
    assert!(jobs[0][3].as_str().unwrap().starts_with("another correction of the invoice exists: "), "{jobs}");
    assert_eq!(app.documents(id).await.len(), 3);
}

async fn a_correction_made_by_hand_lets_the_next_one_go_on(app: TestApp) {
    let id = app.paid("ann", 1).await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
    part(&app, id, "49.99").await;
    part(&app, id, "50").await;
    let jobs = app.get("/deliveries").await.json()["deliveries"].clone();
    assert_eq!(
        (&jobs[0]["state"], &jobs[1]["last_error"]),
        (&json!("dead"), &json!("the document before it is not issued yet"))
    );
    made_by_a_person(&app, ["-49.99", "199.99", "150.00"]).await;
    let resolution = json!({"note": "made in the account", "number": "KOR/9"});
    let resolved = app.call_json("POST", &format!("/deliveries/{}/resolution", jobs[0]["id"]), &resolution).await;
    assert_eq!(resolved.status, 200, "{}", resolved.text);
    app.deliver_all().await;
    let gross: Vec<_> = app.documents(id).await.iter().map(|own| own["gross"].clone()).collect();
    assert_eq!(gross, [json!("199.99"), json!("-49.99"), json!("-50.00")]);
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn faulty_refunds_are_named(app: TestApp) {
    let id = app.paid("ann", 1).await;
    for (more, name, msg) in [
        (json!({"amount": "0", "reference": "r"}), "amount", "More than 0 and at most 199.99 can be refunded"),
        (json!({"amount": "200", "reference": "r"}), "amount", "More than 0 and at most 199.99 can be refunded"),
        (json!({"amount": "1"}), "reference", "A refund of a part needs a reference or an Idempotency-Key"),
        (json!({"cancel": "yes"}), "cancel", "true or false is required"),
        (json!({"cancel": null}), "cancel", "true or false is required"),
    ] {
        let answer = refund(&app, id, &more).await;
        assert_eq!(answer.status, 400, "{more} {}", answer.text);
        let detail = &answer.json()["details"][0];
        assert_eq!((&detail["loc"], &detail["msg"]), (&json!([name]), &json!(msg)), "{more}");
    }
    app.database.execute("UPDATE enrolments SET paid_hundredths = NULL").await.unwrap();
    let unknown = refund(&app, id, &json!({"amount": "1", "reference": "r"})).await;
    assert_eq!((unknown.status, unknown.error().as_str()), (409, "conflict"));
    assert_eq!((app.count("refunds").await, app.refund(id).await.status), (0, 200));
}

/// For one enrolment, and for two.
async fn equal_refunds_at_once_are_recorded_once(app: TestApp) {
    for round in 1..=crate::races::rounds() {
        let ids = [app.paid(&format!("ann-{round}"), 1).await, app.paid(&format!("bob-{round}"), 1).await];
        let body = json!({"amount": "10", "reference": format!("re_{round}")});
        let answers = join_all((0..50).map(|caller| refund(&app, ids[caller % 2], &body))).await;
        let with = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((with(200), with(409)), (25, 25), "round {round}");
        let refused = answers.iter().filter(|answer| answer.status == 409);
        assert!(refused.map(|answer| answer.error()).all(|code| code == "refund_already_recorded"));
    }
    app.idle().await;
    let rounds = crate::races::rounds();
    assert_eq!((app.sandbox.state().corrections.len(), app.count("refunds").await), (rounds, rounds as u64));
}

async fn no_more_is_refunded_at_once_than_was_paid(app: TestApp) {
    for round in 1..=crate::races::rounds() {
        let id = app.paid(&format!("ann-{round}"), 1).await;
        let bodies: Vec<_> =
            (0..25).map(|caller| json!({"amount": "20", "reference": format!("re_{round}_{caller}")})).collect();
        let answers = join_all(bodies.iter().map(|body| refund(&app, id, body))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 9, "round {round}");
        let sum = format!("SELECT SUM(amount_hundredths) FROM refunds WHERE enrolment_id = {id}");
        assert_eq!(app.value(&sum).await, "18000");
    }
}

async fn a_reference_outlives_enrolment_and_user(app: TestApp) {
    let (ann, bob) = (app.paid("ann", 1).await, app.paid("bob", 1).await);
    part(&app, ann, "10").await;
    crate::users::erase(&app, "ann").await;
    assert_eq!(app.call("DELETE", &format!("/{ann}")).await.status, 204);
    let answer = refund(&app, bob, &json!({"amount": "10", "reference": format!("re_{ann}_10")})).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "refund_already_recorded"));
}

/// The second one does not wait for the number of the first.
async fn corrections_of_a_company_are_numbered_beside_each_other(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let buyer = json!({"name": "Acme", "tax_no": "5252445767", "street": "Prosta 1", "post_code": "00-001", "city": "Warszawa"});
    let paid = app.call_json("PATCH", "/paid", &json!({"enrolment_id": id, "buyer": buyer})).await;
    assert_eq!(paid.status, 200, "{}", paid.text);
    for _ in 0..3 {
        app.deliver_all().await;
    }
    assert_eq!(app.documents(id).await[0]["ksef"]["status"], "ok");
    part(&app, id, "49.99").await;
    part(&app, id, "50").await;
    let documents = app.documents(id).await;
    let numbers: Vec<_> = documents.iter().map(|own| own["ksef"]["number"].is_string()).collect();
    assert_eq!(numbers, [true, false, false], "both are issued");
    assert_eq!(app.subjects("ann").len(), 2, "the mails wait for the numbers");
    for _ in 0..3 {
        app.deliver_all().await;
    }
    assert!(app.documents(id).await.iter().all(|own| own["ksef"]["number"].is_string() && own["url"].is_string()));
    assert_eq!((app.subjects("ann").len(), pending_jobs(&app).await), (4, json!([])));
}
