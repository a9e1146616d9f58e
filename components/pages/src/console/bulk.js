// What can be done with all dead deliveries of a kind and a reason.

import { call, reader } from "./api.js";
import { confirm } from "./confirm.js";
import { NOTE, beforeRetry } from "./delivery.js";
import { el } from "./dom.js";
import { again } from "./live.js";
import * as words from "./words.js";

/** Buttons for the `count` dead deliveries of a filter. */
export function buttons(filter, count) {
  const name = `${words.number(count)} × ${words.kind(filter.kind)}${filter.reason ? `, ${filter.reason}` : ""}`;
  const button = (label, click) => el("button", { "aria-label": `${label}: ${name}`, click }, `${label}…`);
  return el(
    "div",
    { class: "buttons" },
    button(`Retry all ${words.number(count)}`, () => retry(filter, count)),
    button(`Resolve all ${words.number(count)}`, () => resolve(filter)),
  );
}

/** Which ones, for people. */
function which({ kind, reason }, count) {
  const why = reason ? ` and the reason “${words.capital(reason)}”` : "";
  return `${words.many(count, "dead delivery", "dead deliveries")} of the kind “${words.kind(kind)}”${why}`;
}

async function retry(filter, count) {
  const { kind, reason } = filter;
  const done = await confirm({
    title: `Retry all: ${words.kind(kind)}`,
    text: [`This retries ${which(filter, count)}. The next run tries them, usually within a minute.`, beforeRetry(kind)],
    action: `Retry ${words.number(count)}`,
    run: () => call("POST", "/deliveries/retry", { body: { kind, ...(reason ? { reason } : {}) } }),
  });
  if (done) await again(`${words.number(done.retried)} are retried.`);
}

async function resolve(filter) {
  const ids = await idsOf(filter);
  let number = 0;
  const done = await confirm({
    title: `Resolve all: ${words.kind(filter.kind)}`,
    text: [
      `This records that somebody did ${which(filter, ids.length)}. The service does not try them again. Do it first, then confirm.`,
      "They get the same note. It stops at the first that fails.",
    ],
    fields: [NOTE],
    action: `Resolve ${words.number(ids.length)}`,
    async run(body, progress, closed) {
      while (ids.length > 0 && !closed.aborted) {
        progress(`${words.number(number)} done, ${words.number(ids.length)} left`);
        try {
          await call("POST", `/deliveries/${ids[0]}/resolution`, { body });
        } catch (error) {
          if (number > 0) error.said = error.message = `${words.number(number)} are resolved. Delivery ${ids[0]}: ${error.message}`;
          progress(`Resolve the other ${words.number(ids.length)}`);
          throw error;
        }
        ids.shift();
        number += 1;
      }
      return number;
    },
  });
  if (done || number > 0) await again(`${words.number(number)} are resolved${ids.length > 0 ? `, ${words.number(ids.length)} are not` : ""}.`);
}

async function idsOf(filter) {
  const ids = [];
  const read = reader("/deliveries", "deliveries", [...Object.entries(filter).filter(([, value]) => value), ["limit", 1000]]);
  for (let after = 0; after !== null; ) {
    const [page, next] = await read(after);
    ids.push(...page.map(({ id }) => id));
    after = next;
  }
  return ids;
}
