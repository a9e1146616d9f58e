// The API's words, as people say them.

const KINDS = {
  invoice: "Invoice",
  correction: "Correction of the invoice",
  ksef_number: "Number of KSeF",
  mail_data: "Address of a mail",
  invoice_data: "Customer and course for an invoice",
  enrolment_email: "Mail: enrolled",
  payment_email: "Mail: paid",
  cancellation_email: "Mail: canceled",
  refund_email: "Mail: refunded",
  event: "Event for the platform",
};

export const STATES = {
  dead: { name: "Given up", meaning: "Nothing more is tried until somebody retries it or has done it by hand." },
  unknown: { name: "In doubt", meaning: "It may have arrived. This is found out before anything is sent again." },
  due: { name: "Due", meaning: "It is tried again by itself." },
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
  "enrolment.completed": "Completed: the course is over",
  "enrolment.deleted": "Deleted",
};

const DOCUMENTS = {
  invoice: "Invoice",
  correction: "Correction",
};

const KSEF = {
  ok: "accepted",
  requested: "asked for",
  processing: "under way",
  send_error: "not taken",
  server_error: "not taken",
  not_applicable: "not applicable",
  not_connected: "not connected",
};

// What a later release adds is shown as it is written.
const plain = (word) => String(word).replaceAll("_", " ");

/** Sorted as they are read. */
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

/** So many seconds, in the largest unit of which there is one. */
export function duration(seconds) {
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ["minute", Infinity];
  if (length === Infinity) return "less than a minute";
  const number = Math.floor(seconds / length);
  return `${DURATIONS.format(number)} ${unit}${number === 1 ? "" : "s"}`;
}

export const secondsSince = (time) => (Date.now() - Date.parse(time)) / 1000;

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** A moment of the API as people write it, where they are. */
export function moment(time) {
  const date = new Date(time);
  return Number.isNaN(date.valueOf()) ? String(time) : MOMENT.format(date);
}
