//! The users service: by default `GET /api/users/id?user_id=`.

use crate::outbound::Reply;
use crate::systems::services::lookup::{NoRecord, Service, check_id, record, unusable};
use api::Field;
use domain::ports::Users;
use domain::{LookUpError, System, Unavailable, User, UserId};

/// The users service.
pub(super) struct UsersService(Service);

impl UsersService {
    /// As the variables `users_*` have it.
    ///
    /// # Errors
    ///
    /// When a variable is missing or unreadable.
    pub(super) fn from_variables() -> Result<Self, Unavailable> {
        use crate::config::table::{USERS_PATH, USERS_TOKEN, USERS_URL};
        let (origin, path, token) = (USERS_URL.read()?, USERS_PATH.read()?, USERS_TOKEN.read()?);
        Ok(Self(Service { system: System::Users, origin, path, token }))
    }
}

impl Users for UsersService {
    async fn user(&self, id: &UserId) -> Result<Option<User>, LookUpError> {
        self.0.look_up(id.as_str(), |reply| read(id, reply)).await
    }
}

fn read(asked: &UserId, reply: &Reply) -> Result<Option<User>, NoRecord> {
    let Some(record) = record(reply)? else { return Ok(None) };
    let id = record.get("id");
    check_id(if id.is_given() { id } else { record.get("_id") }, asked.as_str())?;
    match record.get("is_active") {
        Field::Missing | Field::Flag(true) => {}
        Field::Flag(false) => return Ok(None),
        _ => return Err(unusable("is_active is neither true nor false")),
    }
    // A part of the address that cannot be used is left out.
    match api::read_user(&record) {
        (Some(user), _) => Ok(Some(user)),
        (None, faults) => Err(unusable(faults.into_iter().next().map(|(_, fault)| fault.cause).unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::services::lookup::tests::reply;
    use domain::model::language::Language;
    use proptest::prelude::*;

    fn user(body: &str) -> Result<Option<User>, NoRecord> {
        read(&UserId::new("u").unwrap(), &reply(200, body))
    }

    #[test]
    fn a_user_as_the_service_describes_them() {
        let body = r#"{"id":"u","username":"ann","first_name":"Ann","last_name":"Example","email":" ann@example.com ","gender":"other","role":"user","is_active":true}"#;
        let found = user(body).unwrap().unwrap();
        assert_eq!((found.first_name.as_str(), found.last_name.as_str()), ("Ann", "Example"));
        assert_eq!(found.email, "ann@example.com");
        assert_eq!(user(&body.replace("true", "false")), Ok(None));
    }

    #[test]
    fn a_language_without_mails_counts_as_none() {
        for (json, language) in [
            (r#""pl""#, Some(Language::Polish)),
            (r#""en-GB""#, Some(Language::English)),
            (r#""de""#, None),
            ("7", None),
            ("null", None),
        ] {
            let body = format!(r#"{{"first_name":"A","last_name":"B","email":"a@b","language":{json}}}"#);
            assert_eq!(user(&body).unwrap().unwrap().language, language, "{json}");
        }
    }

    #[test]
    fn a_part_of_the_address_that_cannot_be_used_is_left_out() {
        let body = r#"{"first_name":"A","last_name":"B","email":"a@b","street":" Prosta 1 ","post_code":7,"city":["a"],"country":"Poland"}"#;
        let address = user(body).unwrap().unwrap().address;
        assert_eq!((address.street.as_deref(), address.post_code, address.city), (Some("Prosta 1"), None, None));
        assert_eq!(address.country, None);
    }

    #[test]
    fn another_user_is_not_believed() {
        let named = |ids: &str| user(&format!(r#"{{{ids}"first_name":"A","last_name":"B","email":"a@b"}}"#));
        for ids in ["", r#""id":"u","#, r#""_id":"u","#, r#""id":null,"_id":"u","#, r#""id":"u","_id":5,"#] {
            assert!(named(ids).unwrap().is_some(), "{ids}");
        }
        for ids in [r#""id":"U","#, r#""id":5,"#, r#""_id":"v","#, r#""id":"v","_id":"u","#, r#""_id":{"$oid":"u"},"#] {
            assert_eq!(named(ids), Err(unusable("id is another")), "{ids}");
        }
    }

    #[test]
    fn half_a_user_is_an_answer_that_cannot_be_used() {
        for (body, cause) in [
            ("", "no JSON object"),
            ("null", "no JSON object"),
            (r#"["A","B","a@b",true]"#, "no JSON object"),
            ("<html>", "no JSON object"),
            (r#"{"first_name":"A","last_name":"B","email":"a@b""#, "unreadable JSON"),
            (
                r#"{"first_name":"A","first_name":"A","last_name":"B","email":"a@b"}"#,
                "first_name is given more than once",
            ),
            ("{}", "first_name is missing"),
            (r#"{"first_name":"A","last_name":"B"}"#, "email is missing"),
            (r#"{"first_name":"A","last_name":5,"email":"a@b"}"#, "last_name is not text"),
            (r#"{"first_name":"A","last_name":"B","email":" "}"#, "email is not one plain address"),
            (r#"{"first_name":"A","last_name":"B","email":"a@b,c@d"}"#, "email is not one plain address"),
            (r#"{"first_name":" ","last_name":"","email":"a@b"}"#, "both names are empty"),
            (
                r#"{"first_name":"A","last_name":"B","email":"a@b","is_active":null}"#,
                "is_active is neither true nor false",
            ),
        ] {
            assert_eq!(user(body), Err(unusable(cause)), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(status: u16, body: Vec<u8>) {
            let _ = read(&UserId::new("u").unwrap(), &Reply { status, retry_after: None, body });
        }
    }
}
