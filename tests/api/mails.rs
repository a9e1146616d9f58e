//! Mails: their languages, the texts that operators write, replies, and kinds that are off.

use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{Settings, TestApp};

crate::cases![
    a_life_in_polish,
    the_language_is_that_of_the_user_else_of_the_course_else_of_the_variable with crate::variables([("language", "pl")]),
    a_language_without_mails_counts_as_none,
    a_bad_language_stops_nothing with crate::variables([("language", "Polish")]),
    an_own_text_is_used_until_it_is_removed,
    a_mail_that_is_tried_again_keeps_its_text,
    a_run_reads_a_text_once,
    a_text_that_could_fail_is_refused,
    a_preview_stores_nothing,
    resend_gets_the_address_for_replies with replies("resend"),
    smtp2go_gets_the_address_for_replies with replies("smtp2go"),
    brevo_gets_the_address_for_replies with replies("brevo"),
    postmark_gets_the_address_for_replies with replies("postmark"),
    a_kind_that_is_off_is_not_sent with crate::variables([("mail_off", "enrolment, refund_with_correction")]),
    a_bad_list_of_kinds_keeps_mails_waiting with crate::variables([("mail_off", "enrolments")]),
    a_text_says_who_changed_it with crate::variables([("tokens", "ann=operators:a gateway=callers:g")]),
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

/// What differs from the built-in texts.
async fn own(app: &TestApp) -> Vec<Value> {
    let mut mails = app.get("/mails").await.json()["mails"].as_array().unwrap().clone();
    assert_eq!(mails.len(), 22);
    mails.retain(|mail| mail["own"] == true);
    mails
}

async fn an_own_text_is_used_until_it_is_removed(app: TestApp) {
    assert_eq!(own(&app).await, [Value::Null; 0]);
    app.sandbox.set_user("ann", json!({"language": "pl", "first_name": "<b>Ann</b>"}));
    let body = json!({
        "subject": " {first_name}: zapis ",
        "text": "Zapis 🐢 na „{course}”.\n\nRegulamin: https://example.com/regulamin?a=1&b=2.\nDo zobaczenia!",
    });
    let answer = app.call_json("PUT", "/mails/enrolment/pl", &body).await;
    assert_eq!((answer.status, &answer.json()["own"]), (200, &json!(true)), "{}", answer.text);
    assert_eq!(own(&app).await, [answer.json()]);
    assert_eq!(answer.json()["changed_by"], Value::Null);
    for user in ["ann", "bob"] {
        app.enrolled(user, 1).await;
    }
    app.idle().await;
    let ann = mails(&app, "ann").remove(0);
    assert_eq!(ann["subject"], "<b>Ann</b>: zapis");
    let said = "Zapis 🐢 na „Course 1”.\n\nRegulamin: https://example.com/regulamin?a=1&b=2.\nDo zobaczenia!\n";
    assert_eq!(ann["text"], said);
    let html = text(&ann, "html");
    let link = "<a href=\"https://example.com/regulamin?a=1&amp;b=2\">https://example.com/regulamin?a=1&amp;b=2</a>";
    assert!(html.contains(&format!("<p>Regulamin: {link}.<br>Do zobaczenia!</p>")), "{html}");
    assert!(html.contains("<title>&lt;b&gt;Ann&lt;/b&gt;: zapis</title>"), "{html}");
    assert_eq!(app.subjects("bob"), [ENROLLED], "the other language has its text");

    for _ in 0..2 {
        assert_eq!(app.call("DELETE", "/mails/enrolment/pl").await.status, 204);
    }
    assert_eq!((own(&app).await.len(), app.count("mail_texts").await), (0, 2));
    app.enrolled("ann", 2).await;
    app.idle().await;
    assert_eq!(mails(&app, "ann")[1]["subject"], ENROLLED_IN_POLISH);
}

async fn a_mail_that_is_tried_again_keeps_its_text(app: TestApp) {
    let set = async |subject: &str| {
        let body = json!({"subject": subject, "text": "{course}"});
        assert_eq!(app.call_json("PUT", "/mails/enrolment/en", &body).await.status, 200);
    };
    set("First").await;
    app.sandbox.fault(Target::Emails, Fault::status(503), Some(2));
    app.enrolled("ann", 1).await;
    app.idle().await;
    set("Second").await;
    app.enrolled("bob", 1).await;
    app.idle().await;
    assert_eq!(app.call("DELETE", "/mails/enrolment/en").await.status, 204);
    app.deliver_all().await;
    assert_eq!((app.subjects("ann"), app.subjects("bob")), (vec!["First".to_owned()], vec!["Second".to_owned()]));
    assert_eq!(app.count("outbox WHERE state <> 'done'").await, 0);
}

async fn a_run_reads_a_text_once(app: TestApp) {
    app.sandbox.fault(Target::Emails, Fault::status(503), Some(5));
    for user in ["ann", "bob", "eve", "dan", "kim"] {
        app.enrolled(user, 1).await;
    }
    app.idle().await;
    app.database.execute("UPDATE outbox SET due_at = 1").await.unwrap();
    app.take_invocations().await;
    app.cron("delivery-cron").await;
    let run = app.take_invocations().await.remove(0);
    assert_eq!(app.sandbox.state().emails.len(), 5);
    let reads = run.statements.iter().filter(|statement| statement.contains("mail_texts")).count();
    assert_eq!(reads, 1, "{:#?}", run.statements);
}

async fn a_text_that_could_fail_is_refused(app: TestApp) {
    for (kind, body, field, said) in [
        (
            "refund",
            json!({"subject": "a", "text": "{paid_on} {course}"}),
            "text",
            "must not have the placeholder {paid_on}",
        ),
        ("payment_with_invoice", json!({"subject": "a", "text": "{course}"}), "text", "must have {link}"),
        ("refund", json!({"subject": "{reason}", "text": "{course}"}), "subject", "which may have no value"),
        ("refund", json!({"subject": "a\nb", "text": "{course}"}), "subject", "must not contain control characters"),
        (
            "refund",
            json!({"subject": "a".repeat(201), "text": "{course}"}),
            "subject",
            "must have at most 200 characters",
        ),
        (
            "refund",
            json!({"subject": "a", "text": "{course}".repeat(1001)}),
            "text",
            "must have at most 8000 characters",
        ),
        ("refund", json!({"subject": "a", "text": "{course} {"}), "text", "must have braces around placeholders only"),
        ("refund", json!({"subject": "a", "text": "{course}", "html": "<p>"}), "html", "Unknown field"),
    ] {
        for (method, path) in [("PUT", ""), ("POST", "/preview")] {
            let answer = app.call_json(method, &format!("/mails/{kind}/pl{path}"), &body).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{body}");
            let details = &answer.json()["details"][0];
            assert_eq!(details["loc"], json!([field]), "{body}");
            assert!(details["msg"].as_str().unwrap().contains(said), "{details}");
        }
    }
    assert_eq!(
        app.call_json("PUT", "/mails/refund/pl", &json!({})).await.json()["details"].as_array().unwrap().len(),
        2
    );
    let whole = json!({"subject": "a".repeat(200), "text": format!("{{course}}{}", "🐢".repeat(7992))});
    assert_eq!(app.call_json("PUT", "/mails/refund/pl", &whole).await.status, 200);
    assert_eq!(own(&app).await[0]["text"], whole["text"]);
}

async fn a_preview_stores_nothing(app: TestApp) {
    let preview = async |body: Value| {
        let answer = app.call_json("POST", "/mails/payment_with_invoice/pl/preview", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    };
    let built_in = preview(json!({})).await;
    assert_eq!(built_in["subject"], "Potwierdzenie płatności za kurs");
    assert!(text(&built_in, "text").contains("Kwota: 1234,50\u{a0}zł\nData płatności: 1 grudnia 2026\n"), "{built_in}");
    assert!(
        text(&built_in, "html").contains("<a href=\"https://account.fakturownia.pl/invoice/sample\">"),
        "{built_in}"
    );
    let drafted = preview(json!({"text": "{course}\n{link}"})).await;
    let said = "Rust dla początkujących\nhttps://account.fakturownia.pl/invoice/sample\n";
    assert_eq!((&drafted["subject"], &drafted["text"]), (&built_in["subject"], &json!(said)));
    assert_eq!((app.count("mail_texts").await, app.sandbox.state().emails.len()), (0, 0));
}

async fn a_text_says_who_changed_it(app: TestApp) {
    let call = async |token: &str, method: &str, path: &str| {
        let body = json!({"subject": "Canceled", "text": "{course}"});
        app.send(app.request(method.parse().unwrap(), path).bearer_auth(token).json(&body)).await
    };
    assert_eq!(call("g", "PUT", "/mails/cancellation/en").await.status, 403);
    let set = call("a", "PUT", "/mails/cancellation/en").await;
    assert_eq!((set.status, &set.json()["changed_by"]), (200, &json!("ann")));
    assert_eq!(call("a", "DELETE", "/mails/cancellation/en").await.status, 204);
    let all = call("a", "GET", "/mails").await.json();
    let changed = all["mails"].as_array().unwrap().iter().find(|mail| mail["changed_by"] == "ann").unwrap();
    assert_eq!((&changed["kind"], &changed["own"]), (&json!("cancellation"), &json!(false)));
    assert!(changed["changed_at"].is_string());
}

fn replies(provider: &'static str) -> Settings {
    crate::variables([("mail_provider", provider), ("mail_reply_to", "help@example.com")])
}

/// The mail arrives, with this address at a JSON pointer.
async fn gets_the_address_for_replies(app: TestApp, place: &str) {
    app.enrolled("ann", 1).await;
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email done"]);
    assert_eq!(app.sandbox.state().emails[0].pointer(place), Some(&json!("help@example.com")));
}

async fn resend_gets_the_address_for_replies(app: TestApp) {
    gets_the_address_for_replies(app, "/reply_to").await;
}

async fn smtp2go_gets_the_address_for_replies(app: TestApp) {
    gets_the_address_for_replies(app, "/custom_headers/0/value").await;
}

async fn brevo_gets_the_address_for_replies(app: TestApp) {
    gets_the_address_for_replies(app, "/replyTo/email").await;
}

async fn postmark_gets_the_address_for_replies(app: TestApp) {
    gets_the_address_for_replies(app, "/ReplyTo").await;
}

async fn a_kind_that_is_off_is_not_sent(app: TestApp) {
    let id = app.paid("ann", 1).await;
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    app.deliver_all().await;
    assert_eq!(app.subjects("ann"), ["Your course payment confirmation"]);
    assert_eq!(app.sandbox.state().corrections.len(), 1);
    assert_eq!(app.count("outbox WHERE state <> 'done'").await, 0);
    assert_eq!(app.get("/health").await.status, 200);
}

async fn a_bad_list_of_kinds_keeps_mails_waiting(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email due"]);
    assert_eq!(app.sandbox.state().emails.len(), 0);
    assert_eq!(app.get("/health").await.json()["variables"][0]["name"], "mail_off");
}
