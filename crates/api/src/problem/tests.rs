use super::*;
use domain::model::window::Closed;
use domain::{CourseId, Error, System, Unavailable, Unusable};

#[test]
fn every_error_has_a_response() {
    let time = "2026-06-01T12:00:00.001+02:00".parse().unwrap();
    for (error, status, code, message) in [
        (Error::NotFound, 404, "not_found", "Enrolment not found"),
        (Error::UserNotFound, 400, "validation_error", "User not found or inactive"),
        (Error::CourseNotFound(CourseId::new(7).unwrap()), 400, "validation_error", "Course 7 not found"),
        (Error::UserIdNotStorable, 400, "validation_error", "Validation failed"),
        (Error::AlreadyEnrolled, 409, "conflict", "User is already enrolled in this course"),
        (Error::UserGone, 409, "conflict", "The user of the enrolment is erased, not found or inactive"),
        (Error::AlreadyPaid, 409, "conflict", "Enrolment already paid"),
        (
            Error::CourseClosed(Closed::NotYet(time)),
            409,
            "course_closed",
            "Enrolling in the course begins at 2026-06-01T10:00:00.001Z",
        ),
        (
            Error::CourseClosed(Closed::Since(time)),
            409,
            "course_closed",
            "Enrolling in the course ended at 2026-06-01T10:00:00.001Z",
        ),
        (Error::CourseClosed(Closed::Over(time)), 409, "course_closed", "The course ended at 2026-06-01T10:00:00.001Z"),
        (Error::CourseFull, 409, "course_full", "Course is full"),
        (Error::Canceled, 409, "conflict", "Enrolment is canceled"),
        (Error::Completed, 409, "conflict", "Enrolment is completed"),
        (Error::NotPaid, 409, "conflict", "Enrolment is not paid"),
        (Error::AlreadyRefunded, 409, "conflict", "Enrolment already refunded"),
        (Error::InProgress, 409, "conflict", "The same request is in progress; try again"),
        (Error::KeyReused, 422, "idempotency_key_reused", "The Idempotency-Key belongs to another request"),
        (Error::DeletedSince, 410, "gone", "The enrolment of this Idempotency-Key was deleted"),
        (
            Error::EventsGone { oldest: 7 },
            410,
            "gone",
            "Some events after this id are gone; start again from the oldest event",
        ),
    ] {
        let problem = Problem::from(error);
        assert_eq!((problem.status.as_u16(), problem.error, problem.message.as_str()), (status, code, message));
        assert_eq!(problem.cause, None);
    }
}

#[test]
fn only_the_feed_of_events_names_the_oldest() {
    let json = |error: Error| serde_json::from_slice::<serde_json::Value>(&Problem::from(error).to_json()).unwrap();
    assert_eq!(json(Error::EventsGone { oldest: 7 })["oldest"], 7);
    assert!(json(Error::DeletedSince).get("oldest").is_none());
}

#[test]
fn errors_of_a_resolution_have_codes() {
    use domain::ports::ResolveError;
    for (error, status, code, retry) in [
        (ResolveError::NotFound, 404, "not_found", false),
        (ResolveError::AlreadyResolved, 409, "already_settled", false),
        (ResolveError::BeingDelivered, 409, "being_delivered", true),
        (ResolveError::OfLaterRelease, 409, "conflict", false),
        (ResolveError::NoDocument(vec!["number", "url"]), 400, "validation_error", false),
        (ResolveError::Unavailable(Unavailable::new(System::Database, "down")), 503, "service_unavailable", true),
    ] {
        let problem = Problem::from(error);
        assert_eq!((problem.status.as_u16(), problem.error, problem.retry), (status, code, retry));
    }
    let problem = Problem::from(ResolveError::NoDocument(vec!["number", "url"]));
    assert_eq!((problem.details[0].loc[0].as_ref(), problem.details[1].loc[0].as_ref()), ("number", "url"));
}

#[test]
fn callers_do_not_see_the_cause_of_unavailability() {
    for system in [System::Users, System::Courses, System::Database] {
        let problem = Problem::from(Error::Unavailable(Unavailable::new(system, "secret cause")));
        assert_eq!((problem.status.as_u16(), problem.error), (503, "service_unavailable"));
        assert!(problem.message.contains(&system.to_string()), "{}", problem.message);
        assert!(!problem.message.contains("secret"));
        assert_eq!(problem.cause, Some(format!("{system}: secret cause")));
    }
    let problem = Problem::from(Unavailable::new(System::Configuration, "variable mysql_tls is unreadable"));
    assert_eq!(problem.message, "The service is not configured: variable mysql_tls is unreadable");
}

#[test]
fn an_invalid_response_of_another_service_is_not_retried() {
    let unusable = Unusable { system: System::Courses, cause: "price is out of range".to_owned() };
    let problem = Problem::from(Error::Unusable(unusable));
    assert_eq!((problem.status.as_u16(), problem.error, problem.retry), (502, "bad_gateway", false));
    assert_eq!(problem.message, "The courses service sent an invalid response");
    assert_eq!(problem.cause.as_deref(), Some("courses: price is out of range"));
}

#[test]
fn decimals_that_a_currency_lacks_are_a_fault_of_the_amount() {
    let problem = Problem::from(Error::Decimals(domain::model::terms::Currency::parse("JPY").unwrap()));
    assert_eq!((problem.status.as_u16(), problem.error, problem.cause), (400, "validation_error", None));
    let detail = &problem.details[0];
    assert_eq!(
        (detail.loc[0].as_ref(), detail.msg.as_str(), detail.kind),
        ("amount", "JPY has no decimals", "decimal_range")
    );
}

#[test]
fn a_long_name_is_truncated() {
    assert_eq!(Detail::duplicate("limit").loc, ["limit"]);
    assert_eq!(Detail::duplicate(&"ż".repeat(65)).loc, ["ż".repeat(64)]);
}

#[test]
fn a_response_has_details_only_if_there_are_some() {
    assert_eq!(
        String::from_utf8(Problem::from(Error::NotFound).to_json()).unwrap(),
        r#"{"message":"Enrolment not found","error":"not_found"}"#
    );
    let detail = Detail::of("course_id", "Field required", fault::MISSING);
    assert_eq!(
        String::from_utf8(Problem::invalid(vec![detail]).to_json()).unwrap(),
        r#"{"message":"Validation failed","error":"validation_error","details":[{"loc":["course_id"],"msg":"Field required","type":"missing"}]}"#
    );
}
