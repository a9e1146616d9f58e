// Pending deliveries with their age, by kind and state; dead ones first.

import { get } from "./api.js";
import { item } from "./deliveries.js";
import { el, say } from "./dom.js";
import { fill, more, renew } from "./panel.js";
import * as words from "./words.js";

const PAGE = 100;
const STATES = ["dead", "unknown", "due"];

export function title() {
  return "Pending deliveries";
}

export function show(main, signal) {
  const content = el("div");
  main.replaceChildren(el("h1", { tabindex: "-1" }, title()), content);
  const again = (message) => renew(main, signal, () => show(main, signal), message);
  return fill(content, () => load(again, signal));
}

async function load(again, signal) {
  const groups = await Promise.all(STATES.map(async (state) => ({ state, ...(await page(state, 0, signal)) })));
  if (groups.every(({ deliveries }) => deliveries.length === 0)) {
    say("No pending deliveries.");
    return el("p", { class: "empty" }, "No pending deliveries: all invoices, mails and events are delivered.");
  }
  const counts = el("div");
  const kind = el("select", { id: "kind", change: draw }, el("option", { value: "" }, "All kinds"));
  const lists = groups.map((own) => section(own, { changed: draw, again }, signal));
  const content = [
    counts,
    el("div", { class: "filter" }, el("label", { for: "kind" }, "Show"), kind),
    ...lists.map(({ element }) => element),
  ];
  draw();
  const number = groups.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
  say(`${number} pending deliveries.`);
  return content;

  /** Counts all loaded deliveries, and shows those of the selected kind. */
  function draw() {
    const chosen = kind.value;
    const kinds = words.kinds(groups.flatMap(({ deliveries }) => deliveries.map(({ kind }) => kind)));
    const options = kinds.map((word) => el("option", { value: word }, words.kind(word)));
    kind.replaceChildren(el("option", { value: "" }, "All kinds"), ...options);
    kind.value = kinds.includes(chosen) ? chosen : "";
    counts.replaceChildren(table(kinds, groups));
    for (const list of lists) list.draw(kind.value);
  }
}

function page(state, after, signal) {
  return get(`/deliveries?state=${state}&after=${after}&limit=${PAGE}`, signal);
}

/** The number of deliveries by kind and state, and the age of the oldest. */
function table(kinds, groups) {
  const all = groups.flatMap(({ deliveries }) => deliveries);
  const head = el("tr", {}, el("th", { scope: "col" }, "Kind"));
  for (const { state } of groups) head.append(el("th", { scope: "col" }, words.state(state)));
  const rows = kinds.map((kind) => {
    const cells = groups.map(({ state, next }) => {
      const own = all.filter((delivery) => delivery.kind === kind && delivery.state === state);
      if (own.length === 0) return el("td", {}, "0");
      // Not all are loaded.
      const number = `${own.length}${next === null ? "" : "+"}`;
      const oldest = Math.max(...own.map((delivery) => words.secondsSince(delivery.created_at)));
      const age = el("span", { class: "age" }, `oldest ${words.duration(oldest)}`);
      return el("td", { class: state }, el("strong", {}, number), " ", age);
    });
    return el("tr", {}, el("th", { scope: "row" }, words.kind(kind)), ...cells);
  });
  return el("table", { class: "counts" }, el("caption", {}, "By kind and state"), el("thead", {}, head), el("tbody", {}, ...rows));
}

function section(own, then, signal) {
  const list = el("ul", { class: "deliveries" });
  const heading = el("h2", {}, words.state(own.state));
  const meaning = el("p", { class: "hint" }, words.STATES[own.state].meaning);
  const element = el("section", {}, heading, meaning, list);
  const items = new Map();
  if (own.next !== null) {
    element.append(
      more(async () => {
        const { deliveries, next } = await page(own.state, own.next, signal);
        own.deliveries.push(...deliveries);
        own.next = next;
        then.changed();
        say(`${deliveries.length} more.`);
        return next !== null;
      }),
    );
  }
  return { element, draw };

  function draw(kind) {
    const shown = own.deliveries.filter((delivery) => kind === "" || delivery.kind === kind);
    for (const delivery of shown) {
      if (!items.has(delivery.id)) items.set(delivery.id, item(delivery, then));
    }
    list.replaceChildren(...shown.map(({ id }) => items.get(id)));
    element.hidden = shown.length === 0 && own.next === null;
  }
}
