// The dialog that bills another buyer.

import { call, newKey } from "./api.js";
import { confirm } from "./confirm.js";

/** The names are the places of the values in the body. */
const FIELDS = [
  { name: "buyer.name", label: "Name of the company", hint: "Leave it and the tax number empty to bill the customer as a person." },
  { name: "buyer.tax_no", label: "Tax number of the company" },
  { name: "buyer.street", label: "Street and number", required: true },
  { name: "buyer.post_code", label: "Post code" },
  { name: "buyer.city", label: "City", required: true },
  { name: "buyer.country", label: "Country", hint: "A code such as DE. Empty for Poland." },
  { name: "buyer.reverse_charge", label: "Reverse charge: a company elsewhere accounts for the tax", type: "checkbox" },
  { name: "tax", label: "Tax", hint: "A rate in percent, zw or np. Empty for the tax of the invoice." },
  { name: "tax_exemption", label: "Legal basis of the exemption", hint: "Only with zw." },
  { name: "reason", label: "Reason", hint: "The correction contains it, if there is one. Optional.", maxlength: "255" },
];

/** Asks for another buyer of the invoice of an enrolment. Resolves with undefined if nothing is recorded. */
export function rebill(enrolment) {
  const headers = { "idempotency-key": newKey() };
  return confirm({
    title: "Bill another buyer",
    text: [
      `The invoice of enrolment ${enrolment} gets the buyer that you enter here, and nothing of the one before. If it was issued after all, it is corrected to zero and a new one follows.`,
      "An invoice with a recipient needs the API.",
    ],
    fields: FIELDS,
    action: "Bill this buyer",
    run: (filled) => call("PATCH", "/rebilled", { body: { enrolment_id: enrolment, ...nested(filled) }, headers }),
  });
}

/** `{"buyer.city": "Warszawa"}` as `{buyer: {city: "Warszawa"}}`. */
function nested(filled) {
  const body = {};
  for (const [place, value] of Object.entries(filled)) {
    const [name, part] = place.split(".");
    if (part) body[name] = { ...body[name], [part]: value };
    else body[name] = value;
  }
  return body;
}
