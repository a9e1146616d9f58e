// The list of pending deliveries, by kind, state and reason, and one delivery.

import { find, get, reader } from "./api.js";
import { buttons } from "./bulk.js";
import { draw } from "./delivery.js";
import { el } from "./dom.js";
import { pages, part } from "./panel.js";
import * as words from "./words.js";

const KEYS = ["kind", "state", "reason"];

export const sum = (groups) => groups.reduce((all, { count }) => all + count, 0);

/** The address of a list. Values that are missing are left out. */
export function address(filter) {
  const pairs = KEYS.filter((key) => filter[key]).map((key) => [key, filter[key]]);
  return pairs.length > 0 ? `#/deliveries?${new URLSearchParams(pairs)}` : "#/deliveries";
}

export function title(_, query) {
  const { kind, state } = Object.fromEntries(query);
  return `${state ? words.capital(state) : "Pending"}: ${kind ? words.kind(kind) : "all deliveries"}`;
}

export function show(main, signal, _, query) {
  const filter = Object.fromEntries(query);
  const choice = part(() => get("/deliveries/summary", signal), ({ deliveries }) => choose(filter, deliveries));
  const list = all(query, "There are none.", signal);
  main.append(choice.element, list.element);
  return [choice, list];
}

/** The deliveries of a filter. */
export function all(filter, none, signal) {
  return pages(reader("/deliveries", "deliveries", [...filter, ["limit", 100]], signal), draw, none);
}

/** Links to other lists, each with its number, and what can be done with all of this one. */
function choose(filter, deliveries) {
  const { kind, state, reason } = filter;
  const count = (other) => sum(deliveries.filter((own) => KEYS.every((key) => !other[key] || own[key] === other[key])));
  const row = (name, key, choices) => el(
    "p",
    { class: "choice" },
    el("span", {}, name),
    el("span", {}, choices.map(([text, other, number]) => {
      const isChosen = other[key] === filter[key];
      if (number === 0 && !isChosen) return "";
      return el("a", { href: address(other), "aria-current": isChosen ? "true" : false }, `${text} ${words.number(number)}`);
    })),
  );
  const option = (text, other) => [text, other, count(other)];
  const states = Object.keys(words.STATES);
  const kinds = [...new Set([...deliveries.map((own) => own.kind), ...(kind ? [kind] : [])])];
  const rows = [
    row("State", "state", [option("All", { kind }), ...states.map((own) => option(words.capital(own), { kind, state: own }))]),
    row("Kind", "kind", [option("All", { state }), ...kinds.map((own) => option(words.kind(own), { kind: own, state }))]),
  ];
  const group = deliveries.find((own) => own.kind === kind && own.state === state);
  const reasons = (group?.reasons ?? []).filter((own) => own.reason);
  if (reason && !reasons.some((own) => own.reason === reason)) reasons.push({ reason, count: 0 });
  if (reasons.length > 0) {
    const some = reasons.map((own) => [words.capital(own.reason), { kind, state, reason: own.reason }, own.count]);
    rows.push(row("Reason", "reason", [option("All", { kind, state }), ...some]));
  }
  const number = reason ? sum(reasons.filter((own) => own.reason === reason)) : count(filter);
  return [
    el("nav", { "aria-label": "Filter" }, rows),
    state ? el("p", { class: "hint" }, words.STATES[state]) : "",
    state === "dead" && kind && number > 0 ? buttons(filter, number) : "",
  ];
}

export const one = {
  title: (id) => `Delivery ${id}`,
  show(main, signal, id) {
    const read = async () => {
      const delivery = await find(`/deliveries/${id}`, signal);
      return [delivery ? [delivery] : [], null];
    };
    const own = pages(read, draw, `There is no delivery ${id}. What is done is kept for a while only.`);
    main.append(own.element);
    return [own];
  },
};
