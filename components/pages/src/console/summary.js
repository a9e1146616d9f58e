// The first page: how much is pending, by kind and state, and why the dead ones are dead.

import { get } from "./api.js";
import { buttons } from "./bulk.js";
import { address, sum } from "./deliveries.js";
import { el, section, table, time } from "./dom.js";
import { part } from "./panel.js";
import { sentence } from "./reasons.js";
import * as words from "./words.js";

export const title = () => "Pending deliveries";

export function show(main, signal) {
  const own = part(() => get("/deliveries/summary", signal), draw);
  main.append(own.element);
  return [own];
}

function draw({ deliveries, new_events: events }) {
  const shown = deliveries.length > 0
    ? [counts(deliveries), ...dead(deliveries)]
    : [el("p", { class: "empty" }, "No pending deliveries: all invoices, mails and events are delivered.")];
  const wait = `${words.many(events.count, "new event", "new events")} without a delivery yet: the next run sends them. The oldest: `;
  return [...shown, events.count > 0 ? el("p", { class: "events" }, wait, time(events.oldest_at)) : ""];
}

function counts(deliveries) {
  const row = (kind, name) => [
    name,
    ...Object.keys(words.STATES).map((state) => {
      const own = deliveries.filter((group) => group.state === state && [undefined, group.kind].includes(kind));
      return cell(own, { kind, state }, name);
    }),
  ];
  const kinds = [...new Set(deliveries.map(({ kind }) => kind))];
  const rows = kinds.map((kind) => row(kind, words.kind(kind)));
  if (kinds.length > 1) rows.push(row(undefined, "All"));
  return table("By kind and state, with the age of the oldest", ["Kind", ...Object.keys(words.STATES).map(words.capital)], rows, "counts");
}

/** How many, as a link to them, and the oldest of them. */
function cell(groups, filter, name) {
  const count = sum(groups);
  if (count === 0) return el("span", { class: "zero" }, "0");
  const oldest = groups.map(({ oldest_at: at }) => at).sort()[0];
  const label = `${words.number(count)} ${filter.state}: ${name}`;
  return [el("a", { href: address(filter), class: filter.state, "aria-label": label }, words.number(count)), " ", time(oldest)];
}

/** What to do about the dead ones, reason by reason. */
function dead(deliveries) {
  const items = deliveries.filter(({ state }) => state === "dead").flatMap(({ kind, reasons }) =>
    reasons.map(({ reason, count }) => {
      const filter = { kind, state: "dead", reason };
      return el(
        "li",
        { class: "delivery dead" },
        el("p", { class: "name" }, el("a", { href: address(filter) }, `${words.number(count)} × ${words.kind(kind)}`)),
        el("p", { class: "reason" }, sentence(reason), " ", el("code", {}, reason ?? "no reason recorded")),
        reason ? buttons(filter, count) : "",
      );
    }),
  );
  return items.length > 0 ? [section("Dead, by reason", el("ul", {}, items))] : [];
}
