//! The courses service: by default `GET /api/course/{course_id}`.

use crate::outbound::Reply;
use crate::systems::services::lookup::{NoRecord, Service, check_id, record};
use domain::ports::Courses;
use domain::{Course, CourseId, LookUpError, System, Unavailable};

/// The courses service.
pub(super) struct CoursesService(Service);

impl CoursesService {
    /// As the variables `courses_*` have it.
    ///
    /// # Errors
    ///
    /// When a variable is missing or unreadable.
    pub(super) fn from_variables() -> Result<Self, Unavailable> {
        use crate::config::table::{COURSES_PATH, COURSES_TOKEN, COURSES_URL};
        let (origin, path, token) = (COURSES_URL.read()?, COURSES_PATH.read()?, COURSES_TOKEN.read()?);
        Ok(Self(Service { system: System::Courses, origin, path, token }))
    }
}

impl Courses for CoursesService {
    async fn course(&self, id: CourseId) -> Result<Option<Course>, LookUpError> {
        self.0.look_up(&id.to_string(), |reply| read(id, reply)).await
    }
}

fn read(asked: CourseId, reply: &Reply) -> Result<Option<Course>, NoRecord> {
    let Some(record) = record(reply)? else { return Ok(None) };
    check_id(record.get("id"), &asked.to_string())?;
    Ok(Some(api::read_course(&record).0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::services::lookup::tests::reply;
    use crate::systems::services::lookup::unusable;
    use chrono::{DateTime, Utc};
    use domain::{Money, Unusable};
    use proptest::prelude::*;

    /// A course all of whose fields can be used.
    #[derive(Debug, PartialEq)]
    struct Whole {
        name: String,
        price: Money,
        ends_at: Option<DateTime<Utc>>,
        seats: Option<u32>,
    }

    /// Seventh or the first field that cannot be used.
    fn seventh(body: &str) -> Result<Whole, NoRecord> {
        let Course { name, price, ends_at, seats, .. } = read(CourseId::new(7).unwrap(), &reply(200, body))?.unwrap();
        let whole = || Ok(Whole { name: name?, price: price?, ends_at: ends_at?, seats: seats? });
        whole().map_err(|error: Unusable| unusable(error.cause))
    }

    fn course(price: &str, end_date: &str) -> Result<Whole, NoRecord> {
        seventh(&format!(
            r#"{{"id":7,"name":" Rust ","description":"","price":{price},"max_participants":null,"start_date":"2026-01-01T00:00:00","end_date":{end_date}}}"#
        ))
    }

    #[test]
    fn a_course_as_the_service_describes_it() {
        let course = course("199.99", "\"2026-05-01T10:00:00\"").unwrap();
        assert_eq!((course.name.as_str(), course.price.to_string().as_str()), ("Rust", "199.99"));
        assert_eq!(course.ends_at, "2026-05-01T10:00:00Z".parse().ok());
    }

    #[test]
    fn prices_are_exact() {
        for (price, shown) in [
            ("0", "0.00"),
            ("200", "200.00"),
            ("0.1", "0.10"),
            ("\"199.99\"", "199.99"),
            ("199.98999999999998", "199.99"),
        ] {
            assert_eq!(course(price, "null").unwrap().price.to_string(), shown, "{price}");
        }
        for price in ["-1", "-0.01", "10000000.01", "1e12", "1.999", "\"\"", "\"NaN\"", "\"inf\""] {
            assert_eq!(course(price, "null"), Err(unusable("price is out of range")), "{price}");
        }
        for (price, cause) in [
            ("null", "price is missing"),
            ("[]", "price is no number"),
            ("true", "price is no number"),
            ("1e999", "unreadable JSON"),
        ] {
            assert_eq!(course(price, "null"), Err(unusable(cause)), "{price}");
        }
    }

    #[test]
    fn seats_are_a_whole_number_or_not_limited() {
        let seats = |max_participants: &str| {
            let body = format!(r#"{{"name":"Rust","price":1,"end_date":null,"max_participants":{max_participants}}}"#);
            seventh(&body).map(|course| course.seats)
        };
        for (given, read) in [("null", None), ("0", Some(0)), ("10", Some(10)), ("4294967295", Some(u32::MAX))] {
            assert_eq!(seats(given), Ok(read), "{given}");
        }
        for given in ["-1", "4294967296"] {
            assert_eq!(seats(given), Err(unusable("max_participants is out of range")), "{given}");
        }
        for given in ["\"10\"", "1.5", "true", "[]"] {
            assert_eq!(seats(given), Err(unusable("max_participants is no whole number")), "{given}");
        }
        assert_eq!(seventh(r#"{"name":"Rust","price":1,"end_date":null}"#).unwrap().seats, None);
    }

    #[test]
    fn ends_are_utc() {
        for (text, utc) in [
            ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00Z"),
            ("2026-05-01T10:00:00+02:00", "2026-05-01T08:00:00Z"),
            ("2026-05-01T10:00:00.250000", "2026-05-01T10:00:00.25Z"),
            ("2026-05-01 10:00:00", "2026-05-01T10:00:00Z"),
            ("2026-05-01T23:59:60", "2026-05-02T00:00:00Z"),
            ("2026-05-01T23:59:60Z", "2026-05-02T00:00:00Z"),
        ] {
            assert_eq!(course("1", &format!("\"{text}\"")).unwrap().ends_at, utc.parse().ok(), "{text}");
        }
        assert_eq!(course("1", "null").unwrap().ends_at, None);
        for text in ["\"\"", "\"soon\"", "\"2026-13-01T00:00:00\"", "\"2026-05-01\""] {
            assert_eq!(course("1", text), Err(unusable("end_date is no time")), "{text}");
        }
        assert_eq!(course("1", "1777629600"), Err(unusable("end_date is not text")));
        for text in ["9999-12-31T23:59:59-12:00", "0000-01-01T00:00:00", "-0044-03-15T12:00:00", "12026-01-01 00:00:00"]
        {
            let found = course("1", &format!("\"{text}\""));
            assert!(
                matches!(&found, Err(NoRecord::Unusable(cause)) if cause.starts_with("end_date")),
                "{text} {found:?}"
            );
        }
    }

    #[test]
    fn a_course_can_have_its_own_currency_tax_and_times() {
        let body = r#"{"name":"Rust","price":1,"end_date":null,"currency":"EUR","tax":23,"gtu_code":"GTU_12","opens_at":"2026-01-01T00:00:00Z","closes_at":"late"}"#;
        let course = read(CourseId::new(7).unwrap(), &reply(200, body)).unwrap().unwrap();
        let tax = course.tax.unwrap().unwrap();
        assert_eq!((course.currency.unwrap().unwrap().code(), tax.word()), ("EUR", "23"));
        assert_eq!(course.gtu_code.unwrap().unwrap().as_str(), "GTU_12");
        assert_eq!(course.opens_at, Ok("2026-01-01T00:00:00Z".parse().ok()));
        assert_eq!(course.closes_at.unwrap_err().cause, "closes_at is no time");
    }

    #[test]
    fn a_field_that_cannot_be_used_leaves_the_others() {
        let body = r#"{"name":"Rust","price":33.333,"end_date":"2026-05-01","max_participants":"ten"}"#;
        let course = read(CourseId::new(7).unwrap(), &reply(200, body)).unwrap().unwrap();
        assert_eq!(course.name.as_deref(), Ok("Rust"));
        let causes = [course.price.unwrap_err(), course.ends_at.unwrap_err(), course.seats.unwrap_err()];
        let named = ["price is out of range", "end_date is no time", "max_participants is no whole number"];
        assert_eq!(causes.map(|unusable| unusable.cause), named);
    }

    #[test]
    fn another_course_is_not_believed() {
        for (id, taken) in [("7", true), ("\"7\"", true), ("null", true), ("70", false), ("7.0", false), ("[7]", false)]
        {
            let found = seventh(&format!(r#"{{"id":{id},"name":"Rust","price":1,"end_date":null}}"#));
            assert_eq!(found.is_ok(), taken, "{id}");
            assert!(taken || found == Err(unusable("id is another")), "{id}");
        }
        assert!(seventh(r#"{"name":"Rust","price":1,"end_date":null}"#).is_ok());
    }

    #[test]
    fn half_a_course_is_an_answer_that_cannot_be_used() {
        for (body, cause) in [
            (r#"{"name":"Rust","price":1}"#, "end_date is missing"),
            (r#"{"name":"Rust","end_date":null}"#, "price is missing"),
            (r#"{"price":1,"end_date":null}"#, "name is missing"),
            (r#"{"name":5,"price":1,"end_date":null}"#, "name is not text"),
            (r#"{"name":" ","price":1,"end_date":null}"#, "name is empty"),
            ("{\"name\":", "unreadable JSON"),
            (r#"[7,"Rust",1,null]"#, "no JSON object"),
        ] {
            assert_eq!(seventh(body), Err(unusable(cause)), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(status: u16, body: Vec<u8>, date: String) {
            let _ = read(CourseId::new(7).unwrap(), &Reply { status, retry_after: None, body });
            let _ = course("1", &serde_json::to_string(&date).unwrap());
        }
    }
}
