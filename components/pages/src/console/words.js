// Labels for the values of the API.

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
  "enrolment.paid": "Paid",
  "enrolment.payment_failed": "Payment failed",
  "enrolment.invoiced": "Invoice issued",
  "enrolment.canceled": "Canceled",
  "enrolment.refunded": "Refunded",
  "enrolment.corrected": "Invoice corrected",
  "enrolment.completed": "Completed: the course has ended",
  "enrolment.deleted": "Deleted",
};

const DOCUMENTS = {
  invoice: "Invoice",
  correction: "Correction",
};

const KSEF = {
  ok: "accepted",
  requested: "requested",
  processing: "processing",
  send_error: "not accepted",
  server_error: "not accepted",
  not_applicable: "not applicable",
  not_connected: "not connected",
};

// A later release may add values, which have no label here.
const plain = (word) => String(word).replaceAll("_", " ");

/** The kinds in the order of the labels. */
export function kinds(words) {
  const order = Object.keys(KINDS);
  const place = (word) => (order.includes(word) ? order.indexOf(word) : order.length);
  return [...new Set(words)].sort((a, b) => place(a) - place(b));
}

export const kind = (word) => KINDS[word] ?? plain(word);
export const state = (word) => STATES[word]?.name ?? plain(word);
export const event = (word) => EVENTS[word] ?? plain(String(word).replace("enrolment.", ""));
export function ksef(word) {
  const own = word.replace(/^demo_/, "");
  return `${KSEF[own] ?? plain(own)}${own === word ? "" : " (demo)"}`;
}
export const document = (word) => DOCUMENTS[word] ?? plain(word);

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
