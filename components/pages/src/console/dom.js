// Elements and texts. Data from the API are never interpreted as HTML.

import * as words from "./words.js";

const hasNone = (value) => value === null || value === undefined || value === "";

export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat(2).filter((child) => !hasNone(child)));
  return element;
}

/** Announces a result, also to screen readers. */
export function say(text) {
  document.getElementById("status").textContent = text;
}

/** A link to another site; only a text if `url` is not http or https. */
export function outside(url, text) {
  if (!/^https?:\/\//i.test(url)) return text;
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}

/** `shown` with a button that copies `text`. `name` says what it is. */
export function copied(text, name, shown = String(text)) {
  const box = el("span", { class: "copied" }, el("span", {}, shown));
  const click = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(`Copied: ${text}`);
    } catch {
      // Browsers copy over https only.
      getSelection().selectAllChildren(box.firstChild);
      say("The browser does not let this page copy. The text is selected: copy it with the keyboard.");
    }
  };
  box.append(el("button", { type: "button", class: "copy", "aria-label": `Copy ${name} ${text}`, click }));
  return box;
}

/** A time of the API: how long ago it was, or how far away it is, and in full. */
export function time(at) {
  return el("time", { datetime: at }, el("span", { class: "age" }, words.age(at)), " ", el("span", {}, words.moment(at)));
}

/** Shows how old everything is by now. */
export function growOlder() {
  for (const age of document.querySelectorAll("time .age")) age.textContent = words.age(age.parentElement.dateTime);
}

/** Names and values, without those that have no value. */
export function facts(pairs, kind = "keys") {
  const rows = pairs.filter(([, value]) => !hasNone(value) && value.length !== 0);
  return el("dl", { class: kind }, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

/** A table. Each row begins with its name. */
export function table(caption, heads, rows, kind) {
  const head = el("tr", {}, heads.map((name) => el("th", { scope: "col" }, name)));
  const body = rows.map(([name, ...cells]) => el("tr", {}, el("th", { scope: "row" }, name), cells.map((cell) => el("td", {}, cell))));
  return el("table", { class: kind }, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, body));
}

/** A state, a status: a word in its colour. */
export const badge = (word, text = word) => el("span", { class: `state ${word}` }, text);

export const section = (name, ...content) => el("section", {}, el("h2", {}, name), ...content);
