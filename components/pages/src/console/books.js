// The check of the books: the documents of a month here and at the invoicing service, day by day.

import { Failure, get, isAborted } from "./api.js";
import { el, outside, say, section } from "./dom.js";
import { problem } from "./panel.js";
import * as words from "./words.js";

/** Milliseconds until a page is asked for again while a run of deliveries uses the invoicing service. */
const WAIT = 5_000;
const MOST_WAITS = 60;

const LISTS = {
  only_here: { name: "Only here", meaning: "Recorded here, but the invoicing service does not have them." },
  only_there: { name: "Only at the invoicing service", meaning: "Of this service, but not recorded here, such as after an older copy of the database was restored." },
  different: { name: "Different", meaning: "With another amount, currency or kind there, or canceled there." },
};

export const title = () => "Books";

export function show(main, signal) {
  const input = el("input", { id: "month", type: "month", pattern: "[0-9]{4}-[0-9]{2}", title: "Such as 2026-01", required: true, value: day(new Date()).slice(0, 7) });
  const button = el("button", { class: "strong" }, "Check");
  const result = el("div");
  let stop = null;
  const submit = async (event) => {
    event.preventDefault();
    if (stop) return stop.abort();
    stop = new AbortController();
    button.textContent = "Stop";
    await check(result, input.value, AbortSignal.any([signal, stop.signal]));
    button.textContent = "Check";
    stop = null;
  };
  main.append(
    el("p", {}, "Compares each document of a month with the invoicing service, by its day of issue. Deliveries go first, so a month can take some minutes."),
    el("form", { class: "filter", submit }, el("label", { for: "month" }, "Month"), input, button),
    result,
  );
  return [];
}

async function check(result, month, signal) {
  const days = daysOf(month);
  const lists = Object.fromEntries(Object.keys(LISTS).map((key) => [key, el("ul", { class: "list" })]));
  const bar = el("progress", { max: String(days.length), value: "0", "aria-label": "Days that are checked" });
  const facts = el("p", {}, bar);
  const sections = el("div");
  result.replaceChildren(facts, sections);
  result.setAttribute("aria-busy", "true");
  const count = { same: 0, others: 0, days: 0 };
  const draw = () => {
    bar.value = count.days;
    facts.replaceChildren(bar, ` ${count.days} of ${days.length} days: ${count.same} documents are the same on both sides; ${count.others} documents there are of others.`);
    const found = Object.keys(LISTS).filter((key) => lists[key].childElementCount > 0);
    sections.replaceChildren(...found.map((key) => section(LISTS[key].name, el("p", { class: "hint" }, LISTS[key].meaning), lists[key])));
    return found.length > 0;
  };
  try {
    for (const date of days) {
      for (let page = 1; page !== null; ) {
        const part = await ask(date, page, signal);
        for (const key of Object.keys(LISTS)) lists[key].append(...part[key].map((own) => item(date, own)));
        count.same += part.same;
        count.others += part.others;
        page = part.next;
      }
      count.days += 1;
      draw();
    }
    const differ = draw();
    if (!differ) sections.replaceChildren(el("p", { class: "empty" }, "The books are the same on both sides."));
    say(differ ? "The books differ." : "The books are the same on both sides.");
  } catch (error) {
    draw();
    if (isAborted(error)) say("Stopped.");
    else sections.prepend(problem(error, () => check(result, month, signal)));
  }
  result.removeAttribute("aria-busy");
}

/** A page of a day. While a run of deliveries uses the invoicing service, it waits. */
async function ask(date, page, signal) {
  for (let waits = 0; ; waits += 1) {
    try {
      return await get(`/documents/check?day=${date}&page=${page}`, signal);
    } catch (error) {
      if (!(error instanceof Failure) || error.status !== 503 || waits === MOST_WAITS) throw error;
      say("Waits for the invoicing service…");
      await pause(signal);
    }
  }
}

function pause(signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, WAIT);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** A document, or one here and there. */
function item(date, own) {
  const { here, there } = own.here ? own : { here: own, there: null };
  const enrolment = here.enrolment_id;
  const parts = [
    `${date} ${words.capital(here.kind)} `,
    here.url ? outside(here.url, here.number ?? "without a number") : here.number ?? "without a number",
    ` ${words.money(here.gross, here.currency)}`,
  ];
  if (there) parts.push(there.canceled ? " (there: canceled)" : ` (there: ${words.capital(there.kind)} ${words.money(there.gross, there.currency)})`);
  if (enrolment) parts.push(" ", el("a", { href: `#/enrolments/${enrolment}` }, `Enrolment ${enrolment}`));
  return el("li", {}, ...parts);
}

/** The days of a month until today. */
function daysOf(month) {
  const [year, number] = month.split("-").map(Number);
  const count = new Date(year, number, 0).getDate();
  const all = Array.from({ length: count }, (_, index) => `${month}-${String(index + 1).padStart(2, "0")}`);
  return all.filter((date) => date <= day(new Date()));
}

/** The date in Warsaw, as in the API. */
function day(time) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Warsaw" }).format(time);
}
