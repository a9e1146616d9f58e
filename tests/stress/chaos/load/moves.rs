//! Payments, failed payments, cancellations and refunds.

use super::Load;
use super::enrol::soon;
use crate::chaos::ask::{Answered, Request, Told};
use crate::chaos::courses;
use crate::chaos::life::{Life, Move};
use fastrand::Rng;
use futures::future::join;
use serde_json::{Value, json};

/// Reasons as callers give them.
const REASONS: [&str; 3] = ["too few participants", "karta odrzucona: „za mało środków” ", "<b>moved</b> & \"done\""];

/// The same company's number in several forms.
const TAX_NUMBERS: [&str; 3] = ["5252445767", "525-244-57-67", "PL 525 244 57 67"];

/// Buyers to whom a payment is billed anew.
const HOME: &str = r#"{"street": "Prosta 2", "city": "Łódź"}"#;
const COMPANY: &str =
    r#"{"name": "Acme", "tax_no": "5252445767", "street": "Prosta 1", "post_code": "00-001", "city": "Łódź"}"#;

impl Load {
    /// Does something to one of its enrolments, or two things at once.
    pub(super) async fn change_something(&mut self) {
        let Some(place) = self.any_life() else { return };
        let Some(life) = self.lives.get(place).cloned() else { return };
        let (first, first_request) = self.change(&life);
        let (mut rng, mut other) = (self.rng.fork(), self.rng.fork());
        let asker = &self.asker;
        let told: Vec<(Move, Told)> = match self.rng.u8(..10) {
            0 if first_request.key.is_some() => {
                vec![(first, asker.twice_at_once(&mut rng, &first_request).await)]
            }
            1 | 2 => {
                let (second, second_request) = self.change(&life);
                let asker = &self.asker;
                let both =
                    join(asker.until_done(&mut rng, &first_request), asker.until_done(&mut other, &second_request));
                let (one, two) = both.await;
                vec![(first, one), (second, two)]
            }
            _ => vec![(first, asker.until_done(&mut rng, &first_request).await)],
        };
        if let Some(life) = self.lives.get_mut(place) {
            life.steps.push(told.iter().map(|(what, told)| told.step(*what)).collect());
        }
        if told.iter().any(|(_, told)| matches!(told.answered, Answered::Missing)) {
            self.forget(place);
        }
    }

    /// Something to do, mostly what can be done.
    fn change(&mut self, life: &Life) -> (Move, Request) {
        // Up to which of a hundred.
        let course = life.believed().course;
        if courses::is_alike(course) && self.rng.u8(..5) == 0 {
            return self.move_or_extend(life, course);
        }
        let [pay, fail, cancel] = match (life.believed().is_paid(), courses::is_small(course)) {
            (false, false) => [65, 78, 94],
            (false, true) => [45, 58, 92],
            (true, false) => [8, 14, 40],
            (true, true) => [8, 14, 60],
        };
        let mut body = json!({"enrolment_id": life.id, "user_id": life.user});
        let (what, route) = match self.rng.u8(..100) {
            number if number < pay => (payment(&mut self.rng, &mut body), "PATCH /paid"),
            number if number < fail => (Move::Fail, "PATCH /failed"),
            number if number < cancel => (Move::Cancel, "PATCH /canceled"),
            // A restored copy may have forgotten that the invoice was sent to the first buyer.
            _ if self.rng.u8(..4) == 0 && life.restores == self.asker.restores() => (Move::Rebill, "PATCH /rebilled"),
            _ => (refund(&mut self.rng, &mut body), "PATCH /refunded"),
        };
        match what {
            Move::Pay { .. } if self.rng.bool() => {
                // At times the reference of an earlier payment.
                let earlier = self.number;
                let number = if self.rng.u8(..8) == 0 { self.rng.u32(..=earlier) } else { self.number() };
                body["reference"] = format!("pay-{}-{number}", self.caller).into();
            }
            Move::Refund { part: Some(_) } => {
                let number = self.number();
                body["reference"] = format!("refund-{}-{number}", self.caller).into();
            }
            Move::Rebill => {
                body["tax"] = "23".into();
                body["buyer"] = self.rng.choice([HOME, COMPANY]).and_then(|text| text.parse().ok()).unwrap_or_default();
            }
            _ => {}
        }
        if !matches!(what, Move::Pay { .. }) && self.rng.bool() {
            body["reason"] = self.rng.choice(REASONS).into();
        }
        // Each request without a key bills anew.
        let key = (what == Move::Rebill || self.rng.bool()).then(|| format!("change-{}-{}", life.user, self.number()));
        (what, Request::with(route, body, key))
    }

    /// Each request without a key moves or extends anew.
    fn move_or_extend(&mut self, life: &Life, course: i64) -> (Move, Request) {
        let mut body = json!({"enrolment_id": life.id, "user_id": life.user});
        let (what, route) = if self.rng.bool() {
            body["pay_until"] = soon(&mut self.rng).into();
            (Move::Extend, "PATCH /extended")
        } else {
            let to = courses::any_alike_but(&mut self.rng, course);
            body["course_id"] = to.into();
            (Move::ToCourse(to), "PATCH /moved")
        };
        let key = format!("change-{}-{}", life.user, self.number());
        (what, Request::with(route, body, Some(key)))
    }
}

/// A payment of the course's price, a cancellation, or a failed payment, in turns.
pub(crate) fn by_number(number: usize) -> (Move, &'static str) {
    match number % 3 {
        0 => (Move::Pay { amount: None, company: false }, "PATCH /paid"),
        1 => (Move::Cancel, "PATCH /canceled"),
        _ => (Move::Fail, "PATCH /failed"),
    }
}

/// A refund of all that is left or of a part of it, which `body` then asks for.
fn refund(rng: &mut Rng, body: &mut Value) -> Move {
    let part = (rng.u8(..3) > 0).then(|| rng.i64(1..=300));
    if let Some(hundredths) = part {
        body["amount"] = format!("{}.{:02}", hundredths / 100, hundredths % 100).into();
    }
    Move::Refund { part }
}

/// A payment, which `body` then asks for.
fn payment(rng: &mut Rng, body: &mut Value) -> Move {
    let amount = match rng.u8(..16) {
        0..=6 => None,
        7 => Some(0),
        8 => Some(9_999_999_999),
        _ => Some(rng.i64(1..=50_000)),
    };
    if let Some(hundredths) = amount {
        let decimal = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let number = decimal.parse::<f64>().ok().filter(|_| rng.bool());
        body["amount"] = number.map_or(json!(decimal), |number| json!(number));
    }
    let company = rng.u8(..3) == 0;
    if company {
        let tax_no = rng.choice(TAX_NUMBERS);
        body["buyer"] = json!({"name": "Acme sp. z o.o.", "tax_no": tax_no, "street": "Prosta 1",
            "post_code": "00-001", "city": "Łódź"});
        match rng.u8(..4) {
            0 => body["buyer"]["country"] = json!("DE"),
            1 => {
                body["buyer"]["recipient"] =
                    json!({"name": "School", "street": "Szkolna 1", "city": "Łódź", "role": "local_government"});
            }
            _ => {}
        }
    } else if rng.u8(..4) == 0 {
        body["buyer"] = json!({"street": "Prosta 1", "city": "Łódź"});
    }
    Move::Pay { amount, company }
}
