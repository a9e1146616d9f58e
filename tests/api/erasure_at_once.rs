//! Erasing a user during other requests.

use crate::erasure::{TAX_NO, company, found};
use crate::users::erase;
use futures::future::{join, join3};
use sandbox::{Fault, Target};
use serde_json::json;
use std::collections::BTreeSet;
use tests::TestApp;

crate::cases![erasing_during_an_enrolment, erasing_during_a_payment, erasing_during_a_run];

/// Checks that row, events and stored answers of an enrolment have one user id.
async fn is_whole(app: &TestApp, round: usize) {
    let torn = "SELECT COUNT(*) FROM enrolments JOIN events ON events.enrolment_id = enrolments.id \
                WHERE enrolments.user_id <> events.user_id";
    assert_eq!(app.value(torn).await, "0", "round {round}");
}

const ROUNDS: usize = 25;

/// A short delay, so that the requests meet at different moments.
async fn a_little(round: usize) {
    for _ in 0..round * 4 {
        tokio::task::yield_now().await;
    }
}

async fn erasing_during_an_enrolment(app: TestApp) {
    let mut after = 0;
    for round in 0..ROUNDS {
        let user = format!("canary-{round}");
        app.enrolled(&user, 1).await;
        let enrol = async {
            a_little(ROUNDS - round).await;
            let body = json!({"course_id": 2, "user_id": user});
            if round % 2 == 0 {
                app.call_json("POST", "", &body).await
            } else {
                app.call_with_key(&format!("k-{round}"), "POST", "", &body).await
            }
        };
        let erased = async {
            a_little(round).await;
            app.call("DELETE", &format!("/users/{user}")).await
        };
        let (enrolled, erased) = join(enrol, erased).await;
        app.idle().await;
        assert_eq!(erased.status, 204, "round {round}: {}", erased.text);
        assert!([201, 503].contains(&enrolled.status), "round {round}: {}", enrolled.text);
        is_whole(&app, round).await;
        let sql = format!("SELECT course_id FROM enrolments WHERE user_id = '{user}'");
        let left = app.database.rows(&sql).await.unwrap().concat();
        assert!(left.is_empty() || left == ["2"], "round {round}: {left:?}");
        after += left.len();
        // Another erasure removes later data.
        assert_eq!(erase(&app, &user).await.status, 204);
    }
    assert!(after <= ROUNDS);
    assert_eq!(found(&app).await, BTreeSet::new());
}

async fn erasing_during_a_payment(app: TestApp) {
    let mut refused = 0;
    for round in 0..ROUNDS {
        let user = format!("canary-{round}");
        let id = app.enrolled(&user, 1).await;
        app.idle().await;
        let (mails, before) = (app.sandbox.state().emails.len(), app.sandbox.state().calls);
        let slow = [None, Some(Target::Courses), Some(Target::InvoicesCreate)][round % 3];
        if let Some(slow) = slow {
            app.sandbox.fault(slow, Fault::Delay { delay_ms: 200 }, Some(1));
        }
        let pay = async {
            a_little(ROUNDS - round).await;
            let payment = json!({"enrolment_id": id, "buyer": company()});
            if round % 2 == 0 {
                app.call_json("PATCH", "/paid", &payment).await
            } else {
                app.call_with_key(&format!("k-{round}"), "PATCH", "/paid", &payment).await
            }
        };
        let erased = async {
            let patience = std::time::Duration::from_secs(10);
            match round % 3 {
                // After the look-up of the user, before the payment is stored.
                1 => drop(
                    app.sandbox
                        .wait_until(|state| state.calls.of(Target::Users) > before.of(Target::Users), patience)
                        .await,
                ),
                // While the invoice is being issued.
                2 => {
                    let made = |state: &sandbox::Snapshot| {
                        state.calls.of(Target::InvoicesCreate) > before.of(Target::InvoicesCreate)
                    };
                    app.sandbox.wait_until(made, patience).await;
                }
                _ => a_little(round).await,
            }
            app.call("DELETE", &format!("/users/{user}")).await
        };
        let (paid, erased) = join(pay, erased).await;
        app.idle().await;
        assert_eq!(erased.status, 204, "round {round}: {}", erased.text);
        assert!([200, 503].contains(&paid.status), "round {round}: {}", paid.text);
        refused += usize::from(paid.status == 503);
        is_whole(&app, round).await;
        if paid.status == 503 {
            // A retried payment is for a user who is not found.
            let erased = crate::users::user_of(&app, id).await;
            app.sandbox.set_user(&erased, json!({"is_active": false}));
            assert_eq!(app.pay(id).await.status, 200, "round {round}");
            app.idle().await;
        }
        let left = found(&app).await;
        assert!(left.is_subset(&["outbox.payload".to_owned()].into()), "round {round}: {left:?}");
        app.deliver_all().await;
        crate::ksef_mails::looked_for_in_vain(&app).await;
        let start = format!("enrolment-{id}-");
        let state = app.sandbox.state();
        let own = state.invoices.iter().filter(|invoice| invoice["oid"].as_str().unwrap().starts_with(&start)).count();
        assert_eq!(own, usize::from(paid.status == 200), "round {round}");
        assert_eq!(app.documents(id).await.len(), own, "round {round}");
        // The mail of the payment may have been sent.
        assert!(state.emails.len() <= mails + 1, "round {round}");
        let jobs = format!(
            "SELECT COUNT(*) FROM outbox WHERE enrolment_id = {id} AND state <> 'done' AND kind <> 'invoice_data'"
        );
        assert_eq!(app.value(&jobs).await, "0", "round {round}");
    }
    assert!(refused > 0, "at least one under a lease");
    assert_eq!(found(&app).await, BTreeSet::new());
}

async fn erasing_during_a_run(app: TestApp) {
    for round in 0..ROUNDS {
        let user = format!("canary-{round}");
        app.sandbox.fault(Target::InvoicesCreate, Fault::status(429), None);
        app.sandbox.fault(Target::Emails, Fault::status(429), None);
        app.sandbox.set_course(2, json!({"price": 3}));
        let (one, two) = (app.enrolled(&user, 1).await, app.enrolled(&user, 2).await);
        app.sandbox.set_user(&user, json!({"is_active": false}));
        assert_eq!(crate::buyers::pay(&app, two, &json!({"buyer": company()})).await.status, 200);
        app.sandbox.set_user(&user, json!({}));
        assert_eq!(crate::buyers::pay(&app, one, &json!({"buyer": company()})).await.status, 200);
        app.idle().await;
        app.sandbox.clear_faults();
        app.pass_time(7_200_000).await;
        let run = async {
            a_little((ROUNDS - round) / 3).await;
            app.cron("delivery-cron").await;
        };
        let another = async {
            if round % 3 == 0 {
                app.cron("delivery-cron").await;
            }
        };
        let erased = async {
            a_little(round * 2).await;
            app.call("DELETE", &format!("/users/{user}")).await
        };
        let (erased, (), ()) = join3(erased, run, another).await;
        app.idle().await;
        assert_eq!(erased.status, 204, "round {round}: {}", erased.text);
        is_whole(&app, round).await;
        let left = found(&app).await;
        assert!(left.is_subset(&["outbox.payload".to_owned()].into()), "round {round}: {left:?}");
        for _ in 0..2 {
            app.deliver_all().await;
        }
        crate::ksef_mails::looked_for_in_vain(&app).await;
        for id in [one, two] {
            let start = format!("enrolment-{id}-");
            let state = app.sandbox.state();
            let own: Vec<_> =
                state.invoices.iter().filter(|invoice| invoice["oid"].as_str().unwrap().starts_with(&start)).collect();
            assert_eq!((own.len(), &own[0]["buyer_tax_no"]), (1, &json!(TAX_NO)), "round {round}");
            assert_eq!(app.documents(id).await.len(), 1, "round {round}");
        }
        assert_eq!(found(&app).await, BTreeSet::new(), "round {round}");
        assert_eq!(app.count("outbox WHERE state <> 'done'").await, 0, "round {round}");
        // Each mail at most once.
        let mails = app.subjects(&user);
        let once: BTreeSet<_> = mails.iter().collect();
        assert!(mails.len() <= 4 && once.len() <= 2, "round {round}: {mails:?}");
    }
}
