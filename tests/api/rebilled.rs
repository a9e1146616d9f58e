//! `PATCH /rebilled`: what is left of a payment is billed to another buyer.

use crate::refunded::pending_jobs;
use futures::future::join;
use sandbox::fault::Named;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    an_issued_invoice_is_corrected_to_zero_and_a_new_one_follows,
    a_refused_invoice_gets_the_new_buyer,
    an_invoice_that_may_exist_is_corrected_when_it_is_found,
    what_is_left_is_billed,
    faulty_requests_are_named,
    an_invoice_of_the_flask_service_needs_a_person,
    a_payment_without_invoices_has_none with crate::variables([("invoices_provider", "none")]),
    rebilled_and_retried_at_once_there_is_one_invoice,
    a_company_gets_its_new_invoice_with_its_number with crate::variables([("invoices_ksef", "companies")]),
];

/// The user, with an address.
fn home() -> Value {
    json!({"street": "Prosta 1", "post_code": "00-001", "city": "Warszawa"})
}

fn acme() -> Value {
    json!({"name": "Acme", "tax_no": "5252445767", "street": "Prosta 1", "post_code": "00-001", "city": "Warszawa"})
}

async fn rebill(app: &TestApp, id: i64, more: &Value) -> Answer {
    let mut body = json!({"enrolment_id": id, "buyer": home()});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = app.call_json("PATCH", "/rebilled", &body).await;
    app.idle().await;
    answer
}

/// Checks that the documents are these, and that their sum is what was paid and not refunded.
async fn has_documents(app: &TestApp, id: i64, expected: &[(&str, &str)]) {
    let documents = app.documents(id).await;
    let found: Vec<_> =
        documents.iter().map(|own| (own["kind"].as_str().unwrap(), own["gross"].as_str().unwrap())).collect();
    assert_eq!(found, expected);
    let sum = "SELECT SUM(documents.gross_hundredths) - MAX(enrolments.paid_hundredths) \
               + MAX(COALESCE(refunded_hundredths, 0)) \
               FROM enrolments JOIN documents ON documents.enrolment_id = enrolments.id";
    assert_eq!(app.value(&format!("{sum} WHERE enrolments.id = {id}")).await, "0");
    assert_eq!(pending_jobs(app).await, json!([]));
}

const ANEW: [(&str, &str); 3] = [("invoice", "199.99"), ("correction", "-199.99"), ("invoice", "199.99")];

async fn an_issued_invoice_is_corrected_to_zero_and_a_new_one_follows(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let first = app.get(&format!("/{id}")).await.json()["invoice_url"].clone();
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(503), Some(2));
    let answer = rebill(&app, id, &json!({})).await;
    assert_eq!((answer.status, &answer.json()["invoice_url"]), (200, &first));
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], first, "until the new one is issued");
    for _ in 0..3 {
        app.deliver_all().await;
    }
    has_documents(&app, id, &ANEW).await;
    let state = app.sandbox.state();
    let (invoices, correction) = (&state.invoices, &state.corrections[0]);
    assert_eq!((&invoices[0]["buyer_street"], &invoices[1]["buyer_street"]), (&json!(""), &json!("Prosta 1")));
    assert_eq!(
        (&correction["invoice_id"], &correction["correction_reason"]),
        (&invoices[0]["id"], &json!("Zmiana nabywcy"))
    );
    assert_ne!(invoices[0]["oid"], invoices[1]["oid"]);
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], invoices[1]["view_url"]);
    let mails =
        ["Course enrolment confirmation", "Your course payment confirmation", "Your new invoice for the course"];
    assert_eq!(app.subjects("ann"), mails);
    assert!(state.emails[2]["text"].as_str().unwrap().contains(invoices[1]["view_url"].as_str().unwrap()));
    assert_eq!(app.history(id).await, ["created", "paid", "invoiced", "rebilled", "corrected", "invoiced"]);
}

/// The dead end: Fakturownia refuses a field of the buyer.
async fn a_refused_invoice_gets_the_new_buyer(app: TestApp) {
    let body = json!({"code": "error", "message": {"buyer_tax_no": ["- nie jest prawidłowy"]}});
    let refused = Fault::Status { status: 422, body: Some(body), headers: [].into() };
    app.sandbox.fault(Target::InvoicesCreate, refused, Some(1));
    let id = app.paid("ann", 1).await;
    let jobs = pending_jobs(&app).await;
    assert_eq!(jobs, json!([["invoice", "dead", 1, "document refused: 422, buyer_tax_no"]]));
    assert_eq!(rebill(&app, id, &json!({"reason": "wrong NIP"})).await.status, 200);
    app.cron("delivery-cron").await;
    app.idle().await;
    has_documents(&app, id, &ANEW[..1]).await;
    assert_eq!(app.sandbox.state().invoices[0]["buyer_street"], "Prosta 1");
    assert_eq!(app.subjects("ann")[1..], ["Your course payment confirmation"]);
}

async fn an_invoice_that_may_exist_is_corrected_when_it_is_found(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    let id = app.paid("ann", 1).await;
    assert_eq!(rebill(&app, id, &json!({})).await.status, 200);
    assert_eq!(pending_jobs(&app).await.as_array().unwrap().len(), 3);
    for _ in 0..4 {
        app.deliver_all().await;
    }
    has_documents(&app, id, &ANEW).await;
    assert_eq!(app.sandbox.state().invoices.len(), 2);
}

async fn what_is_left_is_billed(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let refund = async |amount: &str| {
        let body = json!({"enrolment_id": id, "amount": amount, "reference": format!("re_{amount}")});
        assert_eq!(app.call_json("PATCH", "/refunded", &body).await.status, 200);
        app.idle().await;
    };
    refund("99.99").await;
    assert_eq!(rebill(&app, id, &json!({})).await.status, 200);
    refund("40").await;
    let expected = [
        ("invoice", "199.99"),
        ("correction", "-99.99"),
        ("correction", "-100.00"),
        ("invoice", "100.00"),
        ("correction", "-40.00"),
    ];
    has_documents(&app, id, &expected).await;
    let state = app.sandbox.state();
    let corrected: Vec<_> = state.corrections.iter().map(|own| own["invoice_id"].clone()).collect();
    let [first, second] = [0, 1].map(|number| state.invoices[number]["id"].clone());
    assert_eq!(corrected, [first.clone(), first, second]);
}

async fn faulty_requests_are_named(app: TestApp) {
    let id = app.paid("ann", 1).await;
    for (body, loc) in [
        (json!({"enrolment_id": id}), json!(["buyer"])),
        (json!({"enrolment_id": id, "buyer": null}), json!(["buyer"])),
        (json!({"enrolment_id": id, "buyer": {"name": "Acme", "tax_no": "1"}}), json!(["buyer", "tax_no"])),
        (json!({"enrolment_id": id, "buyer": acme(), "amount": "1"}), json!(["amount"])),
        (json!({"buyer": acme()}), json!(["enrolment_id"])),
    ] {
        let answer = app.call_json("PATCH", "/rebilled", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        let details = answer.json()["details"].as_array().cloned().unwrap();
        assert!(details.iter().any(|detail| detail["loc"] == loc), "{body} {}", answer.text);
    }
    let pending = app.enrolled("bob", 1).await;
    assert_eq!((rebill(&app, pending, &json!({})).await.status, rebill(&app, 9, &json!({})).await.status), (409, 404));
    app.database.execute("UPDATE documents SET tax = '8'").await.unwrap();
    let answer = rebill(&app, id, &json!({})).await;
    assert_eq!((answer.status, &answer.json()["details"][0]["loc"]), (400, &json!(["tax"])));
    assert_eq!(rebill(&app, id, &json!({"tax": "8"})).await.status, 200);
    app.refunded(id).await;
    assert_eq!(rebill(&app, id, &json!({})).await.status, 409, "nothing is left");
}

async fn an_invoice_of_the_flask_service_needs_a_person(app: TestApp) {
    let id = app.paid("ann", 1).await;
    app.database.execute("DELETE FROM documents").await.unwrap();
    assert_eq!(rebill(&app, id, &json!({})).await.status, 409);
    assert_eq!(app.history(id).await.len(), 3);
}

async fn a_payment_without_invoices_has_none(app: TestApp) {
    let id = app.paid("ann", 1).await;
    assert_eq!(rebill(&app, id, &json!({})).await.status, 409);
}

async fn rebilled_and_retried_at_once_there_is_one_invoice(app: TestApp) {
    for round in 1..=crate::races::rounds() {
        app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
        let id = app.paid(&format!("ann-{round}"), 1).await;
        let job = app.get(&format!("/deliveries?enrolment_id={id}&kind=invoice")).await.json()["deliveries"][0].clone();
        assert_eq!(job["state"], "dead");
        let path = format!("/deliveries/{}/retry", job["id"]);
        let retry = async {
            let retried = app.call("POST", &path).await.status;
            app.cron("delivery-cron").await;
            retried
        };
        let (rebilled, retried) = join(rebill(&app, id, &json!({})), retry).await;
        assert_eq!(rebilled.status, 200, "round {round}: {} {retried}", rebilled.text);
        for _ in 0..4 {
            app.deliver_all().await;
        }
        let documents = app.documents(id).await.len();
        assert!(documents == 1 || documents == 3, "round {round}: {documents}");
        has_documents(&app, id, &ANEW[..documents]).await;
        assert_eq!(app.sandbox.state().invoices.last().unwrap()["buyer_street"], "Prosta 1", "round {round}");
    }
}

async fn a_company_gets_its_new_invoice_with_its_number(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let first = app.get(&format!("/{id}")).await.json()["invoice_url"].clone();
    assert_eq!(rebill(&app, id, &json!({"buyer": acme()})).await.status, 200);
    assert_eq!((app.documents(id).await.len(), app.subjects("ann").len()), (3, 2));
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], first);
    for _ in 0..3 {
        app.deliver_all().await;
    }
    let documents = app.documents(id).await;
    assert!(documents[2]["ksef"]["number"].is_string(), "{documents:?}");
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], documents[2]["url"]);
    assert_eq!(app.subjects("ann").last().map(String::as_str), Some("Your new invoice for the course"));
}
