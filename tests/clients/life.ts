// The life of an enrolment, with a client whose types are generated from openapi.json:
//
//     npm install openapi-fetch
//     npx openapi-typescript openapi.json -o enrolments.ts
//     node life.ts http://127.0.0.1:3000 TOKEN

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./enrolments.ts";

type Enrolment = components["schemas"]["Enrolment"];
type EnrolmentList = components["schemas"]["EnrolmentList"];
type NewEnrolment = components["schemas"]["NewEnrolment"];
type Problem = components["schemas"]["Problem"];
type Answer<T> = { data?: T; error?: Problem; response: Response };

const [baseUrl, token] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
const user_id = "ann";

/** The data of an answer, if it is no problem. */
async function expect<T>(answer: Promise<Answer<T>>): Promise<T> {
    const { data, error, response } = await answer;
    assert(data !== undefined, `${response.status} ${error?.error}: ${error?.message}`);
    return data;
}

/** The problem of an answer. */
async function refused(answer: Promise<Answer<unknown>>, status: number): Promise<Problem> {
    const { error, response } = await answer;
    assert(error && response.status === status, `${response.status}`);
    return error;
}

function newEnrolment(course_id: number): NewEnrolment {
    return {
        course_id,
        user_id,
        user: { first_name: "Ann", last_name: "Example", email: "ann@example.com", language: "pl" },
        course: { name: `Course ${course_id}`, price: "149.00", max_participants: 20 },
        reference: `order-${course_id}`,
        metadata: { campaign: "spring" },
    };
}

function enrol(course_id: number, key?: string): Promise<Answer<Enrolment>> {
    const params = { header: { "Idempotency-Key": key } };
    return client.POST("/api/enrolment", { params, body: newEnrolment(course_id) });
}

function read(id: number): Promise<Answer<Enrolment>> {
    return client.GET("/api/enrolment/{id}", { params: { path: { id } } });
}

/** All enrolments of the user, one in each page. */
async function pages(): Promise<Enrolment[]> {
    const found: Enrolment[] = [];
    for (let after: number | string | null | undefined = 0; after != null; ) {
        const query = { user_id, limit: 1, after };
        const page: EnrolmentList = await expect(client.GET("/api/enrolment", { params: { query } }));
        found.push(...page.enrolments);
        after = page.next;
    }
    return found;
}

/** The types of the events of all enrolments. A platform stores `next` and continues there. */
async function events(after = 0): Promise<string[]> {
    const page = await expect(client.GET("/api/enrolment/events", { params: { query: { after, limit: 2 } } }));
    const types = page.events.map((event) => event.type);
    return page.more ? [...types, ...(await events(page.next))] : types;
}

const first = await expect(enrol(1, "order-1"));
assert.equal(first.status, "active");
assert.deepEqual(await expect(enrol(1, "order-1")), first);
const [second, third] = [await expect(enrol(2)), await expect(enrol(3))];
assert.deepEqual(await expect(read(first.id)), first);
assert.deepEqual((await pages()).map((enrolment) => enrolment.course_id), [1, 2, 3]);
const query = { reference: "order-1" };
assert.deepEqual((await expect(client.GET("/api/enrolment", { params: { query } }))).enrolments, [first]);

const invalid = await refused(enrol(-1), 400);
assert.deepEqual([invalid.error, invalid.details?.[0]?.loc], ["validation_error", ["course_id"]]);
assert.equal((await refused(read(2147483647), 404)).error, "not_found");
assert.equal((await refused(enrol(1), 409)).error, "conflict");

const enrolment_id = first.id;
const path = { params: { path: { id: enrolment_id } } };
const buyer = { name: "Acme sp. z o.o.", tax_no: "525-244-57-67", street: "Prosta 1", post_code: "00-001", city: "Warszawa" };
const paid = await expect(
    client.PATCH("/api/enrolment/paid", {
        params: { header: { "Idempotency-Key": "payment-1" } },
        body: { enrolment_id, amount: "99.00", buyer },
    }),
);
assert.equal(paid.payment_status, "paid");
const beispiel = { name: "Beispiel GmbH", tax_no: "DE123456789", street: "Hauptstr. 1", city: "Berlin", country: "DE" };
const school = { name: "School", street: "Szkolna 1", city: "Warszawa", role: "recipient" } as const;
for (const body of [
    { enrolment_id: second.id, buyer: { ...beispiel, reverse_charge: true }, tax: "np" },
    { enrolment_id: third.id, buyer: { street: "Prosta 1", city: "Warszawa", recipient: school } },
]) {
    await expect(client.PATCH("/api/enrolment/paid", { body }));
}
// The invoice may follow a little later. A company's gets its link when it has its KSeF number.
const documents = async () => (await expect(client.GET("/api/enrolment/{id}/documents", path))).documents;
for (const end = Date.now() + 30_000; (await documents()).length === 0 && Date.now() < end; ) await setTimeout(100);
const [invoice] = await documents();
assert.deepEqual([invoice?.kind, invoice?.gross], ["invoice", "99.00"]);
const { deliveries } = await expect(client.GET("/api/enrolment/deliveries", { params: { query: { enrolment_id } } }));
assert(deliveries.some((delivery) => delivery.kind === "invoice"));

const body = { enrolment_id, reason: "too few participants" };
assert.equal((await expect(client.PATCH("/api/enrolment/refunded", { body }))).status, "canceled");
const history = (await expect(client.GET("/api/enrolment/{id}/history", path))).events.map((event) => event.type);
for (const type of ["enrolment.created", "enrolment.paid", "enrolment.refunded"] as const) {
    assert(history.includes(type) && (await events()).includes(type));
}

// A course with one seat: another user waits, and is offered the seat when the first one is moved.
const course = { name: "Small", price: "10.00", max_participants: 1 };
const bob = { first_name: "Bob", last_name: "Example", email: "bob@example.com" };
const small = { course_id: 4, user: bob, course };
const seated = await expect(client.POST("/api/enrolment", { body: { ...small, user_id } }));
const pay_until = new Date(Date.now() + 86_400_000).toISOString();
const later = { enrolment_id: seated.id, pay_until };
assert.deepEqual(await expect(client.PATCH("/api/enrolment/extended", { body: later })), seated);
const entry = await expect(client.POST("/api/enrolment/waiting", { body: { ...small, user_id: "bob" } }));
assert.equal(entry.position, 1);
const four = { params: { path: { course_id: 4 } } };
const { limit, held, free, waiting } = await expect(client.GET("/api/enrolment/courses/{course_id}/seats", four));
assert.deepEqual([limit, held, free, waiting], [1, 1, 0, 1]);
const list = await expect(client.GET("/api/enrolment/waiting", { params: { query: { course_id: 4 } } }));
assert.deepEqual(list.waiting, [entry]);
const move = { enrolment_id: seated.id, course_id: 5, course };
assert.equal((await expect(client.PATCH("/api/enrolment/moved", { body: move }))).course_id, 5);
const ofBob = await expect(client.GET("/api/enrolment", { params: { query: { user_id: "bob" } } }));
assert.deepEqual(ofBob.enrolments.map((own) => [own.course_id, own.status]), [[4, "active"]]);
const gone = { params: { path: { id: entry.id } } };
assert.equal((await client.DELETE("/api/enrolment/waiting/{id}", gone)).response.status, 404);

const user = { params: { path: { user_id } } };
assert.equal((await client.DELETE("/api/enrolment/users/{user_id}", user)).response.status, 204);
assert.deepEqual(await pages(), []);
assert((await expect(read(enrolment_id))).user_id.startsWith("erased-"));
