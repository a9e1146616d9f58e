//! `PATCH /paid` with `amount`.

use crate::buyers::{company, pay};
use sandbox::Target;
use serde_json::json;
use tests::TestApp;

crate::cases![
    the_invoice_has_the_paid_amount,
    the_correction_has_the_paid_amount,
    a_payment_of_zero_has_no_invoice,
    faulty_amounts_are_refused,
];

async fn the_invoice_has_the_paid_amount(app: TestApp) {
    for (index, (amount, gross)) in [
        (json!("149.00"), "149.00"),
        (json!("149"), "149.00"),
        (json!("0149.5"), "149.50"),
        (json!(149), "149.00"),
        (json!(149.5), "149.50"),
        (json!(0.01), "0.01"),
        (json!(1.1), "1.10"),
        (json!(1.49e2), "149.00"),
        (json!("99999999.99"), "99999999.99"),
        (json!(99_999_999.99), "99999999.99"),
    ]
    .into_iter()
    .enumerate()
    {
        // A free course can have a payment.
        let id = app.enrolled(&format!("user-{index}"), if index == 0 { 2 } else { 1 }).await;
        let answer = pay(&app, id, &json!({"amount": amount})).await;
        assert_eq!((answer.status, answer.json()["invoice_url"].is_string()), (200, true), "{amount}");
        let invoice = app.sandbox.state().invoices.pop().unwrap();
        assert_eq!((&invoice["price_gross"], &invoice["paid"]), (&json!(gross), &json!(gross)), "{amount}");
        assert_eq!(app.documents(id).await[0]["gross"], gross);
        let kept = format!("SELECT paid_hundredths FROM enrolments WHERE id = {id}");
        assert_eq!(app.value(&kept).await, gross.replace('.', "").trim_start_matches('0'));
    }
}

async fn the_correction_has_the_paid_amount(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!(pay(&app, id, &json!({"amount": "149.05"})).await.status, 200);
    // The current price of the course does not count.
    app.sandbox.set_course(1, json!({"price": 5}));
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    assert_eq!(app.sandbox.state().corrections[0]["price_gross"], "-149.05");
    let gross: Vec<_> = app.documents(id).await.iter().map(|document| document["gross"].clone()).collect();
    assert_eq!(gross, ["149.05", "-149.05"]);
}

async fn a_payment_of_zero_has_no_invoice(app: TestApp) {
    for (user, amount) in [("a", json!("0")), ("b", json!("0.00")), ("c", json!(0)), ("d", json!(0.0))] {
        let id = app.enrolled(user, 1).await;
        let answer = pay(&app, id, &json!({"amount": amount, "buyer": company()})).await;
        assert_eq!((answer.status, answer.json()["invoice_url"].is_null()), (200, true), "{amount}");
        app.idle().await;
        assert_eq!(app.subjects(user).len(), 2);
    }
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 0);
    assert_eq!(app.count("enrolments WHERE paid_hundredths = 0").await, 4);
}

async fn faulty_amounts_are_refused(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    for (amount, kind) in [
        (json!(null), "decimal_type"),
        (json!(true), "decimal_type"),
        (json!(["1"]), "decimal_type"),
        (json!({}), "decimal_type"),
        (json!(""), "decimal_range"),
        (json!("-1"), "decimal_range"),
        (json!("+1"), "decimal_range"),
        (json!("1,50"), "decimal_range"),
        (json!(" 1"), "decimal_range"),
        (json!("1.005"), "decimal_range"),
        (json!("1e2"), "decimal_range"),
        (json!("100000000"), "decimal_range"),
        (json!("100000000.00"), "decimal_range"),
        (json!("NaN"), "decimal_range"),
        (json!(-0.01), "decimal_range"),
        (json!(1.005), "decimal_range"),
        (json!(100_000_000), "decimal_range"),
        (json!(1e300), "decimal_range"),
        (json!(-1e-7), "decimal_range"),
        (json!(149.000_000_01), "decimal_range"),
    ] {
        let answer = pay(&app, id, &json!({"amount": amount})).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{amount}");
        let details = &answer.json()["details"];
        assert_eq!((&details[0]["loc"], &details[0]["type"]), (&json!(["amount"]), &json!(kind)), "{amount}");
    }
    assert_eq!(app.state_of(id).await, "ACTIVE PENDING");
    assert_eq!(app.sandbox.state().calls.of(Target::Users), 1, "for the enrolment alone");
}
