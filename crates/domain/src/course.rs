//! What is needed to know of a course.

use crate::Money;
use chrono::{DateTime, Utc};

/// A course that can be enrolled in, as the courses service describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// What it is called, on the invoice too.
    pub name: String,
    /// What it costs, tax included.
    pub price: Money,
    /// When it ends; one without an end never completes an enrolment.
    pub ends_at: Option<DateTime<Utc>>,
}
