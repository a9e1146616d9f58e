// The dialog that asks for confirmation before a change.

import { el, say } from "./dom.js";
import * as form from "./form.js";

const part = (name) => document.getElementById(`confirm${name}`);
const dialog = part("");

let asked = null;

/**
 * Describes `action` and asks for confirmation. Then `run` gets the values of the fields, a function that shows how far
 * it is, and a signal that the dialog was closed. If it fails, the dialog shows the error, also beside the fields that
 * it names, and stays open. Resolves with the result of `run`, or undefined without a confirmation.
 */
export function confirm({ title, text, fields = [], action, run }) {
  part("-title").textContent = title;
  part("-text").replaceChildren(...text.filter(Boolean).map((sentence) => el("p", {}, sentence)));
  part("-fields").replaceChildren(...fields.map(form.field));
  part("-error").textContent = "";
  part("-do").textContent = action;
  part("-do").removeAttribute("aria-disabled");
  return new Promise((resolve) => {
    asked = { run, resolve, result: undefined, busy: false, closed: new AbortController() };
    dialog.showModal();
  });
}

part("-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const own = asked;
  // The button was pressed twice.
  if (own.busy) return;
  own.busy = true;
  part("-error").textContent = "";
  form.unmark(event.target);
  part("-do").setAttribute("aria-disabled", "true");
  const isShown = () => dialog.open && own === asked;
  const progress = (text) => isShown() && (part("-do").textContent = text);
  try {
    own.result = await own.run(form.values(event.target), progress, own.closed.signal);
  } catch (error) {
    if (isShown()) part("-error").textContent = form.show(error, event.target);
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
  asked.closed.abort();
  if (!asked.busy) asked.resolve(asked.result);
});
