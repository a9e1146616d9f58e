//! The filter of a list of enrolments, and a page of the list.

use crate::model::reference::PlatformReference;
use crate::{CourseId, Enrolment, PaymentStatus, Status, UserId};
use chrono::{DateTime, Utc};

/// Which enrolments to list: those that match all given fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The user's id, compared byte for byte.
    pub user_id: Option<UserId>,
    /// The course.
    pub course_id: Option<CourseId>,
    /// The state.
    pub status: Option<Status>,
    /// The state of the payment.
    pub payment_status: Option<PaymentStatus>,
    /// The platform's reference.
    pub reference: Option<PlatformReference>,
    /// Created at this time or later.
    pub created_from: Option<DateTime<Utc>>,
    /// Created before this time.
    pub created_to: Option<DateTime<Utc>>,
    /// Changed for the last time at this time or later.
    pub updated_from: Option<DateTime<Utc>>,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By id.
    Id,
    /// By the time of creation, then by id.
    Created,
    /// By the time of the last change, then by id.
    Updated,
}

impl Filter {
    /// The order of the list: by the time that is asked for.
    #[must_use]
    pub fn order(&self) -> Order {
        match self {
            Self { created_from: None, created_to: None, updated_from: None, .. } => Order::Id,
            Self { created_from: None, created_to: None, .. } => Order::Updated,
            _ => Order::Created,
        }
    }

    /// Whether an enrolment matches all but the reference and the times.
    #[must_use]
    pub fn matches(&self, enrolment: &Enrolment) -> bool {
        self.user_id.as_ref().is_none_or(|wanted| *wanted == enrolment.user_id)
            && self.course_id.is_none_or(|wanted| wanted == enrolment.course_id)
            && self.status.is_none_or(|wanted| wanted == enrolment.status)
            && self.payment_status.is_none_or(|wanted| wanted == enrolment.payment_status)
    }
}

/// The last enrolment of a page: the next page continues after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Its time, to the second, in a list by a time.
    pub at: Option<DateTime<Utc>>,
    /// Its id; 0 is before the first.
    pub id: i64,
}

/// A page of enrolments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<E = Enrolment> {
    /// In the order of the list. There can be fewer than requested, even none, before the last page.
    pub enrolments: Vec<E>,
    /// Where the next page begins; `None` if there are no more.
    pub next: Option<Position>,
}
