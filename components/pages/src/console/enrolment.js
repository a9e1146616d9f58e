// An enrolment: everything that is known about it, its documents, deliveries and history.

import { find } from "./api.js";
import { actions } from "./changes.js";
import { all } from "./deliveries.js";
import { copied, el, facts, outside, section, time } from "./dom.js";
import { part } from "./panel.js";
import { badges } from "./user.js";
import * as words from "./words.js";

export const title = (id) => `Enrolment ${id}`;

export function show(main, signal, id) {
  const past = el("div");
  const own = part(
    () => Promise.all([find(`/${id}?view=full`, signal), find(`/${id}/history`, signal)]),
    ([enrolment, history]) => {
      const last = enrolment ?? history?.events.at(-1)?.enrolment;
      others.hidden = !last;
      if (!last) return el("p", { class: "empty" }, `There is no enrolment ${id} and no history of one.`);
      past.replaceChildren(timeline(history ?? { events: [] }));
      const gone = el("p", { class: "notice" }, "The enrolment is deleted. These are its last data.");
      return [enrolment ? "" : gone, keys(last), enrolment ? actions(enrolment) : ""];
    },
  );
  const issued = part(async () => (await find(`/${id}/documents`, signal))?.documents ?? [], documents);
  const list = all([["enrolment_id", id]], "There are no deliveries.", signal);
  const others = el("div", {}, section("Documents", issued.element), section("Deliveries", list.element), section("History", past));
  main.append(own.element, others);
  return [own, issued, list];
}

const link = (name, place, id) => copied(id, name, el("a", { href: `#/${place}/${encodeURIComponent(id)}` }, String(id)));
const by = (name) => (name ? ` by ${name}` : "");

/** What is known: of a deleted enrolment the six keys only. */
function keys(enrolment) {
  const { id, user_id: user, course_id: course, invoice_url: url, terms, paid, canceled, refunds = [], metadata = {} } = enrolment;
  const { reference, pay_until: until, lapsed, status, payment_status: payment } = enrolment;
  const money = (amount) => words.money(amount, terms?.currency);
  const when = (at) => (at ? time(at) : "");
  const known = (text, name) => (text ? copied(text, name) : "");
  const isHeld = until && (lapsed || (status === "active" && payment !== "paid"));
  const groups = {
    "": [
      ["Status", badges(enrolment)],
      ["Id", copied(id, "enrolment")],
      ["User", link("user", "users", user)],
      ["Course", [link("course", "courses", course), terms ? ` ${terms.name}` : ""]],
      ["Reference", known(reference, "reference")],
      ["Invoice", url ? outside(url, "open") : "none yet"],
      ["Pay until", isHeld ? when(until) : ""],
      ["Lapsed", lapsed ? "Not paid in time. If a seat is free, it can still be paid." : ""],
      ["Canceled", canceled ? [when(canceled.at), by(canceled.by), canceled.reason ? `: ${canceled.reason}` : ""] : ""],
      ["Enrolled", when(enrolment.created_at)],
      ["Changed", when(enrolment.updated_at)],
      ["Ends", when(enrolment.ends_at)],
    ],
    Payment: paid && [
      ["Paid", money(paid.amount)],
      ["On", paid.on],
      ["Method", paid.method],
      ["Payment reference", known(paid.reference, "payment reference")],
      ...refunds.flatMap(({ amount, at, reference: own }) => [
        ["Refund", [money(amount), " ", time(at)]],
        ["Refund reference", known(own, "refund reference")],
      ]),
      ["Refunded in all", refunds.length > 1 ? money(enrolment.refunded) : ""],
    ],
    "Terms of the sale": terms && [
      ["Price", money(terms.price)],
      ["Tax", terms.tax ?? "that of the service"],
      ["Exemption", terms.tax_exemption],
      ["GTU code", terms.gtu_code],
      ["Language", terms.language],
      ["End at that time", terms.end_date === enrolment.ends_at ? "" : when(terms.end_date)],
    ],
    Metadata: Object.entries(metadata).map(([name, text]) => [name, known(text, name)]),
  };
  return Object.entries(groups).filter(([, rows]) => rows?.length > 0).map(([name, rows]) => [name ? el("h2", {}, name) : "", facts(rows)]).flat();
}

/** Events and resolutions by time. */
function timeline({ events, resolutions = [] }) {
  const happened = events.map(({ type, occurred_at: at, by: who, enrolment }) => {
    const { course_id: course, status, payment_status: payment } = enrolment;
    const to = type === "enrolment.moved" ? `to course ${course}, ` : "";
    return { at, what: `${words.event(type)}${by(who)}`, more: `${to}${status}, ${payment}` };
  });
  const resolved = resolutions.map(({ kind, note, settled_by: who, settled_at: at }) => {
    return { at, what: `${words.kind(kind)}: resolved${by(who)}`, more: note };
  });
  const lines = [...happened, ...resolved].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  if (lines.length === 0) return el("p", { class: "empty" }, "There is no history.");
  return el("ol", { class: "timeline" }, lines.map(({ at, what, more }) => el("li", {}, el("strong", {}, what), el("span", {}, more), time(at))));
}

function documents(list) {
  if (list.length === 0) return el("p", { class: "empty" }, "There are no documents.");
  return el("ul", { class: "list" }, list.map(document));
}

function document({ kind, number, url, gross, currency, issued_on: day, ksef }) {
  const name = `${words.capital(kind)} ${number ?? "without a number"}`;
  const sum = [gross === null ? "" : words.money(gross, currency), day ? `issued on ${day}` : ""].filter(Boolean).join(" · ");
  const control = ksef ? [` · KSeF: ${words.ksef(ksef.status)} `, ksef.number ? copied(ksef.number, "KSeF number") : ""] : "";
  const shown = url ? outside(url, name) : name;
  return el("li", {}, number ? copied(number, "document number", shown) : shown, " ", el("span", { class: "hint" }, sum, control));
}
