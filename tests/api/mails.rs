//! Mails: their languages.

use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    a_life_in_polish,
    the_language_is_that_of_the_user_else_of_the_course_else_of_the_variable with crate::variables([("language", "pl")]),
    a_language_without_mails_counts_as_none,
    a_bad_language_stops_nothing with crate::variables([("language", "Polish")]),
];

const ENROLLED: &str = "Course enrolment confirmation";
const ENROLLED_IN_POLISH: &str = "Potwierdzenie zapisu na kurs";

/// The mails to a user, oldest first.
fn mails(app: &TestApp, user: &str) -> Vec<Value> {
    let to = format!("{user}@example.com");
    app.sandbox.state().emails.into_iter().filter(|mail| mail["to"][0] == to.as_str()).collect()
}

fn text<'a>(mail: &'a Value, part: &str) -> &'a str {
    mail[part].as_str().unwrap()
}

async fn a_life_in_polish(app: TestApp) {
    app.sandbox.set_user("ann", json!({"language": "pl-PL"}));
    let id = app.paid("ann", 1).await;
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    app.deliver_all().await;
    let subjects = [ENROLLED_IN_POLISH, "Potwierdzenie płatności za kurs", "Zwrot płatności za kurs"];
    assert_eq!(app.subjects("ann"), subjects);
    let mails = mails(&app, "ann");
    let link = app.get(&format!("/{id}")).await.json()["invoice_url"].as_str().unwrap().to_owned();
    let paid = text(&mails[1], "text");
    assert!(paid.contains("Kwota: 199,99\u{a0}zł\nData płatności: "), "{paid}");
    assert!(paid.ends_with(&format!("\n\nFaktura jest dostępna pod adresem: {link}\n")), "{paid}");
    assert!(mails.iter().all(|mail| text(mail, "html").starts_with("<!DOCTYPE html><html lang=\"pl\">")));
}

async fn the_language_is_that_of_the_user_else_of_the_course_else_of_the_variable(app: TestApp) {
    app.sandbox.set_user("eve", json!({"language": "en"}));
    app.sandbox.set_course(20, json!({"language": "en"}));
    app.sandbox.set_user("bob", json!({"language": "pl"}));
    for (user, course, subject) in
        [("ann", 1, ENROLLED_IN_POLISH), ("dan", 20, ENROLLED), ("eve", 1, ENROLLED), ("bob", 20, ENROLLED_IN_POLISH)]
    {
        app.enrolled(user, course).await;
        app.idle().await;
        assert_eq!(app.subjects(user), [subject], "{user}");
    }
}

async fn a_language_without_mails_counts_as_none(app: TestApp) {
    for (user, language) in [("ann", json!("de")), ("bob", json!(7)), ("eve", Value::Null)] {
        app.sandbox.set_user(user, json!({"language": language}));
        app.enrolled(user, 1).await;
        app.idle().await;
        assert_eq!(app.subjects(user), [ENROLLED], "{user}");
    }
}

async fn a_bad_language_stops_nothing(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.idle().await;
    assert_eq!(app.subjects("ann"), [ENROLLED]);
    let health = app.get("/health").await;
    assert_eq!((health.status, &health.json()["variables"][0]["name"]), (503, &json!("language")));
}
