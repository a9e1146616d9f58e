// A course: its seats, and who waits for one.

import { call, get, reader } from "./api.js";
import { confirm } from "./confirm.js";
import { copied, el, facts, section, time } from "./dom.js";
import { again } from "./live.js";
import { pages, part } from "./panel.js";

export const title = (id) => `Course ${id}`;

export function show(main, signal, id) {
  const seats = part(() => get(`/courses/${id}/seats`, signal), draw);
  const read = reader("/waiting", "waiting", [["course_id", id], ["limit", 100]], signal);
  const list = pages(read, line, "No user waits.", "ol");
  main.append(
    seats.element,
    el("p", { class: "hint" }, "The limit is the one that the service saw last. A course that it never saw has none."),
    section("Waiting list", list.element),
  );
  return [seats, list];
}

function draw({ limit, taken, held, free, waiting }) {
  const rows = [["Limit", limit ?? "none"], ["Taken", taken], ["Held, not paid", held], ["Free", free ?? "no limit"], ["Waiting", waiting]];
  return facts(rows.map(([name, value]) => [name, String(value)]));
}

function line({ id, course_id: course, user_id: user, position, created_at: since }) {
  const click = () => leave(id, course, user);
  return [
    `${position}. `,
    copied(user, "user", el("a", { href: `#/users/${encodeURIComponent(user)}` }, user)),
    el("span", { class: "hint" }, " since ", time(since)),
    el("div", { class: "buttons" }, el("button", { "aria-label": `Take off the list: ${user}`, click }, "Take off the list")),
  ];
}

async function leave(id, course, user) {
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
