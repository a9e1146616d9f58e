// The dialog that asks for confirmation before a change.

import { el, say } from "./dom.js";

const part = (name) => document.getElementById(`confirm${name}`);
const dialog = part("");

let asked = null;

/**
 * Describes `action` and asks for confirmation. Then `run` gets the values of the fields.
 * If it fails, the dialog shows the error and stays open. Resolves with the result of
 * `run`, or undefined without a confirmation.
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

/** The values of the fields without empty ones. */
function values(form, fields) {
  const pairs = fields.map(({ name }) => [name, form.elements.namedItem(name).value]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
}

part("-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const own = asked;
  // The button was pressed twice.
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

// Escape closes the dialog, too. A running request continues.
dialog.addEventListener("close", () => {
  if (!asked.busy) asked.resolve(asked.result);
});
