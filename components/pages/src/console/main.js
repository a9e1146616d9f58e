// Shows the part of the console that the fragment of the address selects.

import { forget, keep, token } from "./api.js";
import * as books from "./books.js";
import * as course from "./course.js";
import * as deliveries from "./deliveries.js";
import { el, say } from "./dom.js";
import * as enrolment from "./enrolment.js";
import { start } from "./live.js";
import * as mails from "./mails.js";
import * as search from "./search.js";
import * as summary from "./summary.js";
import * as user from "./user.js";

const main = document.getElementById("main");
const confirm = document.getElementById("confirm");
const forgetButton = document.getElementById("forget");
const searched = document.getElementById("query");

/** A page has a title and shows its parts, which it returns. Both get what is in the parentheses, and the query. */
const VIEWS = [
  [/^$/, summary],
  [/^search$/, search],
  [/^deliveries$/, deliveries],
  [/^deliveries\/([1-9]\d{0,18})$/, deliveries.one],
  [/^enrolments\/([1-9]\d{0,9})$/, enrolment],
  [/^courses\/([1-9]\d{0,9})$/, course],
  [/^users\/([^/]+)$/, user],
  [/^mails$/, mails],
  [/^mails\/([a-z_]+\/[a-z]+)$/, mails.one],
  [/^books$/, books],
];

/** Aborts the requests of the current page. */
let asking = new AbortController();

function view() {
  const [path, query] = location.hash.replace(/^#?\/?/, "").split("?");
  const [pattern, page] = VIEWS.find(([pattern]) => pattern.test(path)) ?? [];
  try {
    return page && [page, decodeURIComponent(pattern.exec(path)[1] ?? ""), new URLSearchParams(query)];
  } catch {
    return undefined;
  }
}

/** Shows the page of the address. `moved`: also moves the focus there. */
function show(moved) {
  clear();
  if (token() === null) return signIn("");
  forgetButton.hidden = false;
  const [page, ...at] = view() ?? [];
  const title = page ? page.title(...at) : "Not found";
  document.title = `${title} · Enrolments`;
  for (const link of document.querySelectorAll("header a")) link.ariaCurrent = link.hash === (location.hash || "#/") ? "page" : null;
  const heading = el("h1", { tabindex: "-1" }, title);
  main.replaceChildren(heading);
  if (!page) main.append(el("p", {}, "There is nothing at this address. ", el("a", { href: "#/" }, "Show pending deliveries.")));
  start(page?.show(main, asking.signal, ...at) ?? [], asking.signal);
  if (moved) heading.focus();
}

/** Ends what the page does. */
function clear() {
  asking.abort();
  asking = new AbortController();
  confirm.close();
  forgetButton.hidden = true;
  start([], asking.signal);
  say("");
}

/** Asks for the token. */
function signIn(why) {
  document.title = "Token · Enrolments";
  const input = el("input", { id: "token", type: "password", autocomplete: "off", spellcheck: "false", "aria-describedby": "token-hint" });
  const submit = (event) => {
    event.preventDefault();
    keep(input.value.trim());
    show(true);
  };
  main.replaceChildren(
    el("h1", { tabindex: "-1" }, "Token"),
    el("p", { class: "problem", role: "alert" }, why),
    el(
      "form",
      { class: "token", submit },
      el("label", { for: "token" }, "Your token"),
      input,
      el("p", { class: "hint", id: "token-hint" }, "This tab keeps it until you close the tab. Leave it empty if the service requires no token."),
      el("button", { class: "strong" }, "Continue"),
    ),
  );
  input.focus();
}

function another(why) {
  clear();
  forget();
  signIn(why);
}

document.addEventListener("token-refused", () => {
  // Several requests may fail at the same time.
  if (token() !== null) another(token() ? "The service does not know this token." : "The service requires a token.");
});
document.addEventListener("token-wanted", () => another(""));
forgetButton.addEventListener("click", () => another(""));

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const hash = search.address(searched.value);
  if (location.hash === hash) show(true);
  else location.hash = hash;
});
searched.addEventListener("focus", () => searched.select());
document.getElementById("skip").addEventListener("click", () => main.focus());
addEventListener("hashchange", () => show(true));
show(false);
