// Requests to the API of this origin, and their errors.

const KEY = "enrolments-token";

/** The token of this tab. Empty: the service requires none. Null: not entered yet. */
export const token = () => sessionStorage.getItem(KEY);
export const keep = (token) => sessionStorage.setItem(KEY, token);
export const forget = () => sessionStorage.removeItem(KEY);

const BASE = "/api/enrolment";

/** Milliseconds. The service answers within 5 seconds. */
const TIMEOUT = 20_000;

/** The characters of a token. A header cannot have others. */
const TOKEN = /^[\x21-\x7e]*$/;

/** A failed request. `status` is 0 if there is no response. `said` is the message without the `faults` of the fields. */
export class Failure extends Error {
  constructor(status, said, faults = []) {
    super(sentences(said, faults));
    Object.assign(this, { status, said, faults });
  }
}

/** A message with faults of fields. */
export function sentences(said, faults) {
  return [said, ...faults.map(({ field, msg }) => `${[field, msg].filter(Boolean).join(": ")}.`)].join(" ");
}

/** Whether the request was aborted because the page shows something else now. */
export function isAborted(error) {
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
    // The token must not go to another address.
    redirect: "error",
    signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(signal ? [signal] : [])]),
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
    if (isAborted(error)) throw error;
    const silent = error.name === "TimeoutError";
    throw new Failure(0, silent ? "The service does not answer." : "The service cannot be reached.");
  }
  // 204 has no body.
  const json = answer.status === 204 ? {} : parse(text);
  if (answer.ok && json !== null) return json;
  const failure = failed(json, answer.status, method);
  throw answer.status === 401 ? refused(failure.message) : failure;
}

/** Makes the console ask for a token. */
function refused(message) {
  document.dispatchEvent(new CustomEvent("token-refused"));
  return new Failure(401, message);
}

export const get = (path, signal) => call("GET", path, { signal });

/** Reads a list in pages: `key` of the answer, and what follows. */
export const reader = (path, key, pairs, signal) => async (after) => {
  const page = await get(`${path}?${new URLSearchParams([...pairs, ["after", after]])}`, signal);
  return [page[key], page.next];
};

/** As `get`, but null if there is nothing. */
export function find(path, signal) {
  return get(path, signal).catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The error of the API, with the invalid fields. */
function failed(problem, status, method) {
  if (typeof problem?.message !== "string") return new Failure(status, `The service answered ${status} without a reason.`);
  const details = Array.isArray(problem.details) ? problem.details : [];
  const isChange = status === 403 && method !== "GET";
  const more = isChange ? " Nothing was changed: this token may not change anything here." : "";
  return new Failure(status, `${problem.message}.${more}`, details.map(({ loc, msg }) => ({ field: loc?.join("."), msg })));
}

/** A new idempotency key. Without TLS there is no `randomUUID`. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Makes a change once, however often it is asked for: `values` are the body. */
export function change(path) {
  const headers = { "idempotency-key": newKey() };
  return (values) => call("PATCH", path, { body: values, headers });
}
