//! Mails about a seat. A notice is created without its recipient, in bulk: its delivery looks them up and
//! creates the mail.

use super::{JobKind, Target, version_for};
use crate::model::mail::{MailKind, Message};
use crate::model::note::{Addressee, Reason};
use crate::model::stored::time;
use crate::{Enrolment, EnrolmentId, Kept, PaymentStatus, Status};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The user who waited has a seat in a free course.
    Enrolment,
    /// The user who waited has a seat, and has to pay for it.
    Offer,
    /// The seat has to be paid soon.
    Reminder,
    /// The enrolment was not paid in time and is canceled.
    Lapse,
    /// The enrolment is moved to another course.
    Move,
}

impl Topic {
    fn mail(self) -> MailKind {
        match self {
            Self::Enrolment => MailKind::Enrolment,
            Self::Offer => MailKind::Offer,
            Self::Reminder => MailKind::Reminder,
            Self::Lapse => MailKind::Lapse,
            Self::Move => MailKind::Move,
        }
    }
}

/// The payload of a notice. It has no user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub topic: Topic,
    /// Until when the seat is held without a payment. There is one notice of a topic for each such time.
    #[serde(default, with = "time", skip_serializing_if = "Option::is_none")]
    pub pay_until: Option<DateTime<Utc>>,
    /// When the enrolment was moved. There is one notice for each such time.
    #[serde(default, with = "time", skip_serializing_if = "Option::is_none")]
    pub moved_at: Option<DateTime<Utc>>,
    /// Why, if a reason was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

impl Notice {
    /// A notice without a reason.
    #[must_use]
    pub fn new(topic: Topic, pay_until: Option<DateTime<Utc>>) -> Self {
        Self { topic, pay_until, moved_at: None, reason: None }
    }

    /// The end of the key of its job, unique among the notices of an enrolment: at most 30 characters.
    #[must_use]
    pub fn suffix(&self) -> String {
        let time = self.moved_at.or(self.pay_until.filter(|_| self.topic == Topic::Reminder));
        let word = self.topic.mail().word();
        time.map_or_else(|| word.to_owned(), |time| format!("{word}-{}", time.timestamp_millis()))
    }

    /// Whether it still says the truth about its enrolment. If not, no mail is sent.
    #[must_use]
    pub fn is_true(&self, enrolment: &Enrolment, kept: &Kept) -> bool {
        let active = enrolment.status == Status::Active;
        match self.topic {
            Topic::Enrolment | Topic::Move => active,
            Topic::Offer | Topic::Reminder => {
                active && enrolment.payment_status != PaymentStatus::Paid && kept.pay_until == self.pay_until
            }
            Topic::Lapse => kept.lapsed,
        }
    }
}

impl JobKind for Notice {
    const WORD: &'static str = "notice";
    const TARGET: Target = Target::Records;
    const WITHDRAWN: bool = true;

    fn subject(&self, enrolment_id: EnrolmentId) -> String {
        format!("{enrolment_id}:{}", self.suffix())
    }
}

/// The payload of the email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeEmail {
    /// The recipient, and the name of the course.
    #[serde(flatten)]
    pub to: Addressee,
    /// The notice.
    #[serde(flatten)]
    pub notice: Notice,
}

impl JobKind for NoticeEmail {
    const WORD: &'static str = "notice_email";
    const TARGET: Target = Target::Mail;

    fn version(&self) -> i64 {
        version_for(&self.to.recipient)
    }

    fn subject(&self, enrolment_id: EnrolmentId) -> String {
        self.notice.subject(enrolment_id)
    }
}

impl NoticeEmail {
    /// What the email says.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        let Self { to: Addressee { recipient, course_name }, notice } = self;
        let (reason, pay_until) = (notice.reason.as_ref().map(Reason::as_str), notice.pay_until);
        Message { reason, pay_until, ..Message::new(notice.topic.mail(), recipient, course_name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{FakeStore, reason, start};
    use chrono::TimeDelta;

    #[test]
    fn it_has_the_form_of_its_version_and_a_key_of_its_own() {
        let until = Some(start());
        let moved = Notice { moved_at: until, reason: reason("ill"), ..Notice::new(Topic::Move, None) };
        for (notice, form, suffix) in [
            (Notice::new(Topic::Enrolment, None), r#"{"topic":"enrolment"}"#, "enrolment"),
            (Notice::new(Topic::Offer, until), r#"{"topic":"offer","pay_until":1780315200000}"#, "offer"),
            (
                Notice::new(Topic::Reminder, until),
                r#"{"topic":"reminder","pay_until":1780315200000}"#,
                "reminder-1780315200000",
            ),
            (Notice::new(Topic::Lapse, None), r#"{"topic":"lapse"}"#, "lapse"),
            (moved, r#"{"topic":"move","moved_at":1780315200000,"reason":"ill"}"#, "move-1780315200000"),
        ] {
            assert_eq!((serde_json::to_string(&notice).unwrap().as_str(), notice.suffix().as_str()), (form, suffix));
            assert_eq!(serde_json::from_str::<Notice>(form).unwrap(), notice);
        }
    }

    #[test]
    fn a_notice_is_true_as_long_as_its_enrolment_is_so() {
        let store = FakeStore::default();
        let id = store.add(Status::Active, PaymentStatus::Failed);
        store.edit(0, |record| record.pay_until = Some(start()));
        let truths = || {
            let (enrolment, kept) = (store.record(0).enrolment, store.kept_of(id).unwrap());
            let until = Some(start());
            [
                Notice::new(Topic::Enrolment, None),
                Notice::new(Topic::Offer, until),
                Notice::new(Topic::Reminder, until),
                Notice::new(Topic::Lapse, None),
                Notice::new(Topic::Move, None),
            ]
            .map(|notice| notice.is_true(&enrolment, &kept))
        };
        assert_eq!(truths(), [true, true, true, false, true]);
        store.edit(0, |record| record.pay_until = Some(start() + TimeDelta::hours(1)));
        assert_eq!(truths(), [true, false, false, false, true], "extended");
        store.edit(0, |record| {
            (record.pay_until, record.enrolment.payment_status) = (Some(start()), PaymentStatus::Paid)
        });
        assert_eq!(truths(), [true, false, false, false, true], "paid");
        store.edit(0, |record| (record.enrolment.status, record.lapsed) = (Status::Canceled, true));
        assert_eq!(truths(), [false, false, false, true, false], "lapsed");
    }
}
