// The enrolments of a user, in pages.

import { get } from "./api.js";
import { el, say } from "./dom.js";
import { fill, more } from "./panel.js";

const PAGE = 50;

export function title(user) {
  return `Enrolments of ${user}`;
}

export function show(main, signal, user) {
  const content = el("div");
  main.replaceChildren(el("h1", { tabindex: "-1" }, title(user)), content);
  return fill(content, () => load(user, signal));
}

async function load(user, signal) {
  const list = el("ul", { class: "enrolments" });
  let after = 0;
  const add = async () => {
    const { enrolments, next } = await get(`/?user_id=${encodeURIComponent(user)}&limit=${PAGE}&after=${after}`, signal);
    list.append(...enrolments.map(item));
    after = next;
    say(`${list.childElementCount} enrolments.`);
    return next !== null;
  };
  const isMore = await add();
  if (list.childElementCount === 0 && !isMore) {
    return el("p", { class: "empty" }, "This user has no enrolments. User ids must match exactly.");
  }
  return [list, ...(isMore ? [more(add)] : [])];
}

function item({ id, course_id: course, status, payment_status: payment }) {
  return el(
    "li",
    {},
    el("a", { href: `#/enrolments/${id}` }, `Enrolment ${id}`),
    ` in course ${course} `,
    el("span", { class: `state ${status}` }, status),
    " ",
    el("span", { class: `state ${payment}` }, payment),
  );
}
