// Fields of a form, and what is wrong with them.

import { sentences } from "./api.js";
import { el } from "./dom.js";

/** A field with its label. `long`: of several lines. The others are attributes. */
export function field({ name, label, hint, long = false, value, ...rest }) {
  const id = `field-${name}`;
  const input = el(long ? "textarea" : "input", {
    id,
    name,
    autocomplete: "off",
    "aria-describedby": `${id}-fault${hint ? ` ${id}-hint` : ""}`,
    ...rest,
  });
  if (value) input.value = value;
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

const inputs = (form) => [...form.elements].filter(({ name }) => name);

export function unmark(form) {
  for (const input of inputs(form)) mark(input, "");
}

/** Shows each fault beside its field. Returns the others, with what is wrong in general. */
export function show({ message, said = message, faults = [] }, form) {
  const input = ({ field }) => form.elements.namedItem(field);
  for (const fault of faults.filter(input)) mark(input(fault), fault.msg);
  form.querySelector("[aria-invalid]")?.focus();
  return sentences(said, faults.filter((fault) => !input(fault)));
}

/** The values of the fields without empty ones. */
export function values(form) {
  const value = ({ type, value, checked }) => (type === "checkbox" ? checked || "" : value);
  return Object.fromEntries(inputs(form).map((input) => [input.name, value(input)]).filter(([, value]) => value !== ""));
}
