// The enrolments of a user.

import { reader } from "./api.js";
import { badge, el, time } from "./dom.js";
import { pages } from "./panel.js";

export const title = (user) => `Enrolments of ${user}`;

export function show(main, signal, user) {
  const read = reader("/", "enrolments", [["user_id", user], ["view", "full"], ["limit", 50]], signal);
  const list = pages(read, line, "This user has no enrolments. User ids must match exactly.");
  main.append(list.element);
  return [list];
}

/** An enrolment in a list. */
export function line(enrolment) {
  const { id, user_id: user, course_id: course, terms, created_at: at } = enrolment;
  return [
    el("a", { href: `#/enrolments/${id}` }, `Enrolment ${id}`),
    ` of ${user} in course ${course}${terms ? `, ${terms.name}` : ""} `,
    badges(enrolment),
    at ? el("span", { class: "hint" }, " since ", time(at)) : "",
  ];
}

/** The status of an enrolment, of its payment and of the refunds, which only a full enrolment has. */
export function badges({ status, payment_status: payment, paid, refunds = [], refunded }) {
  const shown = [badge(status), " ", refunds.length > 0 ? badge("settled", payment) : badge(payment)];
  if (refunds.length > 0) shown.push(" ", badge("refunded", isRefunded({ paid, refunds, refunded }) ? "refunded" : "partly refunded"));
  return shown;
}

/** Whether nothing is left. An amount that is not known is refunded at once. */
export function isRefunded({ paid, refunds, refunded }) {
  return refunds.length > 0 && refunded === (paid?.amount ?? null);
}
