// The dialog that asks for confirmation before a change.

import { sentences } from "./api.js";
import { el, say } from "./dom.js";

const part = (name) => document.getElementById(`confirm${name}`);
const dialog = part("");

let asked = null;

/**
 * Describes `action` and asks for confirmation. Then `run` gets the values of the fields.
 * If it fails, the dialog shows the error, also beside the fields that it names, and stays
 * open. Resolves with the result of `run`, or undefined without a confirmation.
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
    "aria-describedby": `${id}-fault${hint ? ` ${id}-hint` : ""}`,
    ...rest,
  });
  const parts = [el("label", { for: id }, label), input, el("p", { class: "problem", id: `${id}-fault` })];
  if (hint) parts.push(el("p", { class: "hint", id: `${id}-hint` }, hint));
  return el("div", { class: "field" }, ...parts);
}

/** Shows what is wrong with a field, or that nothing is. */
function mark(input, fault) {
  document.getElementById(`${input.id}-fault`).textContent = fault;
  if (fault) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

/** Shows each fault beside its field, and the others below. */
function show({ message, said = message, faults = [] }, form) {
  const input = ({ field }) => form.elements.namedItem(field);
  for (const fault of faults.filter(input)) mark(input(fault), fault.msg);
  part("-error").textContent = sentences(said, faults.filter((fault) => !input(fault)));
  form.querySelector("[aria-invalid]")?.focus();
}

/** The values of the fields without empty ones. */
function values(form, fields) {
  const value = ({ type, value, checked }) => (type === "checkbox" ? checked || "" : value);
  const pairs = fields.map(({ name }) => [name, value(form.elements.namedItem(name))]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
}

part("-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const own = asked;
  // The button was pressed twice.
  if (own.busy) return;
  own.busy = true;
  part("-error").textContent = "";
  for (const { name } of own.fields) mark(event.target.elements.namedItem(name), "");
  part("-do").setAttribute("aria-disabled", "true");
  const isShown = () => dialog.open && own === asked;
  try {
    own.result = await own.run(values(event.target, own.fields));
  } catch (error) {
    if (isShown()) show(error, event.target);
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
