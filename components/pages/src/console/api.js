// The API of this origin, and what goes wrong with it.

import { token } from "./token.js";

const BASE = "/api/enrolment";

/** The service answers within 5 seconds, or what is in front of it gives up. */
const PATIENCE = 20_000;

/** What every token is made of. With anything else no request is even sent. */
const TOKEN = /^[\x21-\x7e]*$/;

/** An answer that is no success; `status` is 0 where there is none. */
export class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Whether `error` only says that nobody waits for the answer any more. */
export function isOver(error) {
  return error.name === "AbortError";
}

export async function call(method, path, { body, headers = {}, signal } = {}) {
  if (!TOKEN.test(token() ?? "")) throw refused("The service does not know this token.");
  const init = {
    method,
    headers: { ...headers },
    cache: "no-store",
    credentials: "omit",
    mode: "same-origin",
    // The token goes nowhere else.
    redirect: "error",
    signal: AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(signal ? [signal] : [])]),
  };
  if (token()) init.headers.authorization = `Bearer ${token()}`;
  if (body !== undefined) {
    init.headers["content-type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let answer, text;
  try {
    answer = await fetch(BASE + path, init);
    text = await answer.text();
  } catch (error) {
    if (isOver(error)) throw error;
    const silent = error.name === "TimeoutError";
    throw new Failure(0, silent ? "The service does not answer." : "The service cannot be reached.");
  }
  const json = parse(text);
  if (answer.ok && json !== null) return json;
  const message = sentence(json, answer.status);
  throw answer.status === 401 ? refused(message) : new Failure(answer.status, message);
}

/** Whatever was asked for, the token comes first. */
function refused(message) {
  document.dispatchEvent(new CustomEvent("token-refused"));
  return new Failure(401, message);
}

export function get(path, signal) {
  return call("GET", path, { signal });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the API says, with the fields that are at fault. */
function sentence(problem, status) {
  if (typeof problem?.message !== "string") return `The service answered ${status} without saying why.`;
  const details = Array.isArray(problem.details) ? problem.details : [];
  const faults = details.map((detail) => [detail.loc?.join("."), detail.msg].filter(Boolean).join(": "));
  return `${[problem.message, ...faults].join(". ")}.`;
}

/** A number by which a repeated request is known. Also where the page came without TLS. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
