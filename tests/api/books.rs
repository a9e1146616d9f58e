//! `GET /documents`: the books.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, TestApp, TestDatabase};

crate::cases![
    documents_are_kept_with_their_tax,
    pages_are_in_the_order_of_day_and_id,
    sums_are_those_of_the_period_by_currency_and_kind,
    csv_has_the_same_rows,
    faulty_periods_are_named,
    page_and_sums_are_read_from_the_index,
    a_hundred_thousand_documents_take_flat_memory,
];

async fn books(app: &TestApp, query: &str) -> Value {
    let answer = app.get(&format!("/documents?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer.json()
}

async fn csv(app: &TestApp, query: &str) -> Answer {
    app.send(app.request(Method::GET, &format!("/documents?{query}")).header("accept", "text/csv")).await
}

/// The enrolments of all pages, one after the other.
async fn whole(app: &TestApp, query: &str) -> Vec<i64> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = books(app, &format!("{query}{after}")).await;
        assert_eq!(page.get("sums").is_some(), after.is_empty());
        all.extend(page["documents"].as_array().unwrap().iter().map(|of| of["enrolment_id"].as_i64().unwrap()));
        match &page["next"] {
            Value::Null => return all,
            next => after = format!("&after={}", next.as_str().unwrap()),
        }
    }
}

/// Adds a document for each of these: its enrolment, kind, hundredths, currency and day.
async fn add(app: &TestApp, documents: &[(i64, &str, i64, &str, &str)]) {
    let values = documents.iter().map(|(enrolment, kind, gross, currency, day)| {
        format!("({enrolment}, '{kind}', {gross}, '{currency}', '{day}', 'FV;{enrolment}', 1)")
    });
    let values: Vec<_> = values.collect();
    let columns = "enrolment_id, kind, gross_hundredths, currency, issued_on, number, created_at";
    let insert = format!("INSERT INTO documents ({columns}) VALUES {}", values.join(","));
    app.database.execute(&insert).await.unwrap();
}

const SOME: [(i64, &str, i64, &str, &str); 7] = [
    (7, "invoice", 19_999, "PLN", "2026-02-03"),
    (2, "invoice", 5_000, "EUR", "2026-02-01"),
    (3, "invoice", 10_000, "PLN", "2026-02-28"),
    (2, "correction", -5_000, "EUR", "2026-02-03"),
    (4, "invoice", 1, "PLN", "2026-01-31"),
    (5, "invoice", 1, "PLN", "2026-03-01"),
    (1, "invoice", 100, "PLN", "2026-02-03"),
];

const FEBRUARY: &str = "issued_from=2026-02-01&issued_to=2026-02-28";

async fn documents_are_kept_with_their_tax(app: TestApp) {
    app.sandbox.set_course(1, json!({"tax": "8"}));
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    let state = app.sandbox.state();
    let (invoice, correction) = (&state.invoices[0], &state.corrections[0]);
    let day = invoice["issue_date"].as_str().unwrap();
    let row = |of: &Value, kind: &str, gross: &str| {
        json!({
            "enrolment_id": id, "kind": kind, "number": of["number"], "url": of["view_url"], "gross": gross,
            "currency": "PLN", "tax": "8", "issued_on": of["issue_date"], "ksef": null,
        })
    };
    let expected = json!({
        "documents": [row(invoice, "invoice", "199.99"), row(correction, "correction", "-199.99")],
        "sums": [
            {"currency": "PLN", "kind": "invoice", "documents": 1, "gross": "199.99"},
            {"currency": "PLN", "kind": "correction", "documents": 1, "gross": "-199.99"},
        ],
        "next": null,
    });
    let query = format!("issued_from={day}&issued_to={}", correction["issue_date"].as_str().unwrap());
    assert_eq!(books(&app, &query).await, expected);
    // The books stay when the enrolment goes.
    assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
    assert_eq!(books(&app, &query).await, expected);
}

async fn pages_are_in_the_order_of_day_and_id(app: TestApp) {
    assert_eq!(books(&app, FEBRUARY).await, json!({"documents": [], "sums": [], "next": null}));
    add(&app, &SOME).await;
    // Made by a person, or of a later release.
    app.database
        .execute(
            "INSERT INTO documents (enrolment_id, kind, issued_on, created_at) \
             VALUES (8, 'invoice', NULL, 1), (9, 'proforma', '2026-02-02', 1)",
        )
        .await
        .unwrap();
    for limit in 1..6 {
        assert_eq!(whole(&app, &format!("{FEBRUARY}&limit={limit}")).await, [2, 7, 2, 1, 3], "{limit}");
    }
    assert_eq!(whole(&app, "issued_from=2026-01-31&issued_to=2026-01-31").await, [4]);
    assert_eq!(whole(&app, "issued_from=2025-03-01&issued_to=2026-03-01").await, [4, 2, 7, 2, 1, 3, 5]);
    assert_eq!(whole(&app, "issued_from=2026-02-04&issued_to=2026-02-27").await, [0; 0]);
    let page = books(&app, &format!("{FEBRUARY}&limit=2")).await;
    assert_eq!(page["next"], "1770076800-1");
    // A position outside of the period.
    for (after, expected) in [("0-99", &[2, 7, 2, 1, 3][..]), ("9999999999-9999999999", &[])] {
        let page = books(&app, &format!("{FEBRUARY}&after={after}")).await;
        let rows = page["documents"].as_array().unwrap().iter().map(|of| of["enrolment_id"].as_i64().unwrap());
        assert_eq!(rows.collect::<Vec<_>>(), expected, "{after}");
    }
}

async fn sums_are_those_of_the_period_by_currency_and_kind(app: TestApp) {
    add(&app, &SOME).await;
    let sum = |currency: &str, kind: &str, documents: i64, gross: &str| json!({"currency": currency, "kind": kind, "documents": documents, "gross": gross});
    let expected = json!([
        sum("EUR", "invoice", 1, "50.00"),
        sum("EUR", "correction", 1, "-50.00"),
        sum("PLN", "invoice", 3, "300.99"),
    ]);
    assert_eq!(books(&app, &format!("{FEBRUARY}&limit=1")).await["sums"], expected);
}

async fn csv_has_the_same_rows(app: TestApp) {
    let names = "\u{feff}issued_on;number;kind;gross;currency;tax;enrolment_id;ksef_status;ksef_number;url\r\n";
    let answer = csv(&app, FEBRUARY).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, names));
    add(&app, &SOME).await;
    app.database
        .execute(
            "UPDATE documents SET tax = '5.5', number = '7/2/2026', ksef_status = 'ok', ksef_number = '525-1', \
             url = 'https://a.example/i' WHERE enrolment_id = 3",
        )
        .await
        .unwrap();
    let answer = csv(&app, FEBRUARY).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"documents-2026-02-01-2026-02-28.csv\"");
    let rows = [
        "2026-02-01;\"FV;2\";invoice;50,00;EUR;;2;;;",
        "2026-02-03;\"FV;7\";invoice;199,99;PLN;;7;;;",
        "2026-02-03;\"FV;2\";correction;-50,00;EUR;;2;;;",
        "2026-02-03;\"FV;1\";invoice;1,00;PLN;;1;;;",
        "2026-02-28;\"=\"\"7/2/2026\"\"\";invoice;100,00;PLN;5,5;3;ok;525-1;https://a.example/i",
    ];
    assert_eq!(answer.text, format!("{names}{}\r\n", rows.join("\r\n")));
    for limit in [2, 5] {
        let answer = csv(&app, &format!("{FEBRUARY}&limit={limit}")).await;
        assert_eq!(answer.text, format!("{names}{}\r\n", rows[..limit].join("\r\n")), "{limit}");
    }
    assert_eq!(csv(&app, "issued_from=2026-02-01").await.status, 400);
}

async fn faulty_periods_are_named(app: TestApp) {
    app.take_invocations().await;
    for (query, names) in [
        ("", &["issued_from", "issued_to"][..]),
        ("issued_from=2026-02-01", &["issued_to"]),
        ("issued_from=2026-02-30&issued_to=2026-03-01", &["issued_from"]),
        ("issued_from=2026-02-02&issued_to=2026-02-01", &["issued_to"]),
        ("issued_from=2026-01-01&issued_to=2027-01-02", &["issued_to"]),
        ("issued_from=2026-01-01&issued_to=2026-01-02&after=5&limit=0", &["limit", "after"]),
    ] {
        let answer = app.get(&format!("/documents?{query}")).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{query}");
        let details = answer.json()["details"].clone();
        let found: Vec<_> = details.as_array().unwrap().iter().map(|of| of["loc"][0].as_str().unwrap()).collect();
        assert_eq!(found, names, "{query}");
    }
    assert!(app.take_invocations().await.iter().all(|run| run.connections == 0));
}

/// One page walks the index; the sums need nothing else.
async fn page_and_sums_are_read_from_the_index(app: TestApp) {
    fill(&app, 3_000).await;
    app.take_invocations().await;
    books(&app, "issued_from=2026-01-01&issued_to=2026-03-31&limit=10").await;
    let run = app.take_invocations().await.remove(0);
    let connecting = usize::from(matches!(app.database, TestDatabase::Sqlite(_)));
    assert_eq!((run.connections, run.statements.len()), (1, 2 + connecting), "{:?}", run.statements);
    assert_eq!((run.component.as_str(), run.outbound_calls.len()), ("operators", 0));
    let [page, sums] = &run.statements[connecting..] else { panic!("{:?}", run.statements) };
    let (index, day) = ("ix_documents_issued_on", "2026-01-05");
    crate::plans::walks(&app, page, &[day, "200", day, "2026-03-31", "11"], index).await;
    let days = [day, "2026-03-31"];
    crate::plans::reads(&app, sums, &days, index).await;
    let sums = crate::plans::filled(sums, &days);
    let (explain, covered) = match &app.database {
        TestDatabase::Sqlite(_) => (format!("EXPLAIN QUERY PLAN {sums}"), "COVERING INDEX"),
        TestDatabase::MariaDb { .. } => (crate::explain(&sums), "Using index"),
    };
    let plan = app.database.rows(&explain).await.unwrap();
    assert!(plan.iter().flatten().any(|cell| cell.contains(covered)), "{plan:?}");
}

async fn a_hundred_thousand_documents_take_flat_memory(app: TestApp) {
    fill(&app, 100_000).await;
    app.take_invocations().await;
    let year = "issued_from=2026-01-01&issued_to=2026-12-31";
    let answer = csv(&app, year).await;
    assert_eq!(answer.text.lines().count(), 100_001);
    assert!(answer.text.ends_with("\r\n"));
    let run = app.take_invocations().await.remove(0);
    assert!(run.peak_memory < 8 << 20, "{} bytes", run.peak_memory);
    // One for each piece, and one that finds no more.
    let connecting = usize::from(matches!(app.database, TestDatabase::Sqlite(_)));
    assert_eq!((run.connections, run.statements.len()), (1, 101 + connecting));
    let page = books(&app, year).await;

    let number = |sum: &Value| sum["documents"].as_i64().unwrap();
    assert_eq!(page["sums"].as_array().unwrap().iter().map(number).sum::<i64>(), 100_000);
}

/// Adds this many documents, a thousand on each day of 2026.
async fn fill(app: &TestApp, documents: i64) {
    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let ids: Vec<_> = (1..=documents).collect();
    for (day, ids) in first.iter_days().zip(ids.chunks(1_000)) {
        let url = "https://account.fakturownia.pl/invoice/0123456789abcdef";
        let values = ids.iter().map(|id| {
            format!(
                "({id}, 'invoice', 19999, 'PLN', '{day}', '{id}/1/2026', '{url}', 'ok', '5252445767-{id}', '23', 1)"
            )
        });
        let values: Vec<_> = values.collect();
        let columns = "enrolment_id, kind, gross_hundredths, currency, issued_on, number, url, ksef_status, \
                       ksef_number, tax, created_at";
        let insert = format!("INSERT INTO documents ({columns}) VALUES {}", values.join(","));
        app.database.execute(&insert).await.unwrap();
    }
}
