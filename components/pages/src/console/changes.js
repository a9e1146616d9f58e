// What an operator can change about an enrolment.

import { change } from "./api.js";
import { confirm } from "./confirm.js";
import { el } from "./dom.js";
import { again } from "./live.js";
import { isRefunded } from "./user.js";
import * as words from "./words.js";

/** The buttons for what is possible now. */
export function actions(enrolment) {
  const { id, status, payment_status: payment, terms, paid, invoice_url: url } = enrolment;
  const isActive = status === "active";
  const isFree = Number(terms?.price ?? 1) === 0;
  const isLeft = paid && !isRefunded(enrolment);
  const all = [
    [isActive, "Cancel enrolment…", () => ask(enrolment, cancel(enrolment))],
    [isActive && payment !== "paid" && !isFree, "Hold the seat until…", () => ask(enrolment, extend(enrolment))],
    [isActive, "Move to another course…", () => ask(enrolment, move(enrolment))],
    [isLeft && url, "Bill another buyer…", () => rebill(id)],
    [isLeft, "Record a refund…", () => ask(enrolment, refund(enrolment))],
  ].filter(([isPossible]) => isPossible);
  return all.length > 0 ? el("div", { class: "buttons" }, all.map(([, name, click]) => el("button", { click }, name))) : "";
}

/** Asks, changes once, and says what was `done`. `values` makes the body of what was filled in. */
async function ask({ id }, { path, done, values = (filled) => filled, ...dialog }) {
  const send = change(path);
  if (await confirm({ ...dialog, run: (filled) => send({ enrolment_id: id, ...values(filled) }) })) await again(done);
}

const REASON = { name: "reason", label: "Reason", hint: "The mail to the customer contains it. Optional.", maxlength: "255" };

function cancel({ id, user_id: user, course_id: course, payment_status: payment }) {
  const paid = payment === "paid" ? " It is paid: this does not refund the payment." : "";
  return {
    path: "/canceled",
    title: `Cancel enrolment ${id}`,
    text: [
      `This cancels the enrolment of ${user} in course ${course}. The seat is free at once, and the customer gets a mail.${paid}`,
      "This cannot be undone. The user can enrol again.",
    ],
    fields: [REASON],
    action: "Cancel enrolment",
    done: "The enrolment is canceled.",
  };
}

function extend({ id, user_id: user, course_id: course, pay_until: until }) {
  return {
    path: "/extended",
    title: `Hold the seat of enrolment ${id}`,
    text: [
      `This holds the seat of ${user} in course ${course} until the time that you enter. If the enrolment is not paid by then, it lapses: it is canceled, and the seat goes to the user who waits longest.`,
      until ? "The new time may be earlier or later than the one before." : "Without this the enrolment never lapses.",
    ],
    fields: [
      {
        name: "pay_until",
        label: "Pay until",
        hint: `In your time zone, ${words.zone()}, and in the next 365 days. The page itself shows UTC.`,
        type: "datetime-local",
        value: until && words.local(until),
        required: true,
      },
    ],
    action: "Hold the seat",
    values: ({ pay_until: time }) => ({ pay_until: new Date(time).toISOString() }),
    done: "The seat is held until the new time.",
  };
}

function move({ id, user_id: user, course_id: course, payment_status: payment }) {
  const isPaid = payment === "paid";
  const terms = isPaid ? "It keeps its payment, documents, price and terms." : "It gets the price and terms of the other course.";
  return {
    path: "/moved",
    title: `Move enrolment ${id}`,
    text: [
      `This moves the enrolment of ${user} from course ${course} to another one with a free seat. ${terms}`,
      "The seat in this course is free at once, and the customer gets a mail.",
    ],
    fields: [
      { name: "course_id", label: "The other course", hint: "The id of the course.", inputmode: "numeric", pattern: "[1-9][0-9]{0,9}", required: true },
      REASON,
    ],
    action: "Move enrolment",
    values: ({ course_id: other, ...filled }) => ({ course_id: Number(other), ...filled }),
    done: "The enrolment is moved.",
  };
}

function refund({ id, user_id: user, course_id: course, status }) {
  const active = status === "active" ? " If nothing is left, this also cancels the enrolment and frees its seat." : "";
  return {
    path: "/refunded",
    title: `Refund of enrolment ${id}`,
    text: [
      `This records that ${user} got the payment for course ${course}, or a part of it, back. It moves no money: pay it back first.`,
      `The invoice is corrected to what is left, and the customer gets a mail.${active}`,
      "This cannot be undone.",
    ],
    fields: [{ name: "amount", label: "Amount", hint: "Empty for all that is left.", inputmode: "decimal" }, REASON],
    action: "Record the refund",
    done: "The refund is recorded.",
  };
}

/** The names are the places of the values in the body. */
const BUYER = [
  { name: "buyer.name", label: "Name of the company", hint: "Leave it and the tax number empty to bill the customer as a person." },
  { name: "buyer.tax_no", label: "Tax number of the company" },
  { name: "buyer.street", label: "Street and number", required: true },
  { name: "buyer.post_code", label: "Post code" },
  { name: "buyer.city", label: "City", required: true },
  { name: "buyer.country", label: "Country", hint: "A code such as DE. Empty for Poland." },
  { name: "buyer.reverse_charge", label: "Reverse charge: a company elsewhere accounts for the tax", type: "checkbox" },
  { name: "tax", label: "Tax", hint: "A rate in percent, zw or np. Empty for the tax of the invoice." },
  { name: "tax_exemption", label: "Legal basis of the exemption", hint: "Only with zw." },
  { name: "reason", label: "Reason", hint: "The correction contains it, if there is one. Optional.", maxlength: "255" },
];

/** Asks for another buyer of the invoice of an enrolment. */
export async function rebill(enrolment) {
  const send = change("/rebilled");
  const done = await confirm({
    title: "Bill another buyer",
    text: [
      `The invoice of enrolment ${enrolment} gets the buyer that you enter here, and nothing of the one before. If it was issued, it is corrected to zero and a new one follows.`,
      "An invoice with a recipient needs the API.",
    ],
    fields: BUYER,
    action: "Bill this buyer",
    run: (filled) => send({ enrolment_id: enrolment, ...nested(filled) }),
  });
  if (done) await again("The new buyer is recorded. The next run issues the invoice.");
}

/** `{"buyer.city": "Warszawa"}` as `{buyer: {city: "Warszawa"}}`. */
function nested(filled) {
  const body = {};
  for (const [place, value] of Object.entries(filled)) {
    const [name, part] = place.split(".");
    if (part) body[name] = { ...body[name], [part]: value };
    else body[name] = value;
  }
  return body;
}
