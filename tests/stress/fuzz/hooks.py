"""Gives most valid requests existing or new ids: generated ids would be neither.

The service starts with enrolments 1 to ENROLMENTS of OWNER, in all states (fuzz.rs).
"""

import itertools

import schemathesis

ENROLMENTS = 240
OWNER = "63a1f1234abc5678def12345"
TAX_NO = "PL 525-244-57-67"

numbers = itertools.count(1)


def good(body, number):
    """The body with values that a schema cannot describe."""
    if "enrolment_id" in body:
        # A schema accepts 1.0 as an integer.
        body = {**body, "enrolment_id": int(body["enrolment_id"])}
    if "buyer" in body:
        # The last digit of a tax number is a check digit.
        body = {**body, "buyer": {**body["buyer"], "tax_no": TAX_NO}}
    if "course_id" in body and number % 4:
        body = {**body, "user_id": f"{number} {body['user_id']}"[:64]}
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
    if key and len(key) < 200 and number % 4:
        case.headers["Idempotency-Key"] = f"{key}-{number}"
    if isinstance(case.body, dict):
        case.body = good(case.body, number)
    # Stateful cases have ids from answers.
    if case.meta.phase.name.value == "stateful":
        return
    if isinstance(case.body, dict):
        case.body = existing(case.body, "enrolment_id", near)
    # Few enrolments are deleted.
    if "/deliveries" not in case.path and (case.method != "DELETE" or near % 8 == 0):
        case.path_parameters = existing(case.path_parameters, "id", near)
    if case.query and number % 4:
        query = existing(case.query, "course_id", near)
        case.query = {**query, "user_id": OWNER} if "user_id" in query else query
