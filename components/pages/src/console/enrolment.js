// One enrolment: what it is, what happened, what was issued, what is owed.

import { call, get, newKey } from "./api.js";
import { confirm } from "./confirm.js";
import { item } from "./deliveries.js";
import { el, outside, say } from "./dom.js";
import { fill, more } from "./panel.js";
import * as words from "./words.js";

const PAGE = 100;

export function title(id) {
  return `Enrolment ${id}`;
}

export function show(main, signal, id) {
  const content = el("div");
  const heading = el("h1", { tabindex: "-1" }, title(id));
  main.replaceChildren(heading, content);
  const again = async (said) => {
    if (signal.aborted) return say(said);
    await show(main, signal, id);
    main.querySelector("h1").focus();
    say(said);
  };
  return fill(content, async () => {
    const [enrolment, history] = await Promise.all([found(id, signal), get(`/${id}/history`, signal)]).catch(
      async (error) => {
        // Neither it nor anything that happened to it.
        if (error.status !== 404) throw error;
        return [null, { events: [] }];
      },
    );
    if (!enrolment && history.events.length === 0) {
      say(`There is no enrolment ${id}.`);
      return el("p", { class: "empty" }, `There is no enrolment ${id}, and nothing is known of one.`);
    }
    const last = enrolment ?? history.events.at(-1).enrolment;
    say(`${title(id)} is shown.`);
    const [past, issued, owed] = [el("div", {}, timeline(history)), el("div"), el("div")];
    const documented = () => fill(issued, () => documents(id, signal));
    // What is settled by hand is history, and may be a document.
    const changed = () => {
      fill(past, async () => timeline(await get(`/${id}/history`, signal)));
      documented();
    };
    documented();
    fill(owed, () => deliveries(id, changed, signal));
    return [
      enrolment ? "" : el("p", { class: "notice" }, "It was deleted. This is how it was last."),
      keys(last),
      enrolment ? actions(enrolment, history.events, again) : "",
      section("History", past),
      section("Documents", issued),
      section("Invoices, mails and events", owed),
    ].filter(Boolean);
  });
}

/** Nothing if there is none any more. */
function found(id, signal) {
  return get(`/${id}`, signal).catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });
}

function section(name, part) {
  return el("section", {}, el("h2", {}, name), part);
}

function keys(enrolment) {
  const { id, user_id: user, course_id: course, status, payment_status: payment, invoice_url: url } = enrolment;
  const row = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  return el(
    "dl",
    { class: "keys" },
    row("Number", String(id)),
    row("User", el("a", { href: `#/users/${encodeURIComponent(user)}` }, user)),
    row("Course", String(course)),
    row("Status", el("span", { class: `state ${status}` }, status)),
    row("Payment", el("span", { class: `state ${payment}` }, payment)),
    row("Invoice", url ? outside(url, "open") : "none yet"),
  );
}

function actions(enrolment, events, again) {
  const buttons = [];
  if (enrolment.status === "active") {
    buttons.push(el("button", { click: () => cancel(enrolment, again) }, "Cancel enrolment…"));
  }
  const refunded = events.some(({ type }) => type === "enrolment.refunded");
  if (enrolment.payment_status === "paid" && !refunded) {
    buttons.push(el("button", { click: () => refund(enrolment, again) }, "Record a refund…"));
  }
  return buttons.length > 0 ? el("div", { class: "buttons" }, ...buttons) : "";
}

const REASON = {
  name: "reason",
  label: "Reason",
  hint: "The customer reads it in the mail. May be left empty.",
  maxlength: "255",
};

async function cancel(enrolment, again) {
  const { id, user_id: user, course_id: course, payment_status: payment } = enrolment;
  const paid = payment === "paid" ? " It is paid: no money goes back by this." : "";
  const done = await confirm({
    title: `Cancel enrolment ${id}`,
    text: [
      `This cancels the enrolment of ${user} in course ${course}. The seat is free at once, and the customer gets a mail.${paid}`,
      "It cannot be taken back. The user can enrol again.",
    ],
    fields: [REASON],
    action: "Cancel enrolment",
    run: change("/canceled", id),
  });
  if (done) await again("The enrolment is canceled.");
}

async function refund(enrolment, again) {
  const { id, user_id: user, course_id: course, status } = enrolment;
  const active = status === "active" ? " The enrolment is canceled with it, and its seat is free." : "";
  const done = await confirm({
    title: `Refund of enrolment ${id}`,
    text: [
      `This notes that all that was paid by ${user} for course ${course} went back. It moves no money: pay it back first.`,
      `The invoice is corrected to zero, and the customer gets a mail.${active}`,
      "It cannot be taken back.",
    ],
    fields: [REASON],
    action: "Record the refund",
    run: change("/refunded", id),
  });
  if (done) await again("The refund is recorded.");
}

/** However often it is sent, it is carried out once. */
function change(path, id) {
  const headers = { "idempotency-key": newKey() };
  return (filled) => call("PATCH", path, { body: { enrolment_id: id, ...filled }, headers });
}

/** What happened and what people settled, by time. */
function timeline({ events, resolutions = [] }) {
  const happened = events.map(({ type, occurred_at: at, enrolment }) => {
    const { status, payment_status: payment } = enrolment;
    return { at, what: words.event(type), more: `${status}, ${payment}` };
  });
  const settled = resolutions.map(({ kind, note, settled_by: by, settled_at: at }) => {
    return { at, what: `${words.kind(kind)}: done by hand${by ? ` by ${by}` : ""}`, more: note };
  });
  const all = [...happened, ...settled].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const items = all.map(({ at, what, more }) =>
    el("li", {}, el("time", { datetime: at }, words.moment(at)), el("strong", {}, what), el("span", {}, more)),
  );
  return items.length > 0 ? el("ol", { class: "timeline" }, ...items) : el("p", { class: "empty" }, "Nothing is known.");
}

async function documents(id, signal) {
  const { documents } = await get(`/${id}/documents`, signal).catch((error) => {
    if (error.status === 404) return { documents: [] };
    throw error;
  });
  if (documents.length === 0) return el("p", { class: "empty" }, "None was issued.");
  return el("ul", { class: "documents" }, ...documents.map(document));
}

function document({ kind, number, url, gross, currency, issued_on: day, ksef }) {
  const name = `${words.document(kind)} ${number ?? "without a known number"}`;
  const facts = [gross === null ? "" : `${gross} ${currency ?? ""}`.trim(), day ? `issued on ${day}` : ""];
  const control = ksef ? `KSeF: ${words.ksef(ksef.status)}${ksef.number ? `, ${ksef.number}` : ""}` : "";
  return el("li", {}, url ? outside(url, name) : name, el("span", {}, [...facts, control].filter(Boolean).join(" · ")));
}

async function deliveries(id, changed, signal) {
  const list = el("ul", { class: "deliveries" });
  let after = 0;
  const add = async () => {
    const page = await get(`/deliveries?enrolment_id=${id}&limit=${PAGE}&after=${after}`, signal);
    list.append(...page.deliveries.map((delivery) => item(delivery, changed)));
    after = page.next;
    return page.next !== null;
  };
  const isMore = await add();
  if (list.childElementCount === 0 && !isMore) return el("p", { class: "empty" }, "Nothing was owed for it.");
  return [list, ...(isMore ? [more(add)] : [])];
}
