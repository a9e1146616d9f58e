//! How values are serialized in the payload of a job.

/// A day, as `YYYY-MM-DD`.
pub(crate) mod day {
    use chrono::NaiveDate;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(day: &NaiveDate, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveDate, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A person: names, e-mail address and language. Release 0.1.0 wrote no language, and does not read
/// it.
pub(crate) mod person {
    use crate::User;
    use crate::model::language::Language;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::borrow::Cow;

    #[derive(Serialize, Deserialize)]
    struct Person<'a> {
        first_name: Cow<'a, str>,
        last_name: Cow<'a, str>,
        email: Cow<'a, str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Cow<'a, str>>,
    }

    pub(crate) fn serialize<S: Serializer>(user: &User, to: S) -> Result<S::Ok, S::Error> {
        let User { first_name, last_name, email, language } = user;
        let language = language.map(|language| language.code().into());
        Person { first_name: first_name.into(), last_name: last_name.into(), email: email.into(), language }
            .serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<User, D::Error> {
        let Person { first_name, last_name, email, language } = Person::deserialize(from)?;
        Ok(User {
            first_name: first_name.into_owned(),
            last_name: last_name.into_owned(),
            email: email.into_owned(),
            language: language.and_then(|code| Language::parse(&code)),
        })
    }
}

/// The id of a user, not checked.
pub(crate) mod user_id {
    use crate::UserId;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(id: &UserId, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(id.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<UserId, D::Error> {
        String::deserialize(from).map(UserId::stored)
    }
}

/// The id of a course, as a number.
pub(crate) mod course_id {
    use crate::CourseId;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(id: &CourseId, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(id.get())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<CourseId, D::Error> {
        CourseId::new(i64::deserialize(from)?).ok_or_else(|| de::Error::custom("not a course id"))
    }
}
