//! `POST /`, `GET /`, `GET /active`, `GET /events`, `PATCH /canceled`, `PATCH /extended`, `PATCH /moved`,
//! `GET /courses/{course_id}/seats`, `POST /waiting`, `GET /waiting`, `DELETE /waiting/{id}`, `GET /{id}`,
//! `GET /{id}/details`, `GET /{id}/documents`, `GET /{id}/history`, `DELETE /{id}`, and
//! 404 for every other path below `/api/enrolment`.

mod active;
mod cancel;
mod create;
mod events;
mod extend;
mod list;
mod moving;
mod one;
mod seats;

use api::{Methods, Needs};
use domain::{CourseId, EnrolmentId};
use spin_adapters::server::{Call, Endpoint, by_token, serve};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

/// The target of a path.
enum Target {
    All,
    Active,
    Canceled,
    Events,
    Extended,
    Moved,
    Waiting,
    Entry(i64),
    Seats(CourseId),
    One(EnrolmentId),
    Details(EnrolmentId),
    Documents(EnrolmentId),
    History(EnrolmentId),
}

const READ: &[(&str, Needs)] = &[("GET", Needs::Readers)];
const CHANGE: &[(&str, Needs)] = &[("PATCH", Needs::Callers)];

fn route(segments: &[&str]) -> Option<Endpoint<Target>> {
    let (target, pattern, methods) = match segments {
        [] => (Target::All, "/", &[("POST", Needs::Callers), ("GET", Needs::Readers)][..]),
        ["active"] => (Target::Active, "/active", READ),
        ["events"] => (Target::Events, "/events", READ),
        ["canceled"] => (Target::Canceled, "/canceled", CHANGE),
        ["extended"] => (Target::Extended, "/extended", CHANGE),
        ["moved"] => (Target::Moved, "/moved", CHANGE),
        ["waiting"] => (Target::Waiting, "/waiting", &[("POST", Needs::Callers), ("GET", Needs::Readers)][..]),
        ["waiting", id] => (Target::Entry(api::waiting_id(id)?), "/waiting/{id}", &[("DELETE", Needs::Callers)][..]),
        ["courses", id, "seats"] => (Target::Seats(api::course_id(id)?), "/courses/{course_id}/seats", READ),
        [id] => {
            (Target::One(api::enrolment_id(id)?), "/{id}", &[("GET", Needs::Readers), ("DELETE", Needs::Callers)][..])
        }
        [id, "details"] => (Target::Details(api::enrolment_id(id)?), "/{id}/details", READ),
        [id, "documents"] => (Target::Documents(api::enrolment_id(id)?), "/{id}/documents", READ),
        [id, "history"] => (Target::History(api::enrolment_id(id)?), "/{id}/history", READ),
        _ => return None,
    };
    Some(Endpoint { target, pattern, methods: Methods(methods) })
}

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    serve(request, out, by_token, route, async |call: Call<Target>| match (&call.target, call.method) {
        (Target::All, "POST") => create::create(call).await,
        (Target::All, _) => list::list(call).await,
        (Target::Events, _) => events::events(call).await,
        (Target::Canceled, _) => cancel::canceled(call).await,
        (Target::Extended, _) => extend::extended(call).await,
        (Target::Moved, _) => moving::moved(call).await,
        (Target::Waiting, "POST") => seats::wait(call).await,
        (Target::Waiting, _) => seats::waiting(&call.query, call.responder).await,
        (Target::Entry(id), _) => seats::leave(*id, &call.query, call.responder).await,
        (Target::Seats(course), _) => seats::seats(*course, &call.query, call.responder).await,
        (Target::Active, _) => active::active(call).await,
        (Target::One(id), "DELETE") => one::delete(*id, &call.query, call.responder).await,
        (Target::One(id), _) => one::get(*id, &call.query, call.responder).await,
        (Target::Details(id), _) => one::details(*id, &call.query, call.responder).await,
        (Target::Documents(id), _) => one::documents(*id, &call.query, call.responder).await,
        (Target::History(id), _) => one::history(*id, &call.query, call.responder).await,
    })
    .await;
}
