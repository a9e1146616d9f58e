//! The users service: `GET /api/users/id?user_id=`.

use crate::lookup::{look_up, record};
use crate::outbound::Reply;
use domain::ports::Users;
use domain::{System, Unavailable, User, UserId};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// The users service at its configured origin.
pub struct UsersService {
    origin: String,
}

impl UsersService {
    /// As the variable `users_url` has it.
    ///
    /// # Errors
    ///
    /// When the variable is missing or unreadable.
    pub fn from_variables() -> Result<Self, Unavailable> {
        Ok(Self { origin: crate::config::origin("users_url")? })
    }
}

impl Users for UsersService {
    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        let path = format!("/api/users/id?user_id={}", utf8_percent_encode(id.as_str(), NON_ALPHANUMERIC));
        look_up(System::Users, &self.origin, &path, read).await
    }
}

fn read(reply: &Reply) -> Result<Option<User>, &'static str> {
    #[derive(Deserialize)]
    struct Wire {
        first_name: String,
        last_name: String,
        email: String,
        #[serde(default = "active")]
        is_active: bool,
    }
    fn active() -> bool {
        true
    }
    let Some(user) = record::<Wire>(reply)?.filter(|user| user.is_active) else { return Ok(None) };
    if user.email.trim().is_empty() {
        return Err("unreadable reply");
    }
    Ok(Some(User { first_name: user.first_name, last_name: user.last_name, email: user.email }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::tests::reply;
    use proptest::prelude::*;

    #[test]
    fn a_user_as_the_service_describes_them() {
        let body = r#"{"id":"u","username":"ann","first_name":"Ann","last_name":"Example","email":"ann@example.com","gender":"other","role":"user","is_active":true}"#;
        let user = read(&reply(200, body)).unwrap().unwrap();
        assert_eq!((user.first_name.as_str(), user.last_name.as_str()), ("Ann", "Example"));
        assert_eq!(user.email, "ann@example.com");
        assert_eq!(read(&reply(200, &body.replace("true", "false"))), Ok(None));
    }

    #[test]
    fn half_a_user_is_an_error_of_the_service() {
        for body in [
            "",
            "null",
            "[]",
            "<html>",
            "{}",
            r#"{"first_name":"A","last_name":"B"}"#,
            r#"{"first_name":"A","last_name":"B","email":null}"#,
            r#"{"first_name":"A","last_name":"B","email":" "}"#,
            r#"{"first_name":"A","last_name":"B","email":"a@b""#,
        ] {
            assert_eq!(read(&reply(200, body)), Err("unreadable reply"), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(status: u16, body: Vec<u8>) {
            let _ = read(&Reply { status, retry_after: None, body });
        }
    }
}
