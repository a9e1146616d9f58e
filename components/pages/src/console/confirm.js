// Asks before anything is changed, and says what became of it.

import { el, say } from "./dom.js";

const part = (name) => document.getElementById(`confirm${name}`);
const dialog = part("");

let asked = null;

/**
 * Says what `action` will do. Once it is confirmed, `run` does it with what was filled
 * in; where that fails, the dialog says why and stays. Gives what `run` gave, nothing if
 * it was not confirmed.
 */
export function confirm({ title, text, fields = [], action, run }) {
  part("-title").textContent = title;
  part("-text").replaceChildren(...text.map((sentence) => el("p", {}, sentence)));
  part("-fields").replaceChildren(...fields.map(field));
  part("-error").textContent = "";
  part("-do").textContent = action;
  part("-do").removeAttribute("aria-disabled");
  return new Promise((resolve) => {
    asked = { run, resolve, fields, result: undefined, busy: false };
    dialog.showModal();
  });
}

function field({ name, label, hint, long = false, ...rest }) {
  const id = `confirm-field-${name}`;
  const input = el(long ? "textarea" : "input", {
    id,
    name,
    autocomplete: "off",
    "aria-describedby": hint ? `${id}-hint` : null,
    ...rest,
  });
  const parts = [el("label", { for: id }, label), input];
  if (hint) parts.push(el("p", { class: "hint", id: `${id}-hint` }, hint));
  return el("div", { class: "field" }, ...parts);
}

/** What was filled in; what was left empty is left out. */
function values(form, fields) {
  const pairs = fields.map(({ name }) => [name, form.elements.namedItem(name).value]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
}

part("-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const own = asked;
  // It was confirmed already.
  if (own.busy) return;
  own.busy = true;
  part("-error").textContent = "";
  part("-do").setAttribute("aria-disabled", "true");
  const isShown = () => dialog.open && own === asked;
  try {
    own.result = await own.run(values(event.target, own.fields));
  } catch (error) {
    if (isShown()) part("-error").textContent = error.message;
    else say(error.message);
  }
  own.busy = false;
  if (own === asked) part("-do").removeAttribute("aria-disabled");
  if (!isShown()) own.resolve(own.result);
  else if (own.result !== undefined) dialog.close();
});

part("-back").addEventListener("click", () => dialog.close());

// Also by Escape. What is under way comes to its end all the same.
dialog.addEventListener("close", () => {
  if (!asked.busy) asked.resolve(asked.result);
});
