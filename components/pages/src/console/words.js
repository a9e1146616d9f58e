// Labels for the values of the API. A value without one is shown as it is, with spaces.

// In the order in which they are listed.
const KINDS = {
  invoice: "Invoice",
  correction: "Correction",
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

export const STATES = {
  dead: { name: "Dead", meaning: "The service does not try them again until somebody retries or resolves them." },
  unknown: { name: "Unknown", meaning: "They may have been delivered. The service checks that before it sends anything again." },
  due: { name: "Due", meaning: "The service tries them again automatically." },
  done: { name: "Done", meaning: "" },
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

const KSEF = {
  ok: "accepted",
  send_error: "not accepted",
  server_error: "not accepted",
};

const plain = (word) => String(word).replaceAll("_", " ");
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The kinds in the order of the labels, then those without a label. */
export function kinds(words) {
  const order = Object.keys(KINDS);
  const place = (word) => (order.includes(word) ? order.indexOf(word) : order.length);
  return [...new Set(words)].sort((a, b) => place(a) - place(b));
}

export const kind = (word) => KINDS[word] ?? capital(plain(word));
export const state = (word) => STATES[word]?.name ?? capital(plain(word));
export const event = (word) => EVENTS[word] ?? capital(plain(word).replace("enrolment.", ""));
export function ksef(word) {
  const own = word.replace(/^demo_/, "");
  return `${KSEF[own] ?? plain(own)}${own === word ? "" : " (demo)"}`;
}
export const document = (word) => capital(plain(word));

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
const DURATIONS = new Intl.NumberFormat("en");

/** A number of seconds in the largest unit that fits. */
export function duration(seconds) {
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ["minute", Infinity];
  if (length === Infinity) return "less than a minute";
  const number = Math.floor(seconds / length);
  return `${DURATIONS.format(number)} ${unit}${number === 1 ? "" : "s"}`;
}

export const secondsSince = (time) => (Date.now() - Date.parse(time)) / 1000;

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** A time of the API in the local time zone. */
export function moment(time) {
  const date = new Date(time);
  return Number.isNaN(date.valueOf()) ? String(time) : MOMENT.format(date);
}

export const zone = () => MOMENT.resolvedOptions().timeZone;

/** A time of the API as a field for a local time takes it: to the minute. */
export function local(time) {
  const date = new Date(time);
  return new Date(date.valueOf() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
