//! The form in which a person is kept in a payload.

use crate::User;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

#[derive(Serialize, Deserialize)]
struct Person<'a> {
    first_name: Cow<'a, str>,
    last_name: Cow<'a, str>,
    email: Cow<'a, str>,
}

pub(super) fn serialize<S: Serializer>(user: &User, serializer: S) -> Result<S::Ok, S::Error> {
    let User { first_name, last_name, email } = user;
    Person { first_name: first_name.into(), last_name: last_name.into(), email: email.into() }.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<User, D::Error> {
    let Person { first_name, last_name, email } = Person::deserialize(deserializer)?;
    Ok(User { first_name: first_name.into_owned(), last_name: last_name.into_owned(), email: email.into_owned() })
}
