// The invoice that a delivery will issue: its buyer and the terms of the sale.

import { find } from "./api.js";
import { el, facts } from "./dom.js";
import { first, part } from "./panel.js";
import * as words from "./words.js";

/** It is read when it is opened: it has personal data. */
export function planned(delivery) {
  const own = part(() => find(`/deliveries/${delivery}/invoice`), draw);
  const box = el("details", { toggle: () => box.open && first(own) }, el("summary", {}, "Invoice to be issued"), own.element);
  return box;
}

function draw(invoice) {
  if (!invoice) return el("p", { class: "empty" }, "It is issued, or no longer to be issued.");
  const { buyer, recipient, currency } = invoice;
  return facts([
    ["Buyer", buyer.name ?? "the user, who is looked up first"],
    ["Tax number", buyer.tax_no],
    ["Address", address(buyer.address)],
    ["Reverse charge", buyer.reverse_charge ? "yes" : ""],
    ["Recipient", recipient && `${recipient.name} (${words.capital(recipient.role).toLowerCase()})`],
    ["Recipient's tax number", recipient?.tax_no],
    ["Recipient's address", recipient && address(recipient.address)],
    ["Course", invoice.course_name ?? "looked up first"],
    ["Amount", invoice.gross ? words.money(invoice.gross, currency) : "the price of the course"],
    ["Tax", invoice.tax],
    ["Exemption", invoice.tax_exemption],
    ["GTU code", invoice.gtu_code],
    ["Paid on", invoice.paid_on],
  ]);
}

const address = ({ street, post_code: code, city, country }) =>
  [street, [code, city].filter(Boolean).join(" "), country].filter(Boolean).join(", ");
