// Reads the page now, and again while somebody looks at it.

import { isAborted } from "./api.js";
import { growOlder, say } from "./dom.js";
import { first } from "./panel.js";
import { moment } from "./words.js";

/** Milliseconds. */
const EVERY = 15_000;

const main = document.getElementById("main");
const line = document.getElementById("updated");

let parts = [];
let signal = null;
/** The last reading: each waits for the one before. */
let reading = Promise.resolve();
let isReading = false;
let readAt = "";

const tell = (text) => (line.firstElementChild.textContent = text);

/** Shows `own`, the parts of the page. Those that are `still` are read again only after a change. */
export function start(own, until) {
  [parts, signal, readAt] = [own, until, ""];
  line.hidden = own.every(({ still }) => still);
  tell("Loading…");
  reading = Promise.all(own.map(first)).then((failures) => own === parts && updated(until, failures.find(Boolean)));
}

/** Reads the page again after a change, and says what happened. The focus goes to the heading if it is lost. */
export async function again(message) {
  const until = signal;
  await read(parts);
  if (!until.aborted && !main.contains(document.activeElement)) main.querySelector("h1")?.focus();
  say(message);
}

/** Everything is read before anything is drawn: then nothing moves that is being read. */
function read(own, mayDraw = () => true) {
  const until = signal;
  reading = reading.then(async () => {
    isReading = true;
    const loaded = await Promise.allSettled(own.map((part) => part.load()));
    isReading = false;
    if (until.aborted || !mayDraw()) return;
    const seen = document.elementFromPoint(innerWidth / 2, innerHeight / 3)?.closest("li, tr, section, div");
    const top = seen?.getBoundingClientRect().top;
    for (const { value } of loaded) value?.();
    if (seen?.isConnected) scrollBy(0, seen.getBoundingClientRect().top - top);
    updated(until, loaded.find(({ reason }) => reason)?.reason);
  });
  return reading;
}

function updated(until, failure) {
  if (until.aborted || (failure && isAborted(failure))) return;
  if (!failure) readAt = moment(new Date()).slice(11);
  tell(failure ? `Not updated${readAt && ` since ${readAt}`}: ${failure.message}` : `Updated at ${readAt}.`);
}

/** Whether somebody works in the page: then nothing changes below their hands. */
function isInUse() {
  const focus = document.activeElement;
  return document.querySelector("dialog[open]") !== null || (main.contains(focus) && !focus.matches("main, h1"));
}

function look() {
  if (document.hidden || line.hidden || isReading) return;
  growOlder();
  if (!isInUse()) read(parts.filter(({ still }) => !still), () => !isInUse());
  else if (readAt) tell(`Updated at ${readAt}. Waits while you are in the page.`);
}

setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
document.getElementById("refresh").addEventListener("click", () => read(parts));
