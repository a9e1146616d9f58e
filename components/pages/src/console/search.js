// What is found by an id, a number or a reference.

import { get } from "./api.js";
import { el, section } from "./dom.js";
import { part } from "./panel.js";
import { line } from "./user.js";
import * as words from "./words.js";

const OTHERS = { course: "courses", delivery: "deliveries" };

/** The address for what was typed: `course 7` and `delivery 12` name a page. */
export function address(typed) {
  const [, name, id] = /^(course|delivery)\s+([1-9]\d*)$/i.exec(typed.trim()) ?? [];
  if (name) return `#/${OTHERS[name.toLowerCase()]}/${id}`;
  return `#/search?${new URLSearchParams({ q: typed.trim() })}`;
}

export const title = (_, query) => `Search: ${query.get("q")}`;

export function show(main, signal, _, query) {
  const found = part(() => get(`/search?${query}`, signal), (data) => draw(query.get("q"), data), true);
  main.append(found.element);
  return [found];
}

function draw(asked, { results, more, hint }) {
  const ids = new Set(results.map(({ enrolment_id: id }) => id));
  if (ids.size === 1) location.replace(`#/enrolments/${[...ids][0]}`);
  // A deleted enrolment is not found by its id, but it has a history.
  if (ids.size === 0 && /^[1-9]\d{0,9}$/.test(asked)) location.replace(`#/enrolments/${asked}`);
  if (ids.size === 0) {
    return [
      el("p", { class: "empty" }, `Nothing is found by “${asked}”.`),
      el("p", {}, hint ?? "A search takes the whole id of an enrolment or a user, a reference of yours, of a payment or of a refund, or the number of an invoice or of KSeF. For a course: course 7. For a delivery: delivery 12."),
    ];
  }
  return [
    ...[...new Set(results.map(({ found_by: by }) => by))].map((by) => {
      const own = results.filter(({ found_by: other }) => other === by);
      const items = own.map(({ enrolment_id: id, enrolment }) =>
        el("li", {}, enrolment ? line(enrolment) : [el("a", { href: `#/enrolments/${id}` }, `Enrolment ${id}`), ", deleted"]),
      );
      const user = by === "user_id" ? el("p", {}, el("a", { href: `#/users/${encodeURIComponent(asked)}` }, `All enrolments of ${asked}`)) : "";
      return section(`By ${words.found(by)}`, user, el("ul", { class: "list" }, items));
    }),
    more ? el("p", { class: "hint" }, "There are more. These are the first.") : "",
  ];
}
