// A part of the page with data from the API: loading, loaded, failed.

import { isAborted } from "./api.js";
import { el, say } from "./dom.js";

/** Fills `element` with the result of `work`. */
export async function fill(element, work) {
  element.setAttribute("aria-busy", "true");
  element.replaceChildren(el("p", { class: "loading" }, "Loading…"));
  try {
    element.replaceChildren(...[await work()].flat());
  } catch (error) {
    if (isAborted(error)) return;
    element.replaceChildren(problem(error, () => fill(element, work)));
  }
  element.removeAttribute("aria-busy");
}

/** Shows a view again, after a change, and says `message`. */
export async function renew(main, signal, view, message) {
  if (!signal.aborted) {
    await view();
    main.querySelector("h1").focus();
  }
  say(message);
}

/** An error, with a button that may help. */
export function problem(error, again) {
  const box = el("div", { class: "problem", role: "alert" }, el("p", {}, error.message));
  if (error.status === 403) {
    const other = () => document.dispatchEvent(new CustomEvent("token-wanted"));
    box.append(el("p", {}, "Use a token with the required role."));
    box.append(el("button", { click: other }, "Use another token"));
  } else if (error.status === 0 || error.status >= 500) {
    box.append(el("button", { click: again }, "Try again"));
  }
  return box;
}

/** A button that adds another page. `work` resolves with whether there are more pages. */
export function more(work) {
  const failed = el("p", { class: "problem", role: "alert" });
  const button = el("button", { click: next }, "Show more");
  const box = el("div", { class: "more" }, button, failed);
  async function next() {
    // It was pressed twice: the page is being loaded already.
    if (box.hasAttribute("aria-busy")) return;
    failed.textContent = "";
    box.setAttribute("aria-busy", "true");
    try {
      if (!(await work())) box.remove();
    } catch (error) {
      if (isAborted(error)) return;
      failed.textContent = error.message;
    }
    box.removeAttribute("aria-busy");
  }
  return box;
}
