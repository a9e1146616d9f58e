// Labels for the values of the API. A value without one is shown as it is, with spaces.

const KINDS = {
  ksef_number: "KSeF number",
  mail_data: "Recipient of a mail",
  invoice_data: "User and course of an invoice",
  enrolment_email: "Mail: enrolled",
  payment_email: "Mail: paid",
  cancellation_email: "Mail: canceled",
  refund_email: "Mail: refunded",
  notice: "Recipient of a notice",
  notice_email: "Mail: notice",
  event: "Webhook",
};

/** In the order in which they matter. */
export const STATES = {
  dead: "The service does not try them again until somebody retries or resolves them.",
  unknown: "They may have been delivered. The service checks that before it sends anything again.",
  due: "The service tries them again automatically.",
};

const EVENTS = {
  "enrolment.created": "Enrolled",
  "enrolment.offered": "Seat offered",
  "enrolment.extended": "Seat held until another time",
  "enrolment.lapsed": "Lapsed: not paid in time",
  "enrolment.invoiced": "Invoice issued",
  "enrolment.corrected": "Invoice corrected",
  "enrolment.rebilled": "Billed to another buyer",
  "enrolment.completed": "Completed: the course has ended",
};

const KSEF = { ok: "accepted", send_error: "not accepted", server_error: "not accepted" };

const plain = (word) => String(word).replaceAll("_", " ").replace("ksef", "KSeF");

/** Any value of the API with a capital. */
export function capital(word) {
  return plain(word).replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

export const kind = (word) => KINDS[word] ?? capital(word);
export const event = (word) => EVENTS[word] ?? capital(word.replace("enrolment.", ""));
export const found = (word) => plain(word).replace(/^(.*) id$/, "id of the $1");
export function ksef(word) {
  const own = word.replace(/^demo_/, "");
  return `${KSEF[own] ?? plain(own)}${own === word ? "" : " (demo)"}`;
}

const NUMBERS = new Intl.NumberFormat("en");
export const number = (value) => NUMBERS.format(value);
export const many = (count, one, more) => `${number(count)} ${count === 1 ? one : more}`;
export const money = (amount, currency) => `${amount ?? "?"} ${currency ?? ""}`.trim();

const UNITS = [["d", 86_400], ["h", 3_600], ["min", 60]];

export const secondsSince = (time) => (Date.now() - Date.parse(time)) / 1000;

/** How long ago a time of the API was, or how far away it is. */
export function age(time) {
  const seconds = secondsSince(time);
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? [];
  if (!unit) return seconds < 0 ? "within a minute" : "just now";
  const long = `${number(Math.floor(Math.abs(seconds) / length))} ${unit}`;
  return seconds < 0 ? `in ${long}` : `${long} ago`;
}

/** A time of the API in full. */
export function moment(time) {
  const date = new Date(time);
  return Number.isNaN(date.valueOf()) ? String(time) : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A time of the API as a field for a local time takes it: to the minute. */
export function local(time) {
  const date = new Date(time);
  return new Date(date.valueOf() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
