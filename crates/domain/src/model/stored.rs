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

/// A time, if there is one, in milliseconds since 1970.
pub(crate) mod time {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(time: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
        time.map(|time| time.timestamp_millis()).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        let time = |millis| DateTime::from_timestamp_millis(millis).ok_or_else(|| de::Error::custom("not a time"));
        Option::<i64>::deserialize(from)?.map(time).transpose()
    }
}

/// A language, if there is one, as its code.
pub(crate) mod language {
    use crate::model::language::Language;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::borrow::Cow;

    pub(crate) fn serialize<S: Serializer>(language: &Option<Language>, to: S) -> Result<S::Ok, S::Error> {
        language.map(Language::code).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Language>, D::Error> {
        let code = Option::<Cow<'de, str>>::deserialize(from)?;
        Ok(code.and_then(|code| Language::parse(&code)))
    }
}

/// A person: names, e-mail address and language, without the postal address. Release 0.1.0 wrote no
/// language, and does not read it.
pub(crate) mod person {
    use crate::User;
    use crate::model::address::Address;
    use crate::model::language::Language;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::borrow::Cow;

    #[derive(Serialize, Deserialize)]
    struct Person<'a> {
        first_name: Cow<'a, str>,
        last_name: Cow<'a, str>,
        email: Cow<'a, str>,
        #[serde(default, with = "super::language", skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
    }

    pub(crate) fn serialize<S: Serializer>(user: &User, to: S) -> Result<S::Ok, S::Error> {
        let User { first_name, last_name, email, language, .. } = user;
        let (first_name, last_name, email) = (first_name.into(), last_name.into(), email.into());
        Person { first_name, last_name, email, language: *language }.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<User, D::Error> {
        let Person { first_name, last_name, email, language } = Person::deserialize(from)?;
        let (first_name, last_name, email) = (first_name.into_owned(), last_name.into_owned(), email.into_owned());
        Ok(User { first_name, last_name, email, language, address: Address::default() })
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

/// Whether a field is left out, so that a payload has the form that earlier releases read.
#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
pub(crate) fn is_false(value: &bool) -> bool {
    !value
}
