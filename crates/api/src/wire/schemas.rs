//! All schemas of `openapi.json`.

use super::books::{BookedDocument, BookedDocumentList, Sum};
use super::check::{DifferentDocument, DocumentCheck, Listed};
use super::events::{HistoryEvent, Resolved};
use super::field::{Amount, CourseId, EnrolmentId, Named, Reason, Reference, UserId, of};
use super::full::{CanceledInFull, FullEnrolment, FullEnrolmentList, PaidInFull, RefundInFull, TermsInFull};
use super::operators::{
    DeliveryCount, DeliverySummary, NewEvents, ReasonCount, Results, RetriedDeliveries, SearchResult,
};
use super::planned::{Planned, PlannedAddress, PlannedBuyer, PlannedRecipient};
use super::seats::{CourseSeats, WaitingEntry, WaitingList};
use super::typed::{EnrolmentList, ExpiredList};
use super::webhooks::WebhookDocument;
use super::{
    Backlog, Delivered, Delivery, DeliveryList, Detail, Document, DocumentList, Enrolment, Error, Event, EventList,
    Ksef,
};
use super::{
    Health, History, Mail, MailList, MailPreview, ReceiverTest, TestWebhook, VariableFault, Webhook, WebhookData,
};

/// The schemas of all bodies.
#[must_use]
pub fn schemas() -> Vec<Named> {
    let mut schemas =
        vec![of::<EnrolmentId>(), of::<CourseId>(), of::<UserId>(), of::<Amount>(), of::<Reason>(), of::<Reference>()];
    schemas.extend(super::enumerations::schemas());
    schemas.extend(crate::body::schemas());
    schemas.extend([
        of::<Enrolment<'_>>(),
        of::<EnrolmentList<'_>>(),
        of::<ExpiredList<'_>>(),
        of::<CourseSeats>(),
        of::<WaitingEntry<'_>>(),
        of::<WaitingList<'_>>(),
        of::<FullEnrolment>(),
        of::<FullEnrolmentList>(),
        of::<TermsInFull>(),
        of::<PaidInFull>(),
        of::<RefundInFull>(),
        of::<CanceledInFull>(),
        of::<Document<'_>>(),
        of::<DocumentList<'_>>(),
        of::<BookedDocument<'_>>(),
        of::<BookedDocumentList<'_>>(),
        of::<Sum<'_>>(),
        of::<DocumentCheck<'_>>(),
        of::<DifferentDocument<'_>>(),
        of::<Listed<'_>>(),
        of::<Ksef<'_>>(),
        of::<Event<'_>>(),
        of::<EventList<'_>>(),
        of::<History<'_>>(),
        of::<HistoryEvent<'_>>(),
        of::<Resolved<'_>>(),
        of::<Webhook<'_>>(),
        of::<WebhookData<'_>>(),
        of::<WebhookDocument<'_>>(),
        of::<TestWebhook>(),
        of::<ReceiverTest>(),
        of::<Delivery<'_>>(),
        of::<DeliveryList<'_>>(),
        of::<Delivered>(),
        of::<DeliverySummary>(),
        of::<DeliveryCount>(),
        of::<ReasonCount>(),
        of::<NewEvents>(),
        of::<RetriedDeliveries>(),
        of::<Planned<'_>>(),
        of::<PlannedBuyer<'_>>(),
        of::<PlannedRecipient<'_>>(),
        of::<PlannedAddress<'_>>(),
        of::<Results<'_>>(),
        of::<SearchResult<'_>>(),
        of::<Mail<'_>>(),
        of::<MailList<'_>>(),
        of::<MailPreview<'_>>(),
        of::<Health<'_>>(),
        of::<VariableFault>(),
        of::<Backlog>(),
        of::<Error<'_>>(),
        of::<Detail>(),
    ]);
    schemas
}
