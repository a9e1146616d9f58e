// What is owed and how old it is, by kind and state, the dead first.

import { get } from "./api.js";
import { item } from "./deliveries.js";
import { el, say } from "./dom.js";
import { fill, more } from "./panel.js";
import * as words from "./words.js";

const PAGE = 100;
const STATES = ["dead", "unknown", "due"];

export function title() {
  return "What is owed";
}

export function show(main, signal) {
  const content = el("div");
  main.replaceChildren(el("h1", { tabindex: "-1" }, title()), content);
  return fill(content, () => load(signal));
}

async function load(signal) {
  const owed = await Promise.all(STATES.map(async (state) => ({ state, ...(await page(state, 0, signal)) })));
  if (owed.every(({ deliveries }) => deliveries.length === 0)) {
    say("Nothing is owed.");
    return el("p", { class: "empty" }, "Nothing is owed: all invoices, mails and events are delivered.");
  }
  const counts = el("div");
  const kind = el("select", { id: "kind", change: draw }, el("option", { value: "" }, "All kinds"));
  const lists = owed.map((own) => section(own, draw, signal));
  const content = [
    counts,
    el("div", { class: "filter" }, el("label", { for: "kind" }, "Show"), kind),
    ...lists.map(({ element }) => element),
  ];
  draw();
  const number = owed.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
  say(`${number} owed.`);
  return content;

  /** Counts what is loaded, and shows what is chosen of it. */
  function draw() {
    const chosen = kind.value;
    const kinds = words.kinds(owed.flatMap(({ deliveries }) => deliveries.map(({ kind }) => kind)));
    const options = kinds.map((word) => el("option", { value: word }, words.kind(word)));
    kind.replaceChildren(el("option", { value: "" }, "All kinds"), ...options);
    kind.value = kinds.includes(chosen) ? chosen : "";
    counts.replaceChildren(table(kinds, owed));
    for (const list of lists) list.draw(kind.value);
  }
}

function page(state, after, signal) {
  return get(`/deliveries?state=${state}&after=${after}&limit=${PAGE}`, signal);
}

/** How many there are of each kind in each state, and how old the oldest is. */
function table(kinds, owed) {
  const all = owed.flatMap(({ deliveries }) => deliveries);
  const head = el("tr", {}, el("th", { scope: "col" }, "Kind"));
  for (const { state } of owed) head.append(el("th", { scope: "col" }, words.state(state)));
  const rows = kinds.map((kind) => {
    const cells = owed.map(({ state, next }) => {
      const own = all.filter((delivery) => delivery.kind === kind && delivery.state === state);
      if (own.length === 0) return el("td", {}, "0");
      // There are more than are loaded.
      const number = `${own.length}${next === null ? "" : "+"}`;
      const oldest = Math.max(...own.map((delivery) => words.secondsSince(delivery.created_at)));
      const age = el("span", { class: "age" }, `oldest ${words.duration(oldest)}`);
      return el("td", { class: state }, el("strong", {}, number), " ", age);
    });
    return el("tr", {}, el("th", { scope: "row" }, words.kind(kind)), ...cells);
  });
  return el("table", { class: "counts" }, el("caption", {}, "By kind and state"), el("thead", {}, head), el("tbody", {}, ...rows));
}

function section(own, changed, signal) {
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
        changed();
        say(`${deliveries.length} more.`);
        return next !== null;
      }),
    );
  }
  return { element, draw };

  function draw(kind) {
    const shown = own.deliveries.filter((delivery) => kind === "" || delivery.kind === kind);
    for (const delivery of shown) {
      if (!items.has(delivery.id)) items.set(delivery.id, item(delivery, changed));
    }
    list.replaceChildren(...shown.map(({ id }) => items.get(id)));
    element.hidden = shown.length === 0 && own.next === null;
  }
}
