// Shows the part of the console that the fragment of the address selects.

import * as books from "./books.js";
import * as course from "./course.js";
import { el, say } from "./dom.js";
import * as enrolment from "./enrolment.js";
import * as pending from "./pending.js";
import { forget, keep, token } from "./token.js";
import * as user from "./user.js";

const main = document.getElementById("main");
const confirm = document.getElementById("confirm");
const forgetButton = document.getElementById("forget");

/** Aborts the requests of the current view. */
let asking = new AbortController();

function view() {
  const [name, value, ...rest] = location.hash.replace(/^#?\/?/, "").split("/");
  if (rest.length > 0) return null;
  if (name === "" && value === undefined) return [pending];
  if (name === "books" && value === undefined) return [books];
  const numbered = { enrolments: enrolment, courses: course }[name];
  if (numbered && /^[1-9][0-9]{0,9}$/.test(value)) return [numbered, Number(value)];
  if (name === "users" && value) {
    try {
      return [user, decodeURIComponent(value)];
    } catch {
      return null;
    }
  }
  return null;
}

/** Shows the view of the address. `moved`: also moves the focus there. */
function show(moved) {
  asking.abort();
  asking = new AbortController();
  confirm.close();
  forgetButton.hidden = !token();
  say("");
  if (token() === null) return signIn("");
  const [part, value] = view() ?? [];
  if (part) {
    part.show(main, asking.signal, value);
  } else {
    main.replaceChildren(
      el("h1", { tabindex: "-1" }, "Not found"),
      el("p", {}, "There is nothing at this address. ", el("a", { href: "#/" }, "Show pending deliveries.")),
    );
  }
  document.title = `${part ? part.title(value) : "Not found"} · Enrolments`;
  if (moved) main.querySelector("h1").focus();
}

/** Asks for the token. */
function signIn(why) {
  document.title = "Token · Enrolments";
  const input = el("input", {
    id: "token",
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": "token-hint",
  });
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
  asking.abort();
  forget();
  forgetButton.hidden = true;
  confirm.close();
  signIn(why);
}

document.addEventListener("token-refused", () => {
  // Several requests may fail at the same time.
  if (token() !== null) another(token() ? "The service does not know this token." : "The service requires a token.");
});
document.addEventListener("token-wanted", () => another(""));
forgetButton.addEventListener("click", () => another(""));

/** Makes a form open the address for its input. */
function search(form, input, address) {
  document.getElementById(form).addEventListener("submit", (event) => {
    event.preventDefault();
    const hash = address(document.getElementById(input).value);
    if (location.hash === hash) show(true);
    else location.hash = hash;
  });
}
search("find-enrolment", "enrolment-number", (number) => `#/enrolments/${number.trim()}`);
search("find-course", "course-number", (number) => `#/courses/${number.trim()}`);
search("find-user", "user-id", (id) => `#/users/${encodeURIComponent(id)}`);

document.getElementById("skip").addEventListener("click", () => main.focus());
addEventListener("hashchange", () => show(true));
show(false);
