//! The courses service: `GET /api/course/{id}`.

use crate::lookup::{look_up, record};
use crate::outbound::Reply;
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::ports::Courses;
use domain::{Course, CourseId, Money, System, Unavailable};
use serde::Deserialize;

/// The courses service at its configured origin.
pub struct CoursesService {
    origin: String,
}

impl CoursesService {
    /// As the variable `courses_url` has it.
    ///
    /// # Errors
    ///
    /// When the variable is missing or unreadable.
    pub fn from_variables() -> Result<Self, Unavailable> {
        Ok(Self { origin: crate::config::origin("courses_url")? })
    }
}

impl Courses for CoursesService {
    async fn course(&self, id: CourseId) -> Result<Option<Course>, Unavailable> {
        look_up(System::Courses, &self.origin, &format!("/api/course/{id}"), read).await
    }
}

fn read(reply: &Reply) -> Result<Option<Course>, &'static str> {
    #[derive(Deserialize)]
    struct Wire {
        name: String,
        price: Price,
        #[serde(deserialize_with = "Option::deserialize")] // may be null, not missing
        end_date: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Price {
        Number(f64),
        Text(String),
    }
    let Some(course) = record::<Wire>(reply)? else { return Ok(None) };
    let price = match course.price {
        Price::Number(number) => Some(number),
        Price::Text(text) => text.parse().ok(),
    };
    let price = price.and_then(Money::from_float).ok_or("absurd price")?;
    let ends_at = course.end_date.map(|text| parse_time(&text).ok_or("unreadable date")).transpose()?;
    Ok(Some(Course { name: course.name, price, ends_at }))
}

/// A time with an offset is converted; one without is UTC.
fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::tests::reply;
    use proptest::prelude::*;

    fn course(price: &str, end_date: &str) -> Result<Option<Course>, &'static str> {
        let body = format!(
            r#"{{"id":1,"name":"Rust","description":"","price":{price},"max_participants":null,"start_date":"2026-01-01T00:00:00","end_date":{end_date}}}"#
        );
        read(&reply(200, &body))
    }

    #[test]
    fn a_course_as_the_service_describes_it() {
        let course = course("199.99", "\"2026-05-01T10:00:00\"").unwrap().unwrap();
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
            assert_eq!(course(price, "null").unwrap().unwrap().price.to_string(), shown, "{price}");
        }
        for price in ["-1", "-0.01", "1e12", "1.999", "\"\"", "\"NaN\"", "\"inf\""] {
            assert_eq!(course(price, "null"), Err("absurd price"), "{price}");
        }
        for price in ["null", "[]", "true", "1e999"] {
            assert_eq!(course(price, "null"), Err("unreadable reply"), "{price}");
        }
    }

    #[test]
    fn ends_are_utc() {
        for (text, utc) in [
            ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00Z"),
            ("2026-05-01T10:00:00+02:00", "2026-05-01T08:00:00Z"),
            ("2026-05-01T10:00:00.250000", "2026-05-01T10:00:00.25Z"),
            ("2026-05-01 10:00:00", "2026-05-01T10:00:00Z"),
        ] {
            assert_eq!(course("1", &format!("\"{text}\"")).unwrap().unwrap().ends_at, utc.parse().ok(), "{text}");
        }
        assert_eq!(course("1", "null").unwrap().unwrap().ends_at, None);
        for text in ["", "soon", "2026-13-01T00:00:00", "2026-05-01"] {
            assert_eq!(course("1", &format!("\"{text}\"")), Err("unreadable date"), "{text}");
        }
    }

    #[test]
    fn half_a_course_is_an_error_of_the_service() {
        for body in [
            r#"{"name":"Rust","price":1}"#,
            r#"{"name":"Rust","end_date":null}"#,
            r#"{"price":1,"end_date":null}"#,
            "{\"name\":",
        ] {
            assert_eq!(read(&reply(200, body)), Err("unreadable reply"), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(status: u16, body: Vec<u8>, date: String) {
            let _ = read(&Reply { status, retry_after: None, body });
            parse_time(&date);
        }
    }
}
