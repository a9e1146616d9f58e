// Deliveries, with buttons to retry and to resolve them, and to bill another buyer.

import { call } from "./api.js";
import { confirm } from "./confirm.js";
import { el, say } from "./dom.js";
import { rebill } from "./rebill.js";
import { sentence } from "./reasons.js";
import * as words from "./words.js";

/** An item of a list. After a change it calls `changed`; if others may have changed, too, `again`. */
export function item(delivery, { changed, again }) {
  const own = el("li", { "data-id": delivery.id });
  const draw = () => {
    own.className = `delivery ${delivery.state}`;
    own.replaceChildren(...parts(delivery, update, again));
  };
  const update = (fresh, message) => {
    Object.assign(delivery, fresh);
    draw();
    changed();
    own.querySelector("h3").focus();
    say(message);
  };
  draw();
  return own;
}

function parts(delivery, update, again) {
  const { enrolment_id: enrolment, kind, state, attempts, due_at: dueAt, reason, last_error: error } = delivery;
  const name = `${words.kind(kind)}, enrolment ${enrolment}`;
  const facts = [
    state === "done"
      ? fact("Created", words.moment(delivery.created_at), delivery.created_at)
      : fact("Pending for", words.duration(words.secondsSince(delivery.created_at)), delivery.created_at),
    fact("Attempts", String(attempts)),
  ];
  if (state !== "done" && dueAt) facts.push(fact("Next attempt", next(dueAt), dueAt));
  const link = el("a", { href: `#/enrolments/${enrolment}` }, String(enrolment));
  const shown = [
    el("h3", { tabindex: "-1" }, `${words.kind(kind)} `, el("span", { class: `state ${state}` }, words.state(state))),
    el("dl", {}, fact("Enrolment", link), ...facts),
  ];
  if (error) shown.push(el("p", { class: "reason" }, sentence(reason), " ", el("code", {}, error)));
  if (state !== "done") {
    const button = (label, click) => el("button", { "aria-label": `${label}: ${name}`, click }, label);
    const isUnsent = ["invoice", "invoice_data"].includes(kind) && ["dead", "due"].includes(state);
    const buttons = [
      button("Retry", () => retry(delivery, update)),
      isUnsent ? button("Bill another buyer", () => rebilled(enrolment, again)) : "",
      button("Resolve", () => resolve(delivery, update)),
    ];
    shown.push(el("div", { class: "buttons" }, ...buttons));
  }
  return shown;
}

function fact(name, value, time) {
  const shown = time ? el("time", { datetime: time, title: words.moment(time) }, value) : value;
  return el("div", {}, el("dt", {}, name), el("dd", {}, shown));
}

function next(time) {
  const seconds = -words.secondsSince(time);
  return seconds <= 0 ? "at once" : `in ${words.duration(seconds)}`;
}

const RETRIES = {
  invoice: "If it may have been issued, the service looks it up first, so that there are never two.",
  correction: "If it may have been issued, the service looks it up first, so that there are never two.",
  event: "The next events of this enrolment follow.",
};

async function retry(delivery, update) {
  const mail = "If the mail has arrived already, the customer may get it twice.";
  const done = await confirm({
    title: `Retry: ${words.kind(delivery.kind)}`,
    text: [
      `This makes the delivery for enrolment ${delivery.enrolment_id} due. The next run tries it, usually within a minute.`,
      RETRIES[delivery.kind] ?? (delivery.kind.endsWith("_email") ? mail : ""),
    ].filter(Boolean),
    action: "Retry",
    run: () => call("POST", `/deliveries/${delivery.id}/retry`),
  });
  if (done) update(done, "It is due now.");
}

async function rebilled(enrolment, again) {
  if (await rebill(enrolment)) await again("The new buyer is recorded. The next run issues the invoice.");
}

async function resolve(delivery, update) {
  const isDocument = ["invoice", "correction", "invoice_data", "ksef_number"].includes(delivery.kind);
  const done = await confirm({
    title: `Resolve: ${words.kind(delivery.kind)}`,
    text: [
      `This records that somebody did it for enrolment ${delivery.enrolment_id}. The service does not try it again. Do it first, then confirm.`,
    ],
    fields: [
      {
        name: "note",
        label: "Note",
        hint: "What was done. No personal data.",
        long: true,
        rows: "3",
        required: true,
        maxlength: "500",
      },
      ...(isDocument
        ? [
            { name: "number", label: "Number of the document", hint: "It appears in the list of documents. Optional.", maxlength: "64" },
            { name: "url", label: "Link to the document", hint: "The mail to the customer contains it. Optional.", type: "url", maxlength: "512" },
          ]
        : []),
    ],
    action: "Resolve",
    run: (body) => call("POST", `/deliveries/${delivery.id}/resolution`, { body }),
  });
  if (done) update(done, "It is resolved.");
}
