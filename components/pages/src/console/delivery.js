// One delivery, with buttons to retry and to resolve it, and to bill another buyer.

import { call } from "./api.js";
import { rebill } from "./changes.js";
import { confirm } from "./confirm.js";
import { badge, copied, el, facts, time } from "./dom.js";
import { again } from "./live.js";
import { planned } from "./planned.js";
import { sentence } from "./reasons.js";
import * as words from "./words.js";

const DOCUMENTS = ["invoice", "correction", "invoice_data", "ksef_number"];

/** The content of an item. `update` draws it again after a change. */
export function draw(delivery, item, update) {
  const { id, enrolment_id: enrolment, kind, state, attempts, due_at: due, reason, last_error: error } = delivery;
  item.className = `delivery ${state}`;
  const shown = [
    el("p", { class: "name", tabindex: "-1" }, el("a", { href: `#/deliveries/${id}` }, words.kind(kind)), " ", badge(state, words.capital(state))),
    facts(
      [
        ["Enrolment", el("a", { href: `#/enrolments/${enrolment}` }, String(enrolment))],
        ["Delivery", copied(id, "delivery")],
        ["Created", time(delivery.created_at)],
        ["Attempts", String(attempts)],
        ["Next attempt", state !== "done" && due ? (words.secondsSince(due) < 0 ? time(due) : "with the next run") : ""],
      ],
      "line",
    ),
  ];
  if (error) shown.push(el("p", { class: "reason" }, sentence(reason), " ", el("code", {}, error)));
  if (state === "done") return shown;
  const issuesInvoice = ["invoice", "invoice_data"].includes(kind);
  if (issuesInvoice) shown.push(planned(id));
  const name = `${words.kind(kind)}, enrolment ${enrolment}`;
  const button = (label, click) => el("button", { "aria-label": `${label}: ${name}`, click }, label);
  const isUnsent = issuesInvoice && state !== "unknown";
  const changed = async (fresh, message) => {
    if (!fresh) return;
    update(fresh);
    item.querySelector(".name").focus();
    await again(message);
  };
  shown.push(
    el(
      "div",
      { class: "buttons" },
      button("Retry", async () => changed(await retry(delivery), "It is due now.")),
      isUnsent ? button("Bill another buyer", () => rebill(enrolment)) : "",
      button("Resolve", async () => changed(await resolve(delivery), "It is resolved.")),
    ),
  );
  return shown;
}

const TWICE = "If it may have been issued, the service looks it up first, so that there are never two.";
const MAIL = "If the mail has arrived already, the customer may get it twice.";

/** What to know before a retry. */
export function beforeRetry(kind) {
  if (kind.endsWith("_email")) return MAIL;
  return { invoice: TWICE, correction: TWICE, event: "The next events of the enrolment follow." }[kind];
}

function retry({ id, enrolment_id: enrolment, kind }) {
  return confirm({
    title: `Retry: ${words.kind(kind)}`,
    text: [`This makes the delivery for enrolment ${enrolment} due. The next run tries it, usually within a minute.`, beforeRetry(kind)],
    action: "Retry",
    run: () => call("POST", `/deliveries/${id}/retry`),
  });
}

export const NOTE = {
  name: "note",
  label: "Note",
  hint: "What was done. No personal data.",
  long: true,
  rows: "3",
  required: true,
  maxlength: "500",
};

function resolve({ id, enrolment_id: enrolment, kind }) {
  const fields = [NOTE];
  if (DOCUMENTS.includes(kind)) {
    fields.push(
      { name: "number", label: "Number of the document", hint: "It appears in the list of documents. Optional.", maxlength: "64" },
      { name: "url", label: "Link to the document", hint: "The mail to the customer contains it. Optional.", type: "url", maxlength: "512" },
    );
  }
  return confirm({
    title: `Resolve: ${words.kind(kind)}`,
    text: [`This records that somebody did it for enrolment ${enrolment}. The service does not try it again. Do it first, then confirm.`],
    fields,
    action: "Resolve",
    run: (body) => call("POST", `/deliveries/${id}/resolution`, { body }),
  });
}
