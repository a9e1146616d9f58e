// A part of the page that comes from the API: while it loads, when it is there, when it
// is not.

import { isOver } from "./api.js";
import { el } from "./dom.js";

/** Fills `element` with what `work` gives. */
export async function fill(element, work) {
  element.setAttribute("aria-busy", "true");
  element.replaceChildren(el("p", { class: "loading" }, "Loading…"));
  try {
    element.replaceChildren(...[await work()].flat());
  } catch (error) {
    if (isOver(error)) return;
    element.replaceChildren(problem(error, () => fill(element, work)));
  }
  element.removeAttribute("aria-busy");
}

/** What went wrong and what can be done about it. */
export function problem(error, again) {
  const box = el("div", { class: "problem", role: "alert" }, el("p", {}, error.message));
  if (error.status === 403) {
    const other = () => document.dispatchEvent(new CustomEvent("token-wanted"));
    box.append(el("p", {}, "Ask for a token that may, or use another one."));
    box.append(el("button", { click: other }, "Use another token"));
  } else if (error.status === 0 || error.status >= 500) {
    box.append(el("button", { click: again }, "Try again"));
  }
  return box;
}

/** A button that adds another page. `work` gives whether there is one more. */
export function more(work) {
  const failed = el("p", { class: "problem", role: "alert" });
  const button = el("button", { click: next }, "Show more");
  const box = el("div", { class: "more" }, button, failed);
  async function next() {
    // It was pressed already: the same page would come twice.
    if (box.hasAttribute("aria-busy")) return;
    failed.textContent = "";
    box.setAttribute("aria-busy", "true");
    try {
      if (!(await work())) box.remove();
    } catch (error) {
      if (isOver(error)) return;
      failed.textContent = error.message;
    }
    box.removeAttribute("aria-busy");
  }
  return box;
}
