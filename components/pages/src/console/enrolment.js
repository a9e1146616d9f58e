// An enrolment: its data, history, documents and deliveries.

import { call, get, newKey } from "./api.js";
import { confirm } from "./confirm.js";
import { item } from "./deliveries.js";
import { el, outside, say } from "./dom.js";
import { fill, more, renew } from "./panel.js";
import * as words from "./words.js";

const PAGE = 100;

export function title(id) {
  return `Enrolment ${id}`;
}

export function show(main, signal, id) {
  const content = el("div");
  const heading = el("h1", { tabindex: "-1" }, title(id));
  main.replaceChildren(heading, content);
  const again = (message) => renew(main, signal, () => show(main, signal, id), message);
  return fill(content, async () => {
    const [enrolment, history] = await Promise.all([found(id, signal), get(`/${id}/history`, signal)]).catch(
      async (error) => {
        // There is neither the enrolment nor its history.
        if (error.status !== 404) throw error;
        return [null, { events: [] }];
      },
    );
    if (!enrolment && history.events.length === 0) {
      say(`There is no enrolment ${id}.`);
      return el("p", { class: "empty" }, `There is no enrolment ${id} and no history of one.`);
    }
    const last = enrolment ?? history.events.at(-1).enrolment;
    say(`${title(id)} is shown.`);
    const [past, issued, pending] = [el("div", {}, timeline(history)), el("div"), el("div")];
    const documented = () => fill(issued, () => documents(id, signal));
    // A resolution appears in the history and may add a document.
    const changed = () => {
      fill(past, async () => timeline(await get(`/${id}/history`, signal)));
      documented();
    };
    documented();
    fill(pending, () => deliveries(id, { changed, again }, signal));
    return [
      enrolment ? "" : el("p", { class: "notice" }, "The enrolment is deleted. These are its last data."),
      keys(last),
      enrolment ? actions(enrolment, again) : "",
      section("History", past),
      section("Documents", issued),
      section("Deliveries", pending),
    ].filter(Boolean);
  });
}

/** The enrolment in full, or null. */
function found(id, signal) {
  return get(`/${id}?view=full`, signal).catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });
}

function section(name, part) {
  return el("section", {}, el("h2", {}, name), part);
}

function keys(enrolment) {
  const { id, user_id: user, course_id: course, status, payment_status: payment, invoice_url: url } = enrolment;
  const { pay_until: until, lapsed } = enrolment;
  const isHeld = until && (lapsed || (status === "active" && payment !== "paid"));
  const row = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  return el(
    "dl",
    { class: "keys" },
    row("Id", String(id)),
    row("User", el("a", { href: `#/users/${encodeURIComponent(user)}` }, user)),
    row("Course", el("a", { href: `#/courses/${course}` }, String(course))),
    row("Status", el("span", { class: `state ${status}` }, status)),
    row("Payment", el("span", { class: `state ${payment}` }, payment)),
    row("Invoice", url ? outside(url, "open") : "none yet"),
    isHeld ? row("Pay until", el("time", { datetime: until }, words.moment(until))) : "",
    lapsed ? row("Lapsed", "Not paid in time. If a seat is free, it can still be paid.") : "",
  );
}

function actions(enrolment, again) {
  const buttons = [];
  if (enrolment.status === "active") {
    buttons.push(el("button", { click: () => cancel(enrolment, again) }, "Cancel enrolment…"));
    const isFree = Number(enrolment.terms?.price ?? 1) === 0;
    if (enrolment.payment_status !== "paid" && !isFree) {
      buttons.push(el("button", { click: () => extend(enrolment, again) }, "Hold the seat until…"));
    }
    buttons.push(el("button", { click: () => move(enrolment, again) }, "Move to another course…"));
  }
  const { paid, refunds, refunded } = enrolment;
  // An amount that is not known is refunded at once.
  const isRefunded = refunds.length > 0 && refunded === paid?.amount;
  if (paid && !isRefunded) {
    buttons.push(el("button", { click: () => refund(enrolment, again) }, "Record a refund…"));
  }
  return buttons.length > 0 ? el("div", { class: "buttons" }, ...buttons) : "";
}

const REASON = {
  name: "reason",
  label: "Reason",
  hint: "The mail to the customer contains it. Optional.",
  maxlength: "255",
};

async function cancel(enrolment, again) {
  const { id, user_id: user, course_id: course, payment_status: payment } = enrolment;
  const paid = payment === "paid" ? " It is paid: this does not refund the payment." : "";
  const done = await confirm({
    title: `Cancel enrolment ${id}`,
    text: [
      `This cancels the enrolment of ${user} in course ${course}. The seat is free at once, and the customer gets a mail.${paid}`,
      "This cannot be undone. The user can enrol again.",
    ],
    fields: [REASON],
    action: "Cancel enrolment",
    run: change("/canceled", id),
  });
  if (done) await again("The enrolment is canceled.");
}

async function extend(enrolment, again) {
  const { id, user_id: user, course_id: course, pay_until: until } = enrolment;
  const done = await confirm({
    title: `Hold the seat of enrolment ${id}`,
    text: [
      `This holds the seat of ${user} in course ${course} until the time that you enter. If the enrolment is not paid by then, it lapses: it is canceled, and the seat goes to the user who waits longest.`,
      until ? "The new time may be earlier or later than the one before." : "Without this the enrolment never lapses.",
    ],
    fields: [
      {
        name: "pay_until",
        label: "Pay until",
        hint: `In the time zone ${words.zone()}, in the next 365 days.`,
        type: "datetime-local",
        value: until && words.local(until),
        required: true,
      },
    ],
    action: "Hold the seat",
    run: change("/extended", id, ({ pay_until: time }) => ({ pay_until: new Date(time).toISOString() })),
  });
  if (done) await again("The seat is held until the new time.");
}

async function move(enrolment, again) {
  const { id, user_id: user, course_id: course, payment_status: payment } = enrolment;
  const terms = payment === "paid"
    ? "It keeps its payment, documents, price and terms."
    : "It gets the price and terms of the other course.";
  const done = await confirm({
    title: `Move enrolment ${id}`,
    text: [
      `This moves the enrolment of ${user} from course ${course} to another one with a free seat. ${terms}`,
      "The seat in this course is free at once, and the customer gets a mail.",
    ],
    fields: [
      {
        name: "course_id",
        label: "The other course",
        hint: "The id of the course.",
        inputmode: "numeric",
        pattern: "[1-9][0-9]{0,9}",
        required: true,
      },
      REASON,
    ],
    action: "Move enrolment",
    run: change("/moved", id, ({ course_id: other, ...filled }) => ({ course_id: Number(other), ...filled })),
  });
  if (done) await again("The enrolment is moved.");
}

async function refund(enrolment, again) {
  const { id, user_id: user, course_id: course, status } = enrolment;
  const active = status === "active" ? " If nothing is left, this also cancels the enrolment and frees its seat." : "";
  const done = await confirm({
    title: `Refund of enrolment ${id}`,
    text: [
      `This records that ${user} got the payment for course ${course}, or a part of it, back. It moves no money: pay it back first.`,
      `The invoice is corrected to what is left, and the customer gets a mail.${active}`,
      "This cannot be undone.",
    ],
    fields: [{ name: "amount", label: "Amount", hint: "Empty for all that is left.", inputmode: "decimal" }, REASON],
    action: "Record the refund",
    run: change("/refunded", id),
  });
  if (done) await again("The refund is recorded.");
}

/** A change with an idempotency key, so that a repeated request has no second effect. */
function change(path, id, values = (filled) => filled) {
  const headers = { "idempotency-key": newKey() };
  return (filled) => call("PATCH", path, { body: { enrolment_id: id, ...values(filled) }, headers });
}

/** Events and resolutions by time. */
function timeline({ events, resolutions = [] }) {
  const happened = events.map(({ type, occurred_at: at, enrolment }) => {
    const { course_id: course, status, payment_status: payment } = enrolment;
    const to = type === "enrolment.moved" ? `to course ${course}, ` : "";
    return { at, what: words.event(type), more: `${to}${status}, ${payment}` };
  });
  const resolved = resolutions.map(({ kind, note, settled_by: by, settled_at: at }) => {
    return { at, what: `${words.kind(kind)}: resolved${by ? ` by ${by}` : ""}`, more: note };
  });
  const all = [...happened, ...resolved].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const items = all.map(({ at, what, more }) =>
    el("li", {}, el("time", { datetime: at }, words.moment(at)), el("strong", {}, what), el("span", {}, more)),
  );
  return items.length > 0 ? el("ol", { class: "timeline" }, ...items) : el("p", { class: "empty" }, "There is no history.");
}

async function documents(id, signal) {
  const { documents } = await get(`/${id}/documents`, signal).catch((error) => {
    if (error.status === 404) return { documents: [] };
    throw error;
  });
  if (documents.length === 0) return el("p", { class: "empty" }, "There are no documents.");
  return el("ul", { class: "documents" }, ...documents.map(document));
}

function document({ kind, number, url, gross, currency, issued_on: day, ksef }) {
  const name = `${words.document(kind)} ${number ?? "without a number"}`;
  const facts = [gross === null ? "" : `${gross} ${currency ?? ""}`.trim(), day ? `issued on ${day}` : ""];
  const control = ksef ? `KSeF: ${words.ksef(ksef.status)}${ksef.number ? `, ${ksef.number}` : ""}` : "";
  return el("li", {}, url ? outside(url, name) : name, el("span", {}, [...facts, control].filter(Boolean).join(" · ")));
}

async function deliveries(id, then, signal) {
  const list = el("ul", { class: "deliveries" });
  let after = 0;
  const add = async () => {
    const page = await get(`/deliveries?enrolment_id=${id}&limit=${PAGE}&after=${after}`, signal);
    list.append(...page.deliveries.map((delivery) => item(delivery, then)));
    after = page.next;
    return page.next !== null;
  };
  const isMore = await add();
  if (list.childElementCount === 0 && !isMore) return el("p", { class: "empty" }, "There are no deliveries.");
  return [list, ...(isMore ? [more(add)] : [])];
}
