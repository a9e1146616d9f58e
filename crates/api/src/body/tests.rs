use super::limit::is_json;
use super::*;
use crate::json::to_vec;
use domain::UserId;
use domain::model::terms::{NotSubject, Tax};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};

fn headers(content_type: Option<&str>, length: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [(CONTENT_TYPE, content_type), (CONTENT_LENGTH, length)] {
        if let Some(value) = value {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
    }
    headers
}

fn faults(body: &str) -> Vec<(String, &'static str)> {
    let problem = parse_new_enrolment(body.as_bytes()).unwrap_err();
    assert_eq!((problem.status.as_u16(), problem.error), (400, "validation_error"));
    problem.details.into_iter().map(|detail| (detail.loc.join("."), detail.kind)).collect()
}

#[test]
fn json_content_types() {
    for taken in [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/vnd.x+json",
        "application/problem+json ; a=b",
    ] {
        assert!(BodyLimit::new(&headers(Some(taken), None)).is_ok(), "{taken}");
    }
    for refused in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "json",
        "+json",
        "/+json",
        "application/+json",
        "",
    ] {
        assert_eq!(BodyLimit::new(&headers(Some(refused), None)).unwrap_err().status, 415, "{refused}");
    }
    assert_eq!(BodyLimit::new(&headers(None, None)).unwrap_err().status, 415);
}

#[test]
fn a_body_has_a_maximum_size() {
    let json = Some("application/json");
    assert!(BodyLimit::new(&headers(json, Some("65536"))).is_ok());
    assert_eq!(BodyLimit::new(&headers(json, Some("65537"))).unwrap_err().status, 413);
    let mut body = BodyLimit::default();
    body.push(&[b' '; MAX_BODY]).unwrap();
    assert_eq!(body.push(b" ").unwrap_err().error, "payload_too_large");
    assert_eq!(body.into_bytes().len(), MAX_BODY);
}

#[test]
fn a_body_is_whole_when_its_length_is_read() {
    let mut body = BodyLimit::new(&headers(Some("application/json"), Some("3"))).unwrap();
    for (piece, whole) in [("", false), ("ab", false), ("c", true)] {
        body.push(piece.as_bytes()).unwrap();
        assert_eq!(body.is_whole(), whole, "{piece}");
    }
    assert!(BodyLimit::new(&headers(Some("application/json"), Some("0"))).unwrap().is_whole());
    assert!(!BodyLimit::new(&headers(Some("application/json"), None)).unwrap().is_whole());
}

#[test]
fn duplicate_keys_are_reported() {
    for (body, names) in [
        (r#"{"course_id": 1, "course_id": 1, "user_id": "u"}"#, &["course_id"][..]),
        (r#"{"course_id": 1, "course\u005fid": 2, "user_id": "u"}"#, &["course_id"]),
        (
            r#"{"user_id": "u", "course_id": 1, "user_id": null, "course_id": 0, "user_id": 5}"#,
            &["user_id", "course_id"],
        ),
        (r#"{"course_id": 1, "user_id": "u", "more": [], "more": {}}"#, &["more"]),
        (r#"{"": 1, "": 2}"#, &[""]),
    ] {
        let expected: Vec<_> = names.iter().map(|name| ((*name).to_owned(), "duplicate")).collect();
        assert_eq!(faults(body), expected, "{body}");
    }
    let payment = parse_payment(br#"{"enrolment_id": 1, "enrolment_id": 2}"#).unwrap_err();
    assert_eq!((payment.details[0].loc[0].as_ref(), payment.details[0].kind), ("enrolment_id", "duplicate"));
    // Nested objects of unknown keys are not checked, and a response names at most eight keys.
    parse_new_enrolment(br#"{"course_id": 1, "user_id": "u", "more": {"a": 1, "a": 2}}"#).unwrap();
    let many: String = (0..1000).map(|key| format!("\"{key}\":0,\"{key}\":0,")).collect();
    assert_eq!(faults(&format!("{{{}}}", many.trim_end_matches(','))).len(), 8);
}

#[test]
fn an_enrolment_is_parsed() {
    let new = parse_new_enrolment(r#"{"course_id": 2147483647, "user_id": "żółw🐢", "more": {}}"#.as_bytes()).unwrap();
    assert_eq!((new.course_id.get(), new.user_id.as_str()), (2_147_483_647, "żółw🐢"));
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    for body in ["", "{", "{]", "nul", "{\"course_id\": 1e400, \"user_id\": \"u\"}", "\u{feff}{}"] {
        assert_eq!(faults(body), [(String::new(), "json_invalid")], "{body}");
    }
    for body in ["null", "[]", "\"x\"", "5"] {
        assert_eq!(faults(body), [(String::new(), "object_type")], "{body}");
    }
    assert_eq!(faults(&"[".repeat(60_000)), [(String::new(), "object_type")]);
    assert_eq!(faults(&format!("{{\"a\":{}", "[".repeat(60_000))), [(String::new(), "json_invalid")]);
    parse_new_enrolment(b"\xff").unwrap_err();
}

#[test]
fn every_fault_is_reported() {
    assert_eq!(faults("{}"), [("course_id".to_owned(), "missing"), ("user_id".to_owned(), "missing")]);
    assert_eq!(
        faults(r#"{"course_id": 0, "user_id": 5}"#),
        [("course_id".to_owned(), "int_range"), ("user_id".to_owned(), "string_type")]
    );
}

/// A request with the records of a user and a course.
fn with_records(user: &str, course: &str) -> String {
    format!(r#"{{"course_id": 7, "user_id": "u", "user": {user}, "course": {course}}}"#)
}

const ANN: &str = r#"{"first_name": "Ann", "last_name": "", "email": "ann@example.com"}"#;

#[test]
fn records_are_parsed_like_those_of_a_look_up() {
    let user = r#"{"first_name": " Ann ", "last_name": "", "email": "ann@example.com", "street": "Prosta 1",
        "post_code": "", "city": null, "country": "PL"}"#;
    let course = r#"{"name": "Rust", "price": "149.5", "currency": "EUR", "tax": "zw", "tax_exemption": "art. 43",
        "gtu_code": "GTU_12", "end_date": "2026-05-01T10:00:00+02:00", "max_participants": 3,
        "opens_at": "2026-01-01T00:00:00", "closes_at": null}"#;
    let new = parse_new_enrolment(with_records(user, course).as_bytes()).unwrap();
    let (user, course) = (new.user.unwrap(), new.course.unwrap());
    assert_eq!((user.first_name.as_str(), user.last_name.as_str()), ("Ann", ""));
    let address = user.address;
    assert_eq!((address.street.as_deref(), address.post_code, address.city), (Some("Prosta 1"), None, None));
    assert_eq!(address.country.unwrap().as_str(), "PL");
    let tax = course.tax.unwrap().unwrap();
    assert_eq!((tax.word(), tax.exemption()), ("zw", Some("art. 43")));
    assert_eq!(course.currency.unwrap().unwrap().code(), "EUR");
    assert_eq!(course.ends_at.unwrap(), "2026-05-01T08:00:00Z".parse().ok());
    assert_eq!((course.opens_at.unwrap(), course.closes_at), ("2026-01-01T00:00:00Z".parse().ok(), Ok(None)));
    assert_eq!((course.price.unwrap().to_string(), course.seats), ("149.50".to_owned(), Ok(Some(3))));
    assert_eq!(course.gtu_code.unwrap().unwrap().as_str(), "GTU_12");

    let new = parse_new_enrolment(with_records(ANN, r#"{"name": "Rust", "price": 0}"#).as_bytes()).unwrap();
    let course = new.course.unwrap();
    assert_eq!((course.currency, course.tax, course.gtu_code), (Ok(None), Ok(None), Ok(None)));
    assert_eq!((course.ends_at, course.seats, course.opens_at), (Ok(None), Ok(None), Ok(None)));
}

#[test]
fn every_fault_of_a_record_is_reported() {
    let user = r#"{"first_name": 5, "last_name": "a\nb", "email": "a@b,c@d", "city": 5, "country": "pl", "id": 1}"#;
    let course = r#"{"name": " ", "price": true, "price_": 1}"#;
    assert_eq!(
        faults(&with_records(user, course)),
        [("user.id", "extra"), ("course.price_", "extra")].map(|(loc, kind)| (loc.to_owned(), kind))
    );
    let user = user.replace(r#", "id": 1"#, "");
    let course = r#"{"price": -1, "price": 1, "currency": "zł", "tax": "np", "gtu_code": "12", "end_date": "soon",
        "max_participants": "3", "opens_at": "9999-01-01T00:00:00Z"}"#;
    let found = faults(&with_records(&user, course));
    let expected = [
        ("user.first_name", "string_type"),
        ("user.last_name", "string_value"),
        ("user.email", "string_value"),
        ("user.city", "string_type"),
        ("user.country", "string_value"),
        ("course.name", "missing"),
        ("course.price", "duplicate"),
        ("course.currency", "string_value"),
        ("course.tax", "string_value"),
        ("course.gtu_code", "string_value"),
        ("course.end_date", "string_value"),
        ("course.max_participants", "int_type"),
        ("course.opens_at", "string_value"),
    ];
    assert_eq!(found, expected.map(|(loc, kind)| (loc.to_owned(), kind)));
    for (user, course) in [("null", "{}"), ("[]", "{}"), ("5", "{}"), (r#""a""#, "{}")] {
        assert_eq!(faults(&with_records(user, course))[0], ("user".to_owned(), "object_type"), "{user}");
    }
    let nameless = ANN.replace("Ann", " ");
    let body = with_records(&nameless, r#"{"name": "Rust", "price": 1}"#);
    assert_eq!(faults(&body), [("user.first_name".to_owned(), "string_value")]);
}

#[test]
fn reference_and_metadata_are_texts_with_limits() {
    let parse = |more: &str| parse_new_enrolment(format!(r#"{{"course_id": 7, "user_id": "u", {more}}}"#).as_bytes());
    let new = parse(r#""reference": "ORDER/7", "metadata": {"b": "2", "a": ""}"#).unwrap();
    assert_eq!(new.reference.unwrap().as_str(), "ORDER/7");
    assert_eq!(new.metadata.texts().collect::<Vec<_>>(), [("a", ""), ("b", "2")]);
    assert!(parse(r#""metadata": {}"#).unwrap().metadata.is_empty());
    let many: Vec<_> = (0..21).map(|key| format!(r#""k{key}": "a""#)).collect();
    for (more, at, kind) in [
        (r#""reference": """#.to_owned(), "reference", "string_value"),
        (r#""reference": "a b""#.to_owned(), "reference", "string_value"),
        (r#""reference": null"#.to_owned(), "reference", "string_type"),
        (r#""reference": 7"#.to_owned(), "reference", "string_type"),
        (r#""metadata": null"#.to_owned(), "metadata", "object_type"),
        (r#""metadata": ["a"]"#.to_owned(), "metadata", "object_type"),
        (r#""metadata": {"a": 1}"#.to_owned(), "metadata.a", "string_type"),
        (r#""metadata": {"a": {"b": "c"}}"#.to_owned(), "metadata.a", "string_type"),
        (r#""metadata": {"a": "1", "a": "1"}"#.to_owned(), "metadata.a", "duplicate"),
        (r#""metadata": {"a b": "1"}"#.to_owned(), "metadata.a b", "string_value"),
        (r#""metadata": {"a": "\n"}"#.to_owned(), "metadata.a", "string_value"),
        (format!(r#""metadata": {{"a": "{}"}}"#, "a".repeat(2048)), "metadata.a", "string_value"),
        (format!(r#""metadata": {{{}}}"#, many.join(",")), "metadata.k20", "string_value"),
    ] {
        let details = parse(&more).unwrap_err().details;
        let [detail] = details.as_slice() else { panic!("{more}: {details:?}") };
        assert_eq!((detail.loc.join("."), detail.kind), (at.to_owned(), kind), "{more}");
    }
}

#[test]
fn a_tax_is_a_rate_or_exempt() {
    let tax = |tax: &str| {
        let course = format!(r#"{{"name": "Rust", "price": 1, {tax}}}"#);
        let new = parse_new_enrolment(with_records(ANN, &course).as_bytes());
        new.map(|new| new.course.unwrap().tax.unwrap().map(|tax| tax.word().to_owned()))
    };
    for (given, word) in [
        (r#""tax": 23"#, Some("23")),
        (r#""tax": 5.5"#, Some("5.5")),
        (r#""tax": " 8 ""#, Some("8")),
        (r#""tax": "zw", "tax_exemption": "art. 43""#, Some("zw")),
        (r#""tax": 23, "tax_exemption": "art. 43""#, Some("23")),
        (r#""tax": null, "tax_exemption": """#, None),
        (r#""tax": """#, None),
    ] {
        assert_eq!(tax(given), Ok(word.map(str::to_owned)), "{given}");
    }
    for given in [
        r#""tax": "zw""#,
        r#""tax": "np""#,
        r#""tax": "23%""#,
        r#""tax": 100"#,
        r#""tax": -1"#,
        r#""tax": -5.5"#,
        r#""tax": 5.555"#,
        r#""tax": true"#,
        r#""tax": [23]"#,
        r#""tax_exemption": "art. 43""#,
    ] {
        let problem = tax(given).unwrap_err();
        assert_eq!(problem.details[0].loc, ["course", "tax"], "{given}");
    }
}

#[test]
fn ids_are_integers_in_range() {
    for (value, kind) in [
        ("\"1\"", "int_type"),
        ("\"abc\"", "int_type"),
        ("1.5", "int_type"),
        ("1.0000000000000001", "int_type"),
        ("1e-1", "int_type"),
        ("2147483648.0", "int_range"),
        ("0.0", "int_range"),
        ("-1e2", "int_range"),
        ("1e300", "int_range"),
        ("true", "int_type"),
        ("null", "int_type"),
        ("[]", "int_type"),
        ("{}", "int_type"),
        ("0", "int_range"),
        ("-1", "int_range"),
        ("2147483648", "int_range"),
        ("99999999999999999999", "int_range"),
        ("-9223372036854775809", "int_range"),
    ] {
        let body = format!(r#"{{"course_id": {value}, "user_id": "u"}}"#);
        assert_eq!(faults(&body), [("course_id".to_owned(), kind)], "{value}");
        let problem = parse_payment(format!(r#"{{"enrolment_id": {value}}}"#).as_bytes()).unwrap_err();
        assert_eq!((problem.details[0].loc[0].as_ref(), problem.details[0].kind), ("enrolment_id", kind), "{value}");
    }
}

#[test]
fn an_integer_may_have_zero_decimals() {
    for (value, id) in [("222.0", 222), ("1e2", 100), ("2147483647.00", 2_147_483_647), ("2.22E2", 222)] {
        let payment = parse_payment(format!(r#"{{"enrolment_id": {value}}}"#).as_bytes()).unwrap();
        assert_eq!(payment.enrolment_id.get(), id, "{value}");
    }
}

#[test]
fn an_amount_is_exact() {
    let amount = |value: &str| parse_payment(format!(r#"{{"enrolment_id": 1, "amount": {value}}}"#).as_bytes());
    for (value, taken) in [("149", "149.00"), ("149.5", "149.50"), ("1.49e2", "149.00"), ("-0.0", "0.00")] {
        assert_eq!(amount(value).unwrap().amount.unwrap().to_string(), taken, "{value}");
    }
    for value in ["-1e-7", "149.00000001", "148.999999999999999999", "-0.01", "100000000", "1e300", "0.005"] {
        let problem = amount(value).unwrap_err();
        assert_eq!(
            (problem.details[0].loc[0].as_ref(), problem.details[0].kind),
            ("amount", "decimal_range"),
            "{value}"
        );
    }
}

#[test]
fn every_fault_of_a_company_is_reported() {
    let body = r#"{"enrolment_id": 0, "amount": "x", "buyer": {"name": " ", "tax_no": "5252445768", "street": 5, "post_code": "00-001"}}"#;
    let details = parse_payment(body.as_bytes()).unwrap_err().details;
    let named: Vec<_> = details.iter().map(|detail| (detail.loc.join("."), detail.kind)).collect();
    let expected = [
        ("enrolment_id", "int_range"),
        ("amount", "decimal_range"),
        ("buyer.name", "string_value"),
        ("buyer.tax_no", "string_value"),
        ("buyer.street", "string_type"),
        ("buyer.city", "missing"),
    ];
    assert_eq!(named, expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[test]
fn a_payment_may_name_the_user() {
    let payment = parse_payment(br#"{"enrolment_id": 1}"#).unwrap();
    assert_eq!((payment.enrolment_id.get(), payment.user_id), (1, None));
    let payment = parse_payment(br#"{"enrolment_id": 1, "user_id": "u"}"#).unwrap();
    assert_eq!(payment.user_id.unwrap().as_str(), "u");
    // An empty user id must not skip the check.
    for user in ["null", "\"\"", "5"] {
        let body = format!(r#"{{"enrolment_id": 1, "user_id": {user}}}"#);
        assert_eq!(parse_payment(body.as_bytes()).unwrap_err().details[0].loc, ["user_id"], "{user}");
    }
    assert_eq!(parse_payment(br#"{"user_id": 5}"#).unwrap_err().details.len(), 2);
}

#[test]
fn invalid_user_ids_are_refused() {
    let long = "a".repeat(65);
    for value in ["", "  ", "a\\u0000", long.as_str()] {
        let body = format!(r#"{{"course_id": 1, "user_id": "{value}"}}"#);
        assert_eq!(faults(&body), [("user_id".to_owned(), "string_value")], "{value:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_cause_a_panic(body: Vec<u8>) {
        let _ = parse_new_enrolment(&body);
        let _ = parse_payment(&body);
    }

    #[test]
    fn no_object_causes_a_panic(course_id in "[-+0-9.eE]{0,12}", user_id: String) {
        let body = format!("{{\"course_id\": {course_id}, \"user_id\": {}}}", Value::from(user_id));
        let _ = parse_new_enrolment(body.as_bytes());
    }

    #[test]
    fn no_content_type_causes_a_panic(text: String) {
        is_json(&text);
    }

    #[test]
    fn bodies_are_parsed_like_their_types(id in 1..=i32::MAX, user in "[a-z\"\\\\ żó🐢]{0,63}u", has_user: bool) {
        let id = i64::from(id);
        let (reference, metadata) = (has_user.then_some("ORDER-1"), None);
        let typed = NewEnrolment { course_id: id, user_id: &user, user: None, course: None, reference, metadata, pay_until: None };
        let new = parse_new_enrolment(&to_vec(&typed)).unwrap();
        prop_assert_eq!((new.course_id.get(), new.user_id.as_str()), (id, user.as_str()));
        let user = has_user.then_some(user.as_str());
        let typed = Payment { enrolment_id: id, user_id: user, amount: None, buyer: None, tax: None, tax_exemption: None, reference: None, method: None, on: None };
        let payment = parse_payment(&to_vec(&typed)).unwrap();
        prop_assert_eq!((payment.enrolment_id.get(), payment.user_id.as_ref().map(UserId::as_str)), (id, user));
        let note = parse_note(&to_vec(&Note { enrolment_id: id, user_id: user, reason: user })).unwrap();
        prop_assert_eq!((note.enrolment_id.get(), note.user_id.as_ref().map(UserId::as_str)), (id, user));
        prop_assert_eq!(note.reason.as_ref().map(|reason| reason.as_str()), user.map(str::trim));
    }

    #[test]
    fn payments_are_parsed_like_their_type(amount in "[0-9]{1,8}\\.[0-9]{2}", name in "[a-zż]{1,255}") {
        let (tax_no, street, post_code, city) = ("PL525-244-57-67", "Prosta 1", "00-001", "Warszawa");
        let buyer = BuyerForm::Company(CompanyForm { name: &name, tax_no, street, post_code, city, country: None, recipient: None });
        let typed = Payment { enrolment_id: 1, user_id: None, amount: Some(&amount), buyer: Some(buyer), tax: Some("zw"), tax_exemption: Some("art. 43"), reference: Some("pi_1"), method: Some("card"), on: Some("2026-01-31") };
        let payment = parse_payment(&to_vec(&typed)).unwrap();
        prop_assert_eq!(payment.amount, domain::Money::from_decimal(&amount));
        let company = payment.buyer.company.unwrap();
        prop_assert_eq!((company.name, company.tax_id.number()), (name, Some("5252445767")));
    }

    #[test]
    fn resolutions_are_parsed_like_their_type(text in "[a-z][a-zż\\n]{0,40}[a-z]", all: bool) {
        let (number, url) = (all.then_some("7/2026"), all.then_some("https://a.example/i"));
        let read = parse_resolution(&to_vec(&Resolution { note: &text, number, url })).unwrap();
        prop_assert_eq!(read.note.as_str(), text);
        prop_assert_eq!(read.number.as_ref().map(|number| number.as_str()), number);
        prop_assert_eq!(read.url.as_ref().map(|url| url.as_str()), url);
    }
}

/// The buyer of a body, or the paths of its faults.
fn buyer(buyer: &Value) -> Result<domain::Buyer, Vec<String>> {
    let body = json!({"enrolment_id": 1, "buyer": buyer});
    let faults = |problem: Problem| problem.details.iter().map(|detail| detail.loc.join(".")).collect();
    parse_payment(body.to_string().as_bytes()).map(|payment| payment.buyer).map_err(faults)
}

/// The object with other fields; without those that are null.
fn with(object: Value, changes: &Value) -> Value {
    let Value::Object(mut object) = object else { panic!("{object}") };
    object.extend(changes.as_object().unwrap().clone());
    object.retain(|_, value| !value.is_null());
    object.into()
}

fn person() -> Value {
    json!({"street": "Prosta 1", "post_code": "00-001", "city": "Warszawa"})
}

fn acme() -> Value {
    with(person(), &json!({"name": "Acme", "tax_no": "5252445767"}))
}

fn school() -> Value {
    with(person(), &json!({"name": "School", "role": "local_government"}))
}

#[test]
fn a_buyer_is_a_person_or_a_company_anywhere() {
    let person_in = |country: Value| buyer(&with(person(), &json!({"country": country}))).unwrap();
    assert_eq!((person_in(json!(null)), person_in(json!(" PL "))), (person_in(json!("PL")), person_in(json!("PL"))));
    assert_eq!((person_in(json!("PL")).company, person_in(json!("PL")).address.country), (None, None));
    assert_eq!(person_in(json!("US")).address.country.unwrap().as_str(), "US");
    assert_eq!(buyer(&with(acme(), &json!({"country": "PL"}))), buyer(&acme()));
    for (country, tax_no, number, reverse_charge) in [
        ("DE", json!("123 456 789"), Some("DE123456789"), true),
        ("DE", json!(null), None, false),
        ("CH", json!("CHE-123.456.789"), Some("CHE123456789"), false),
        ("US", json!(null), None, true),
    ] {
        let changes =
            json!({"country": country, "tax_no": tax_no, "post_code": null, "reverse_charge": reverse_charge});
        let company = buyer(&with(acme(), &changes)).unwrap().company.unwrap();
        assert_eq!((company.tax_id.number(), company.reverse_charge), (number, reverse_charge), "{changes}");
    }
}

#[test]
fn a_buyer_may_have_a_recipient() {
    for (tax_no, number) in [(json!(null), None), (json!("5252445767-00001"), Some("5252445767-00001"))] {
        for buyer_of in [person(), acme(), with(acme(), &json!({"country": "DE", "tax_no": "1"}))] {
            let recipient = with(school(), &json!({"tax_no": tax_no, "post_code": null}));
            let recipient = buyer(&with(buyer_of, &json!({"recipient": recipient}))).unwrap().recipient.unwrap();
            assert_eq!((recipient.name.as_str(), recipient.tax_id.number()), ("School", number));
            assert_eq!(recipient.role, domain::model::buyer::Role::LocalGovernment);
        }
    }
}

#[test]
fn every_fault_of_a_buyer_is_named() {
    let school = |changes: Value| with(acme(), &json!({"recipient": with(school(), &changes)}));
    for (faulty, fields) in [
        (json!({}), vec!["street", "city"]),
        (json!({"country": "PL"}), vec!["street", "city"]),
        (with(person(), &json!({"country": "ZZ", "city": " "})), vec!["country", "city"]),
        (with(person(), &json!({"country": "pl"})), vec!["country"]),
        (with(person(), &json!({"tax_no": "5252445767"})), vec!["name"]),
        (with(person(), &json!({"reverse_charge": true})), vec!["name", "tax_no", "reverse_charge"]),
        (with(person(), &json!({"vat": 1})), vec!["vat"]),
        (with(acme(), &json!({"tax_no": null})), vec!["tax_no"]),
        (with(acme(), &json!({"tax_no": "DE123456789"})), vec!["tax_no"]),
        (with(acme(), &json!({"tax_no": "5252445767-00001"})), vec!["tax_no"]),
        (with(acme(), &json!({"post_code": null})), vec!["post_code"]),
        (with(acme(), &json!({"reverse_charge": true})), vec!["reverse_charge"]),
        (with(acme(), &json!({"reverse_charge": "true", "country": "DE"})), vec!["reverse_charge"]),
        (with(acme(), &json!({"tax_no": "12345/6789", "country": "DE"})), vec!["tax_no"]),
        (with(acme(), &json!({"tax_no": "1".repeat(51), "country": "US"})), vec!["tax_no"]),
        (with(acme(), &json!({"tax_no": " ", "country": "US"})), vec!["tax_no"]),
        (with(acme(), &json!({"recipient": []})), vec!["recipient"]),
        (
            with(acme(), &json!({"recipient": {}})),
            vec!["recipient.name", "recipient.street", "recipient.city", "recipient.role"],
        ),
        (school(json!({"role": "buyer", "tax_no": "5252445768-00001"})), vec!["recipient.tax_no", "recipient.role"]),
        (school(json!({"country": "XX", "tax_no": "?"})), vec!["recipient.country"]),
        (
            school(json!({"reverse_charge": true, "name": "x".repeat(256)})),
            vec!["recipient.name", "recipient.reverse_charge"],
        ),
    ] {
        let expected: Vec<_> = fields.iter().map(|field| format!("buyer.{field}")).collect();
        assert_eq!(buyer(&faulty), Err(expected), "{faulty}");
    }
}

#[test]
fn a_payment_may_be_outside_of_polish_tax() {
    let tax = |more: &str| parse_payment(format!(r#"{{"enrolment_id": 1{more}}}"#).as_bytes()).unwrap().tax;
    let np = Some(Tax::NotSubject(NotSubject::ExportService));
    assert_eq!(
        (tax(r#", "tax": " np ""#), tax(r#", "tax": "np", "tax_exemption": "art. 43""#), tax("")),
        (np.clone(), np, None)
    );
}

#[test]
fn a_company_has_each_field_once() {
    let body = |more: &str| {
        format!(
            r#"{{"enrolment_id": 1, "buyer": {{"name": "Acme", "tax_no": "5252445767", "street": "Prosta 1",
                "post_code": "00-001", "city": "Warszawa"{more}}}}}"#
        )
    };
    assert!(parse_payment(body("").as_bytes()).is_ok());
    for (more, field) in [(r#", "tax_no": "1""#, "tax_no"), (r#", "name": null"#, "name"), (r#", "city": "x""#, "city")]
    {
        let problem = parse_payment(body(more).as_bytes()).unwrap_err();
        let [detail] = problem.details.as_slice() else { panic!("{problem:?}") };
        assert_eq!((detail.loc.as_slice(), detail.kind), (["buyer".into(), field.into()].as_slice(), "duplicate"));
    }
    for (more, kind) in [(r#", "x": 1"#, "extra"), (r#", "x": 1, "x": 2"#, "duplicate")] {
        let problem = parse_payment(body(more).as_bytes()).unwrap_err();
        assert_eq!((problem.details[0].loc.join("."), problem.details[0].kind), ("buyer.x".to_owned(), kind));
    }
}

#[test]
fn a_resolution_needs_only_a_note() {
    let read = |body: &str| parse_resolution(body.as_bytes()).unwrap();
    let resolution = read(r#"{"note": " made manually\nsee the folder ", "more": 1}"#);
    assert_eq!(resolution.note.as_str(), "made manually\nsee the folder");
    assert_eq!((resolution.number, resolution.url), (None, None));
    let resolution = read(r#"{"note": "made", "number": "7/2026", "url": "https://a.example/i"}"#);
    assert_eq!(resolution.number.unwrap().as_str(), "7/2026");
    assert_eq!(resolution.url.unwrap().as_str(), "https://a.example/i");
}

#[test]
fn every_fault_of_a_resolution_is_reported() {
    let faults = |body: &str| {
        let details = parse_resolution(body.as_bytes()).unwrap_err().details;
        details.iter().map(|detail| format!("{} {}", detail.loc.join("."), detail.kind)).collect::<Vec<_>>()
    };
    assert_eq!(faults("{}"), ["note missing"]);
    assert_eq!(
        faults(r#"{"note": "", "number": null, "url": "ftp://a/b"}"#),
        ["note string_value", "number string_type", "url string_value"]
    );
    let long = format!(r#"{{"note": "{}", "number": "{}"}}"#, "n".repeat(501), "7".repeat(65));
    assert_eq!(faults(&long), ["note string_value", "number string_value"]);
    assert_eq!(faults(r#"{"note": "a\tb"}"#), ["note string_value"]);
}

#[test]
fn every_fault_of_a_mail_is_reported() {
    let kind = MailKind::PaymentWithInvoice;
    let body = br#"{"subject": "Paid: {course}", "text": "{course}\n\n{link}"}"#;
    let text = mail::MailText { subject: "Paid: {course}".to_owned(), text: "{course}\n\n{link}".to_owned() };
    assert_eq!(parse_mail_text(kind, body), Ok(text.clone()));
    assert_eq!(parse_mail_draft(kind, body), Ok((Some(text.subject), Some(text.text))));
    assert_eq!(parse_mail_draft(kind, b"{}"), Ok((None, None)));
    let faults = |problem: Problem| -> Vec<String> {
        problem
            .details
            .into_iter()
            .map(|detail| format!("{}: {} ({})", detail.loc[0], detail.msg, detail.kind))
            .collect()
    };
    let missing = ["subject: Field required (missing)", "text: Field required (missing)"];
    assert_eq!(faults(parse_mail_text(kind, b"{}").unwrap_err()), missing);
    let body = br#"{"subject": "{reason}", "text": "{course}", "html": "<p>"}"#;
    let expected = [
        "subject: A subject must not have the placeholder {reason} (string_value)",
        "text: A text must have {link} (string_value)",
        "html: Unknown field (extra)",
    ];
    assert_eq!(faults(parse_mail_text(kind, body).unwrap_err()), expected);
    assert_eq!(faults(parse_mail_draft(kind, body).unwrap_err()), expected);
    assert_eq!(
        faults(parse_mail_draft(kind, br#"{"text": 7}"#).unwrap_err()),
        ["text: A string is required (string_type)"]
    );
}
