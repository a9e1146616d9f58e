// A course: its seats, and who waits for one.

import { call, get } from "./api.js";
import { confirm } from "./confirm.js";
import { el, say } from "./dom.js";
import { fill, more, renew } from "./panel.js";
import * as words from "./words.js";

const PAGE = 100;

export function title(id) {
  return `Course ${id}`;
}

export function show(main, signal, id) {
  const content = el("div");
  main.replaceChildren(el("h1", { tabindex: "-1" }, title(id)), content);
  const again = (message) => renew(main, signal, () => show(main, signal, id), message);
  return fill(content, async () => {
    const [seats, list] = await Promise.all([get(`/courses/${id}/seats`, signal), waiting(id, again, signal)]);
    say(`${title(id)} is shown.`);
    return [
      keys(seats),
      el("p", { class: "hint" }, "The limit is the one that the service saw last. A course that it never saw has none."),
      el("section", {}, el("h2", {}, "Waiting list"), ...list),
    ];
  });
}

function keys({ limit, taken, held, free, waiting }) {
  const row = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, String(value)));
  return el(
    "dl",
    { class: "keys" },
    row("Limit", limit ?? "none"),
    row("Taken", taken),
    row("Held, not paid", held),
    row("Free", free ?? "no limit"),
    row("Waiting", waiting),
  );
}

/** Who waits, the longest first. */
async function waiting(id, again, signal) {
  const list = el("ol", { class: "enrolments" });
  let after = 0;
  const add = async () => {
    const page = await get(`/waiting?course_id=${id}&limit=${PAGE}&after=${after}`, signal);
    list.append(...page.waiting.map((entry) => item(entry, again)));
    after = page.next;
    return page.next !== null;
  };
  const isMore = await add();
  if (list.childElementCount === 0) return [el("p", { class: "empty" }, "No user waits.")];
  return [list, ...(isMore ? [more(add)] : [])];
}

function item({ id, course_id: course, user_id: user, position, created_at: since }, again) {
  const click = () => leave(id, course, user, again);
  const button = el("button", { "aria-label": `Take off the list: ${user}`, click }, "Take off the list");
  return el(
    "li",
    {},
    `${position}. `,
    el("a", { href: `#/users/${encodeURIComponent(user)}` }, user),
    " since ",
    el("time", { datetime: since }, words.moment(since)),
    el("div", { class: "buttons" }, button),
  );
}

async function leave(id, course, user, again) {
  const done = await confirm({
    title: `Take off the list: ${user}`,
    text: [
      `This takes the user off the waiting list of course ${course}. The users behind move up. There is no mail.`,
      "This cannot be undone: who waits again goes to the end.",
    ],
    action: "Take off the list",
    run: () => call("DELETE", `/waiting/${id}`),
  });
  if (done) await again("The user is off the list.");
}
