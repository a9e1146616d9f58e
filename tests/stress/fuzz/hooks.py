"""Leads most valid requests to what exists, and gives them the values that no schema describes.

The service starts with enrolments 1 to ENROLMENTS of OWNER, in all states, and about twice as
many deliveries and events (fuzz.rs).
"""

import datetime
import itertools
import re

import schemathesis

ENROLMENTS = 240
OWNER = "63a1f1234abc5678def12345"
TAX_NO = "PL 525-244-57-67"

numbers = itertools.count(1)
parts = itertools.count(1)


def numbered(party):
    """A buyer or a recipient with a tax number of its country: in Poland the last digit is a check digit."""
    poland = party.get("country", "PL").strip() == "PL"
    number = {"tax_no": TAX_NO if poland else "DE 123456789"}
    return {**party, **(number if "tax_no" in party else {})}


def good(body, path, mail):
    """The body with values that a schema cannot describe."""
    if "buyer" in body:
        buyer = numbered(body["buyer"])
        if "recipient" in buyer:
            buyer["recipient"] = numbered(buyer["recipient"])
        # A reverse charge goes with one tax only.
        buyer.pop("reverse_charge", None)
        body = {**body, "buyer": buyer}
    if path.endswith("/refunded") and "amount" in body:
        # A part is at most what is left, and has a number.
        body = {**body, "amount": "0.01", "reference": f"re_{next(parts)}"}
    if "pay_until" in body:
        tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        body = {**body, "pay_until": tomorrow.isoformat()}
    if path.endswith("/resolution"):
        # Only the delivery of a document takes a number and a page.
        body = {name: value for name, value in body.items() if name not in ("number", "url")}
    if mail:
        # A text has the placeholders of its kind.
        body = {name: re.sub("[{}]", "-", text) for name, text in body.items()}
        if "text" in body:
            link = "{link}" if "_with_" in mail or mail == "new_invoice" else ""
            until = "{pay_until}" if mail in ("offer", "reminder") else ""
            body["text"] = f"{body['text'][:7900]} {{course}} {link} {until}"
    return body


def existing(fields, name, number):
    """The fields with the id of an existing enrolment, mostly with its owner."""
    if not fields or name not in fields:
        return fields
    owner = {"user_id": OWNER} if "user_id" in fields and number % 4 else {}
    return {**fields, name: number, **owner}


@schemathesis.hook
def before_call(context, case, kwargs):
    # Negative cases stay as they are.
    if case.meta is None or case.meta.generation.mode.value != "positive":
        return
    number = next(numbers)
    near = 1 + number % ENROLMENTS
    key = (case.headers or {}).get("Idempotency-Key")
    if key:
        # A key that was used belongs to another request.
        mark = key[0] if key[0] == '"' else ""
        case.headers["Idempotency-Key"] = mark + key.strip('"')[:200] + f"-{number}" + mark
    if isinstance(case.body, dict):
        case.body = good(case.body, case.path, (case.path_parameters or {}).get("kind"))
        if "course_id" in case.body and "enrolment_id" not in case.body and number % 4:
            case.body = {**case.body, "user_id": f"{number} {case.body['user_id']}"[:64]}
    if case.query and "issued_from" in case.query:
        # The days belong together.
        case.query = {**case.query, "issued_to": case.query["issued_from"]}
    if case.path.endswith("/waiting") and case.method == "GET" and not {"course_id", "user_id"} & {*(case.query or {})}:
        # One of them is required.
        case.query = {**(case.query or {}), "course_id": near}
    if case.path.endswith("/events") and case.query and "after" in case.query:
        # After an id that was never given, the list is gone.
        case.query = {**case.query, "after": near}
    # Stateful cases have ids from answers.
    if case.meta.phase.name.value == "stateful" or number % 4 == 0:
        return
    if isinstance(case.body, dict):
        case.body = existing(case.body, "enrolment_id", near)
    # Few enrolments are deleted.
    # Schemathesis checks what a hook sets, and takes a percent-encoded text for a longer one.
    if "id" in (case.path_parameters or {}) and (case.method != "DELETE" or near % 8 == 0):
        case.path_parameters = existing(case.path_parameters, "id", near)
    if case.query:
        query = existing(case.query, "course_id", near)
        case.query = {**query, "user_id": OWNER} if "user_id" in query else query
