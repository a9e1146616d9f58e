// What is owed or was delivered, one by one, and what can be done about it.

import { call } from "./api.js";
import { confirm } from "./confirm.js";
import { el, say } from "./dom.js";
import { sentence } from "./reasons.js";
import * as words from "./words.js";

/** An item of a list. `changed` is told when it has become another. */
export function item(delivery, changed = () => {}) {
  const own = el("li", { "data-id": delivery.id });
  const draw = () => {
    own.className = `delivery ${delivery.state}`;
    own.replaceChildren(...parts(delivery, became));
  };
  const became = (fresh, said) => {
    Object.assign(delivery, fresh);
    draw();
    changed();
    own.querySelector("h3").focus();
    say(said);
  };
  draw();
  return own;
}

function parts(delivery, became) {
  const { enrolment_id: enrolment, kind, state, attempts, due_at: dueAt, reason, last_error: error } = delivery;
  const name = `${words.kind(kind)}, enrolment ${enrolment}`;
  const facts = [
    state === "done"
      ? fact("Since", words.moment(delivery.created_at), delivery.created_at)
      : fact("Owed for", words.duration(words.secondsSince(delivery.created_at)), delivery.created_at),
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
    const button = (label, action) =>
      el("button", { "aria-label": `${label}: ${name}`, click: () => action(delivery, became) }, label);
    shown.push(el("div", { class: "buttons" }, button("Retry", retry), button("Done by hand", resolve)));
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
  invoice: "If it may have been issued already, it is looked up first, so that there are never two.",
  correction: "If it may have been issued already, it is looked up first, so that there are never two.",
  event: "The events of this enrolment that wait for it follow.",
};

async function retry(delivery, became) {
  const mail = "If the mail has arrived already, the customer may get it twice.";
  const done = await confirm({
    title: `Retry: ${words.kind(delivery.kind)}`,
    text: [
      `This makes it due at once, for enrolment ${delivery.enrolment_id}. It is tried with the next run, mostly within a minute.`,
      RETRIES[delivery.kind] ?? (delivery.kind.endsWith("_email") ? mail : ""),
    ].filter(Boolean),
    action: "Retry",
    run: () => call("POST", `/deliveries/${delivery.id}/retry`),
  });
  if (done) became(done, "It is due now.");
}

async function resolve(delivery, became) {
  const isDocument = ["invoice", "correction", "invoice_data", "ksef_number"].includes(delivery.kind);
  const done = await confirm({
    title: `Done by hand: ${words.kind(delivery.kind)}`,
    text: [
      `This notes that somebody has done it by hand, for enrolment ${delivery.enrolment_id}. The service will not do it any more. Do it first, then confirm.`,
    ],
    fields: [
      {
        name: "note",
        label: "Note",
        hint: "What was done, for those who look later. No personal data.",
        long: true,
        rows: "3",
        required: true,
        maxlength: "500",
      },
      ...(isDocument
        ? [
            { name: "number", label: "Number of the document", hint: "It stands in the documents then. May be left empty.", maxlength: "64" },
            { name: "url", label: "Its page", hint: "The customer's mail links to it. May be left empty.", type: "url", maxlength: "512" },
          ]
        : []),
    ],
    action: "Mark as done",
    run: (body) => call("POST", `/deliveries/${delivery.id}/resolution`, { body }),
  });
  if (done) became(done, "It is marked as done.");
}
