// Parts of the page with data from the API. `load` reads the data and resolves with a function that draws them.

import { isAborted } from "./api.js";
import { el, say } from "./dom.js";

/** A part that is drawn when its data have changed. `still`: not read again by itself. */
export function part(read, draw, still = false) {
  const element = el("div");
  let drawn;
  const load = async () => {
    const data = await read();
    const text = JSON.stringify(data);
    return () => {
      if (text !== drawn) element.replaceChildren(...[draw(data)].flat(2));
      drawn = text;
    };
  };
  return { element, load, still };
}

const refresh = () => document.getElementById("refresh").click();

/** Reads and draws a part for the first time. Resolves with the error if it fails. */
export async function first(own) {
  own.element.setAttribute("aria-busy", "true");
  own.element.replaceChildren(el("p", { class: "loading" }, "Loading…"));
  let failure;
  try {
    (await own.load())();
  } catch (error) {
    failure = error;
    if (!isAborted(error)) own.element.replaceChildren(problem(error, () => first(own).then(refresh)));
  }
  own.element.removeAttribute("aria-busy");
  return failure;
}

/** An error, with a button that may help. */
export function problem(error, again) {
  const box = el("div", { class: "problem", role: "alert" }, el("p", {}, error.message));
  if (error.status === 403) {
    const other = () => document.dispatchEvent(new CustomEvent("token-wanted"));
    box.append(el("button", { click: other }, "Use another token"));
  } else if (error.status === 0 || error.status >= 500) {
    box.append(el("button", { click: again }, "Try again"));
  }
  return box;
}

/**
 * A list in pages, in the order of the ids. `read(after)` resolves with items and where the next page begins, or null.
 * `draw(data, item, update)` gives what is in an item. What leaves the list stays visible where it is.
 */
export function pages(read, draw, none, tag = "ul", kind = "list") {
  const element = el("div");
  const list = el(tag, { class: kind });
  const empty = el("p", { class: "empty" }, none);
  const failed = el("p", { class: "problem", role: "alert" });
  const box = el("div", { class: "more" }, el("button", { click: more }, "Show more"), failed);
  /** By id: its element, and its data as text. */
  const shown = new Map();
  let next = 0;

  /** Reads as far as `end`, and until there is an item. */
  async function readTo(after, end) {
    const items = [];
    do {
      const [some, following] = await read(after);
      items.push(...some);
      after = following;
    } while (after !== null && (after < end || items.length === 0));
    return [items, after];
  }

  async function load() {
    const [items, following] = await readTo(0, next ?? Math.max(0, ...shown.keys()));
    return () => {
      next = following;
      const ids = new Set(items.map(({ id }) => id));
      for (const [id, { item }] of shown) if (!ids.has(id) && id <= (next ?? Infinity)) leave(id, item);
      items.forEach(place);
      const now = shown.size > 0 ? list : empty;
      if (element.firstElementChild !== now) element.replaceChildren(now, box);
      box.hidden = next === null;
    };
  }

  function leave(id, item) {
    if (item.isConnected && item.getBoundingClientRect().top < innerHeight) {
      item.classList.add("gone");
      item.querySelector(".buttons")?.replaceChildren(el("p", { class: "hint" }, "No longer in this list."));
      shown.get(id).text = "";
    } else {
      item.remove();
      shown.delete(id);
    }
  }

  function place(data) {
    const own = shown.get(data.id) ?? { item: el("li", { "data-id": data.id }) };
    const update = (fresh) => {
      own.text = JSON.stringify(fresh);
      own.item.className = "";
      own.item.replaceChildren(...draw(fresh, own.item, update));
    };
    if (own.text !== JSON.stringify(data)) update(data);
    if (shown.has(data.id)) return;
    shown.set(data.id, own);
    const after = [...list.children].findLast(({ dataset }) => Number(dataset.id) < data.id);
    if (after) after.after(own.item);
    else list.prepend(own.item);
  }

  async function more() {
    // It was pressed twice: the page is being loaded already.
    if (box.hasAttribute("aria-busy")) return;
    failed.textContent = "";
    box.setAttribute("aria-busy", "true");
    try {
      const [items, following] = await readTo(next, 0);
      next = following;
      items.forEach(place);
      box.hidden = next === null;
      say(`${list.childElementCount} are shown.`);
    } catch (error) {
      if (!isAborted(error)) failed.textContent = error.message;
    }
    box.removeAttribute("aria-busy");
  }

  return { element, load };
}
