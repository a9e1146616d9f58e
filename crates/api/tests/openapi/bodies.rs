//! The parsers of bodies accept what their schemas allow, and nothing else.

use crate::validator;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

fn schema(name: &str) -> Validator {
    validator(&json!({"$ref": format!("#/components/schemas/{name}")}))
}

/// Numbers around the bounds, and other values.
fn ids() -> impl Strategy<Value = Value> {
    let numbers = prop_oneof![-1..=2_i64, 2_147_483_646..=2_147_483_648_i64, any::<i64>()];
    prop_oneof![
        4 => numbers.prop_map(Value::from),
        1 => prop_oneof![Just(json!(1.5)), Just(json!("1")), Just(json!(true)), Just(Value::Null), Just(json!(1e30))],
    ]
}

/// Texts of up to about `max` characters, and other values.
fn texts(max: usize) -> impl Strategy<Value = Value> {
    let long = (max - 2..=max + 2).prop_map(|length| Value::from("ż".repeat(length)));
    prop_oneof![
        4 => "[ a\u{a0}\u{2003}\u{85}\u{7f}\n\0ż🐢]{0,4}".prop_map(Value::from),
        1 => long,
        1 => prop_oneof![Just(json!(7)), Just(json!(["u"])), Just(Value::Null)],
    ]
}

/// Numbers with up to three decimals, also around the bounds, as numbers and as strings, and
/// other values.
fn amounts() -> impl Strategy<Value = Value> {
    let whole = prop_oneof![-1..=2_i64, 99_999_998..=100_000_001_i64, -200_000_000..=200_000_000_i64];
    let decimal = (whole.clone(), "\\.[0-9]{1,3}").prop_map(|(whole, places)| format!("{whole}{places}"));
    prop_oneof![
        2 => whole.clone().prop_map(Value::from),
        2 => decimal.clone().prop_map(|text| Value::from(text.parse::<f64>().unwrap())),
        2 => prop_oneof![whole.prop_map(|whole| whole.to_string()), decimal].prop_map(Value::from),
        1 => "[ +-]?[0-9]{0,9}[.,]?[0-9]{0,3}(e1)?\n?".prop_map(Value::from),
        1 => prop_oneof![Just(json!(true)), Just(json!([1])), Just(json!({})), Just(Value::Null), Just(json!(1e300))],
    ]
}

/// Prices around the bounds, and other values. Forms of a decimal that only other services send
/// are left out: the parser takes `1e2`, and the schema does not.
fn prices() -> impl Strategy<Value = Value> {
    let whole = prop_oneof![0..=2_i64, 9_999_999..=10_000_001_i64];
    let text = (whole, "(\\.[0-9]{1,2})?").prop_map(|(whole, places)| format!("{whole}{places}"));
    prop_oneof![
        2 => text.clone().prop_map(|text| Value::from(text.parse::<f64>().unwrap())),
        2 => text.prop_map(Value::from),
        1 => prop::sample::select(vec![json!(" 1\n"), json!(""), json!("-1"), json!("1,5"), json!(0.125), json!(-1)]),
        1 => prop_oneof![Just(json!(true)), Just(json!([1])), Just(Value::Null)],
    ]
}

/// An object; each member may be missing.
fn body(id: &'static str, also: &'static str, values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let users = texts(domain::UserId::MAX_CHARS);
    let members = (
        prop::option::weighted(0.9, ids()),
        prop::option::weighted(0.7, users),
        prop::option::weighted(0.7, values),
        any::<bool>(),
    );
    members.prop_map(move |(number, user, value, more)| {
        let all = [(id, number), ("user_id", user), (also, value), ("more", more.then_some(json!({})))];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    })
}

/// Records of a user and a course, mostly valid.
fn records() -> impl Strategy<Value = Value> {
    let of = |values: BoxedStrategy<Value>| prop::option::weighted(0.8, values);
    let words = |words: &'static [&'static str]| prop::sample::select(words).prop_map(Value::from).boxed();
    let short = || prop_oneof![4 => "[ aż]{0,3}".prop_map(Value::from), 1 => texts(255)].boxed();
    let user = (
        short(),
        short(),
        words(&["a@b", " a@b ", "a", "a,b@c", "a@b@c", "a\\[@b", "@b", "a@"]),
        of(short()),
        of(short()),
        of(words(&["PL", "", "pl"])),
    );
    let user = user.prop_map(|(first, last, email, street, city, country)| {
        let all = [
            ("first_name", Some(first)),
            ("last_name", Some(last)),
            ("email", Some(email)),
            ("street", street),
            ("city", city),
            ("country", country),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Value>()
    });
    let tax = prop_oneof![
        words(&["23", "zw", "np", "5.5", " 8 ", ""]),
        (-1..101_i64).prop_map(Value::from),
        Just(json!(5.55)),
        Just(json!(5.555))
    ]
    .boxed();
    let times = || words(&["2026-05-01T10:00:00", "2026-05-01 10:00:00", "soon", "2026-05-01T10:00:00+02:00"]);
    let course = (
        short(),
        prices(),
        of(words(&["PLN", " EUR", "pln", ""])),
        of(tax),
        of(words(&["art. 43"])),
        of(words(&["GTU_01", "GTU_13", "GTU_14", ""])),
        of(times()),
        of(ids().boxed()),
        any::<bool>(),
    );
    let course = course.prop_map(|(name, price, currency, tax, exemption, gtu, end, seats, more)| {
        let all = [
            ("name", Some(name)),
            ("price", Some(price)),
            ("currency", currency),
            ("tax", tax),
            ("tax_exemption", exemption),
            ("gtu_code", gtu),
            ("end_date", end),
            ("max_participants", seats),
            ("more", more.then_some(json!(1))),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Value>()
    });
    (user, course).prop_map(|(user, course)| json!({"course_id": 1, "user_id": "u", "user": user, "course": course}))
}

/// Buyers and recipients of every form. The tax number is valid in every country.
fn buyers() -> impl Strategy<Value = Value> {
    let of = |values: BoxedStrategy<Value>| prop::option::weighted(0.8, values);
    let words = |words: &'static [&'static str]| prop::sample::select(words).prop_map(Value::from).boxed();
    let short = || prop_oneof![8 => "[aż]{1,3}".prop_map(Value::from), 1 => texts(255)].boxed();
    let flag = prop_oneof![4 => any::<bool>().prop_map(Value::from), 1 => Just(json!("true"))].boxed();
    let party = move || {
        let number = words(&["525-244-57-67", "5252445767", "5252445767", "ż", ""]);
        let country = words(&["PL", "DE", "US", "DE", " CH ", "ZZ", "pl", ""]);
        (of(short()), of(number), of(short()), of(words(&["00-001", ""])), of(short()), prop::option::of(country))
    };
    let object = |fields: &[(&str, Option<Value>)]| {
        fields.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value.clone()?))).collect::<Value>()
    };
    let recipient = (party(), of(words(&["recipient", "local_government", "buyer"])), prop::bool::weighted(0.1));
    let recipient = recipient.prop_map(move |((name, tax_no, street, post_code, city, country), role, more)| {
        object(&[
            ("name", name),
            ("tax_no", tax_no),
            ("street", street),
            ("post_code", post_code),
            ("city", city),
            ("country", country),
            ("role", role),
            ("more", more.then_some(json!(1))),
        ])
    });
    let buyer = (party(), prop::option::weighted(0.2, flag), prop::option::weighted(0.3, recipient));
    buyer.prop_map(move |((name, tax_no, street, post_code, city, country), reverse_charge, recipient)| {
        object(&[
            ("name", name),
            ("tax_no", tax_no),
            ("street", street),
            ("post_code", post_code),
            ("city", city),
            ("country", country),
            ("reverse_charge", reverse_charge),
            ("recipient", recipient),
        ])
    })
}

static NEW_ENROLMENT: LazyLock<Validator> = LazyLock::new(|| schema("NewEnrolment"));
static PAYMENT: LazyLock<Validator> = LazyLock::new(|| schema("Payment"));
static NOTE: LazyLock<Validator> = LazyLock::new(|| schema("Note"));
static RESOLUTION: LazyLock<Validator> = LazyLock::new(|| schema("Resolution"));

fn reasons() -> impl Strategy<Value = Value> {
    texts(domain::model::note::Reason::MAX_CHARS)
}

/// Valid and almost valid links, and other values.
fn links() -> impl Strategy<Value = Value> {
    let schemes = prop_oneof![8 => Just("https://"), 4 => Just("http://"), 1 => Just("HTTPS://"), 1 => Just("//")];
    let hosts = "[a-zA-Z0-9.-]{1,5}(:[0-9]{0,6})?";
    let path = "(/([a-z.~!$'()*+,;=:_-]|%2[eEfF0]|%[0-9a-fA-F]{2}){0,3}){0,4}[/?]?[a-z.#@%|\\\\ ż\n]?";
    let built = (schemes, hosts, path).prop_map(|(scheme, host, path)| Value::from(format!("{scheme}{host}{path}")));
    let long = (500..=514_usize).prop_map(|length| Value::from(format!("https://a/{}", "x".repeat(length))));
    prop_oneof![8 => built, 1 => long, 1 => prop_oneof![Just(json!(7)), Just(Value::Null), Just(json!(""))]]
}

/// An object; each member may be missing.
fn resolutions() -> impl Strategy<Value = Value> {
    let given = |values: BoxedStrategy<Value>| prop::option::weighted(0.7, values);
    let note = texts(domain::model::resolution::Note::MAX_CHARS).boxed();
    let number = texts(domain::model::resolution::DocumentNumber::MAX_CHARS).boxed();
    (prop::option::weighted(0.95, note), given(number), given(links().boxed())).prop_map(|(note, number, url)| {
        let all = [("note", note), ("number", number), ("url", url)];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn the_parser_accepts_a_body_if_its_schema_does(
        new in body("course_id", "else", ids()),
        payment in body("enrolment_id", "amount", amounts()),
        note in body("enrolment_id", "reason", reasons()),
    ) {
        let taken = api::parse_new_enrolment(new.to_string().as_bytes()).is_ok();
        prop_assert_eq!(taken, NEW_ENROLMENT.is_valid(&new), "{}", new);
        let taken = api::parse_payment(payment.to_string().as_bytes()).is_ok();
        prop_assert_eq!(taken, PAYMENT.is_valid(&payment), "{}", payment);
        let taken = api::parse_note(note.to_string().as_bytes()).is_ok();
        prop_assert_eq!(taken, NOTE.is_valid(&note), "{}", note);
    }

    #[test]
    fn the_parser_accepts_a_record_if_its_schema_does(new in records()) {
        for without in ["user", "course", ""] {
            let mut new = new.clone();
            new.as_object_mut().unwrap().remove(without);
            let taken = api::parse_new_enrolment(new.to_string().as_bytes()).is_ok();
            prop_assert_eq!(taken, NEW_ENROLMENT.is_valid(&new), "{}", new);
        }
    }

    #[test]
    fn the_parser_accepts_a_buyer_if_its_schema_does(buyer in buyers()) {
        let payment = json!({"enrolment_id": 1, "buyer": buyer});
        let taken = api::parse_payment(payment.to_string().as_bytes()).is_ok();
        prop_assert_eq!(taken, PAYMENT.is_valid(&payment), "{}", payment);
    }

    /// The rest of the body is valid.
    #[test]
    fn the_parser_accepts_an_amount_or_a_reason_if_its_schema_does(amount in amounts(), reason in reasons()) {
        let payment = json!({"enrolment_id": 1, "amount": amount});
        let taken = api::parse_payment(payment.to_string().as_bytes()).is_ok();
        prop_assert_eq!(taken, PAYMENT.is_valid(&payment), "{}", payment);
        let note = json!({"enrolment_id": 1, "reason": reason});
        let taken = api::parse_note(note.to_string().as_bytes()).is_ok();
        prop_assert_eq!(taken, NOTE.is_valid(&note), "{}", note);
    }

    #[test]
    fn the_parser_accepts_a_resolution_if_its_schema_does(resolution in resolutions(), url in links()) {
        for body in [resolution, json!({"note": "made", "url": url})] {
            let taken = api::parse_resolution(body.to_string().as_bytes()).is_ok();
            prop_assert_eq!(taken, RESOLUTION.is_valid(&body), "{}", body);
        }
    }
}

/// Some validators divide floats and find that 2.01 is not a multiple of 0.01.
#[test]
fn the_schema_accepts_each_amount_of_cents() {
    for cents in 0..20_000_u32 {
        let payment = json!({"enrolment_id": 1, "amount": f64::from(cents) / 100.0});
        assert!(PAYMENT.is_valid(&payment), "{payment}");
    }
}

/// The schema does not describe the check digit.
#[test]
fn the_schema_accepts_each_form_of_a_tax_number() {
    let right = ["5252445767", "525-244-57-67", "PL5252445767", "pl 525 244 57 67", " P-L525-24-45-767 "];
    let wrong = ["0000000000", "1000000006", "525244576", "52524457677", "DE5252445767", "525.244.57.67", "٥252445767"];
    for (tax_no, is_right) in right.map(|text| (text, true)).into_iter().chain(wrong.map(|text| (text, false))) {
        let buyer = json!({"name": "a", "tax_no": tax_no, "street": "a", "post_code": "a", "city": "a"});
        let payment = json!({"enrolment_id": 1, "buyer": buyer});
        let taken = api::parse_payment(payment.to_string().as_bytes()).is_ok();
        assert_eq!((taken, PAYMENT.is_valid(&payment)), (is_right, is_right), "{tax_no}");
    }
}
