"""The life of an enrolment, with a client that is generated from openapi.json:

    openapi-python-client generate --path openapi.json
    pip install ./enrolments-client
    python life.py http://127.0.0.1:3000 TOKEN
"""

import sys
import time
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from enrolments_client import AuthenticatedClient
from enrolments_client.api.enrolments import create_enrolment, extend_hold, get_enrolment, get_seats
from enrolments_client.api.enrolments import leave_waiting_list, list_enrolments, list_waiting, move_enrolment
from enrolments_client.api.enrolments import wait_for_seat
from enrolments_client.api.events import get_history, list_events
from enrolments_client.api.operations import erase_user, list_deliveries
from enrolments_client.api.payments import list_documents, record_payment, record_refund
from enrolments_client.models import Company, CourseRecord, CourseSeats, DeliveryList, DocumentKind, DocumentList
from enrolments_client.models import Enrolment, EnrolmentHistory, EnrolmentList, EnrolmentStatus, ErrorCode, EventList
from enrolments_client.models import EventType, Extension, ForeignCompany, Move, NewEnrolment, NewEnrolmentMetadata
from enrolments_client.models import NewWaitingEntry, Payment, PaymentStatus, PersonAddress, Problem, Recipient
from enrolments_client.models import RecipientRole, Refund, UserRecord, WaitingEntry, WaitingList
from enrolments_client.types import UNSET, Unset

T = TypeVar("T")
USER = "ann"


def expect(kind: type[T], answer: object) -> T:
    """The answer, if it is one of this type. Other answers are problems, or None if unexpected."""
    if not isinstance(answer, kind):
        raise SystemExit(f"expected {kind.__name__}, got {answer}")
    return answer


def new_enrolment(course_id: int) -> NewEnrolment:
    metadata = NewEnrolmentMetadata.from_dict({"campaign": "spring"})
    user = UserRecord(first_name="Ann", last_name="Example", email="ann@example.com", language="pl")
    course = CourseRecord(name=f"Course {course_id}", price="149.00", max_participants=20)
    return NewEnrolment(course_id, USER, user, course, f"order-{course_id}", metadata)


def pages(client: AuthenticatedClient) -> list[Enrolment]:
    """All enrolments of the user, one in each page."""
    found: list[Enrolment] = []
    after: int | str | None | Unset = UNSET
    while after is not None:
        page = expect(EnrolmentList, list_enrolments.sync(client=client, user_id=USER, limit=1, after=after))
        found += page.enrolments
        after = page.next_
    return found


def events(client: AuthenticatedClient, after: int = 0) -> list[EventType]:
    """The events of all enrolments. A platform stores `next_` and continues there."""
    found: list[EventType] = []
    more = True
    while more:
        page = expect(EventList, list_events.sync(client=client, after=after, limit=2))
        found += [event.type_ for event in page.events]
        after, more = page.next_, page.more
    return found


def main(base_url: str, token: str) -> None:
    client = AuthenticatedClient(base_url, token)

    first = expect(Enrolment, create_enrolment.sync(client=client, body=new_enrolment(1), idempotency_key="order-1"))
    again = expect(Enrolment, create_enrolment.sync(client=client, body=new_enrolment(1), idempotency_key="order-1"))
    assert first == again and first.status == EnrolmentStatus.ACTIVE
    others = [create_enrolment.sync(client=client, body=new_enrolment(course_id)) for course_id in (2, 3)]
    second, third = (expect(Enrolment, other) for other in others)
    assert get_enrolment.sync(first.id, client=client) == first
    assert [enrolment.course_id for enrolment in pages(client)] == [1, 2, 3]
    ordered = expect(EnrolmentList, list_enrolments.sync(client=client, reference="order-1"))
    assert ordered.enrolments == [first]

    invalid = expect(Problem, create_enrolment.sync(client=client, body=new_enrolment(-1)))
    assert invalid.error == ErrorCode.VALIDATION_ERROR
    assert invalid.details and invalid.details[0].loc == ["course_id"]
    unknown = expect(Problem, get_enrolment.sync(2147483647, client=client))
    assert unknown.error == ErrorCode.NOT_FOUND
    taken = create_enrolment.sync_detailed(client=client, body=new_enrolment(1))
    assert taken.status_code == 409 and expect(Problem, taken.parsed).error == ErrorCode.CONFLICT

    acme = Company("Acme sp. z o.o.", "525-244-57-67", "Prosta 1", "00-001", "Warszawa")
    payment = Payment(first.id, amount="99.00", buyer=acme)
    paid = expect(Enrolment, record_payment.sync(client=client, body=payment, idempotency_key="payment-1"))
    assert paid.payment_status == PaymentStatus.PAID
    beispiel = ForeignCompany("Beispiel GmbH", "Hauptstr. 1", "Berlin", "DE", tax_no="DE123456789", reverse_charge=True)
    expect(Enrolment, record_payment.sync(client=client, body=Payment(second.id, buyer=beispiel, tax="np")))
    school = Recipient("School", "Szkolna 1", "Warszawa", RecipientRole.RECIPIENT)
    address = PersonAddress("Prosta 1", "Warszawa", recipient=school)
    expect(Enrolment, record_payment.sync(client=client, body=Payment(third.id, buyer=address)))
    # The invoice may follow a little later. A company's gets its link when it has its KSeF number.
    deadline = time.monotonic() + 30
    while not (documents := expect(DocumentList, list_documents.sync(first.id, client=client)).documents):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert (documents[0].kind, documents[0].gross) == (DocumentKind.INVOICE, "99.00")
    deliveries = expect(DeliveryList, list_deliveries.sync(client=client, enrolment_id=first.id)).deliveries
    assert "invoice" in [delivery.kind for delivery in deliveries]

    refund = Refund(first.id, reason="too few participants")
    refunded = expect(Enrolment, record_refund.sync(client=client, body=refund))
    assert refunded.status == EnrolmentStatus.CANCELED
    history = expect(EnrolmentHistory, get_history.sync(first.id, client=client)).events
    happened = {EventType.ENROLMENT_CREATED, EventType.ENROLMENT_PAID, EventType.ENROLMENT_REFUNDED}
    assert happened <= {event.type_ for event in history} and happened <= set(events(client))

    # A course with one seat: another user waits, and is offered the seat when the first one is moved.
    small, bob = CourseRecord("Small", "10.00", max_participants=1), UserRecord("Bob", "Example", "bob@example.com")
    seated = expect(Enrolment, create_enrolment.sync(client=client, body=NewEnrolment(4, USER, bob, small)))
    later = Extension(seated.id, datetime.now(timezone.utc) + timedelta(days=1))
    assert expect(Enrolment, extend_hold.sync(client=client, body=later)) == seated
    waits = NewWaitingEntry(4, "bob", bob, small)
    assert expect(WaitingEntry, wait_for_seat.sync(client=client, body=waits)).position == 1
    seats = expect(CourseSeats, get_seats.sync(4, client=client))
    assert (seats.limit, seats.held, seats.free, seats.waiting) == (1, 1, 0, 1)
    assert expect(WaitingList, list_waiting.sync(client=client, course_id=4)).waiting[0].user_id == "bob"
    moved = expect(Enrolment, move_enrolment.sync(client=client, body=Move(seated.id, 5, course=small)))
    assert moved.course_id == 5
    [offered] = expect(EnrolmentList, list_enrolments.sync(client=client, user_id="bob")).enrolments
    assert (offered.course_id, offered.status) == (4, EnrolmentStatus.ACTIVE)
    assert leave_waiting_list.sync_detailed(1, client=client).status_code == 404

    assert erase_user.sync_detailed(USER, client=client).status_code == 204
    assert pages(client) == []
    assert expect(Enrolment, get_enrolment.sync(first.id, client=client)).user_id.startswith("erased-")


main(*sys.argv[1:])
