// The texts of mails: all of them, and one to edit.

import { call, get } from "./api.js";
import { confirm } from "./confirm.js";
import { el, facts, section, table, time } from "./dom.js";
import * as form from "./form.js";
import { again } from "./live.js";
import { part } from "./panel.js";
import * as words from "./words.js";

const LANGUAGES = { en: "English", pl: "Polish" };
const language = (code) => LANGUAGES[code] ?? code;

export const title = () => "Texts of mails";

export function show(main, signal) {
  const list = part(() => get("/mails", signal), draw);
  main.append(el("p", {}, "A mail is in the language of its user, else of its course, else of the service. A text counts for mails that are created from now on."), list.element);
  return [list];
}

function draw({ mails }) {
  const codes = [...new Set(mails.map((mail) => mail.language))];
  const kinds = [...new Set(mails.map(({ kind }) => kind))];
  const own = (kind, code) => cell(mails.find((mail) => mail.kind === kind && mail.language === code));
  const rows = kinds.map((kind) => [words.capital(kind), ...codes.map((code) => own(kind, code))]);
  return table("By kind and language", ["Kind", ...codes.map(language)], rows);
}

function cell(mail) {
  if (!mail) return "";
  const { kind, language: code, own, changed_at: at, changed_by: by } = mail;
  const name = own ? "Own" : "Built-in";
  const link = el("a", { href: `#/mails/${kind}/${code}`, "aria-label": `${name} text: ${words.capital(kind)}, ${language(code)}` }, name);
  return own ? [link, " ", time(at), by ? ` by ${by}` : ""] : link;
}

export const one = {
  title(place) {
    const [kind, code] = place.split("/");
    return `Mail: ${words.capital(kind)}, ${language(code)}`;
  },
  show(main, signal, place) {
    const read = async () => (await get("/mails", signal)).mails.find((mail) => `${mail.kind}/${mail.language}` === place) ?? null;
    // What is being edited is not read again by itself.
    const own = part(read, (mail) => (mail ? edit(mail, `/mails/${place}`, signal) : el("p", { class: "empty" }, "There is no such mail.")), true);
    main.append(own.element);
    return [own];
  },
};

function edit(mail, path, signal) {
  const names = (list) => list.map((name) => `{${name}}`).join(" ");
  const failed = el("p", { class: "problem", role: "alert" });
  const preview = el("div");
  const reset = mail.own ? el("button", { type: "button", click: () => builtIn(path) }, "Back to the built-in text…") : "";
  const own = el(
    "form",
    { submit: (event) => run(event, save) },
    form.field({ name: "subject", label: "Subject", value: mail.subject, required: true, maxlength: "200" }),
    form.field({ name: "text", label: "Text", value: mail.text, long: true, rows: "14", required: true, maxlength: "8000", hint: "An empty line ends a paragraph. The mail has the text also as HTML." }),
    failed,
    el("div", { class: "buttons" }, el("button", { class: "strong" }, "Save"), el("button", { type: "button", click: (event) => run(event, show) }, "Preview"), reset),
  );
  const show = async () => {
    const { subject, text } = await call("POST", `${path}/preview`, { body: form.values(own), signal });
    preview.replaceChildren(el("h3", {}, subject), el("pre", {}, text));
  };
  const save = async () => {
    await call("PUT", path, { body: form.values(own) });
    await again("The text is saved.");
  };
  /** Shows what is wrong with the text. */
  async function run(event, work) {
    event.preventDefault();
    failed.textContent = "";
    form.unmark(own);
    try {
      await work();
    } catch (error) {
      failed.textContent = form.show(error, own);
    }
  }
  const by = mail.changed_by ? ` by ${mail.changed_by}` : "";
  return [
    facts([
      ["Text", mail.own ? ["own text, ", time(mail.changed_at), by] : "built-in"],
      ["Required", names(mail.required)],
      ["Optional: a paragraph without its value is left out", names(mail.optional)],
    ]),
    own,
    section("Preview", el("p", { class: "hint" }, "With sample values, as plain text."), preview),
  ];
}

async function builtIn(path) {
  const done = await confirm({
    title: "Back to the built-in text",
    text: ["This deletes the own text. Mails that are created from now on have the built-in one."],
    action: "Delete the own text",
    run: () => call("DELETE", path),
  });
  if (done) await again("The mail has its built-in text.");
}
