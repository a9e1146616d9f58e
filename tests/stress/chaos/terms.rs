//! The terms of sale. Some restarts change them: an invoice has the currency of its enrolment and
//! the other terms of its payment, even if it is issued later.

use fastrand::Rng;
use serde_json::Value;
use std::time::Instant;

/// Terms under which a payment is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The prefix of the invoice's `oid`.
    pub(crate) prefix: &'static str,
    /// The rate of VAT in percent, or the code for none.
    pub(crate) tax: &'static str,
    /// A currency with two decimals, as amounts here have two.
    pub(crate) currency: &'static str,
    /// How the customer pays.
    pub(crate) payment_type: &'static str,
}

const TERMS: [Terms; 4] = [
    Terms { prefix: "enrolment", tax: "23", currency: "PLN", payment_type: "transfer" },
    Terms { prefix: "shop", tax: "8", currency: "EUR", payment_type: "card" },
    Terms { prefix: "enrolment", tax: "zw", currency: "PLN", payment_type: "transfer" },
    Terms { prefix: "school", tax: "5", currency: "USD", payment_type: "cash" },
];

impl Terms {
    pub(crate) fn any(rng: &mut Rng) -> Self {
        rng.choice(TERMS).unwrap_or(TERMS[0])
    }

    /// The variables that set them.
    pub(crate) fn variables(self) -> [(&'static str, &'static str); 5] {
        let Self { prefix, tax, currency, payment_type } = self;
        // Only `zw` needs the exemption.
        let ground =
            if tax == "zw" { "Zwolnienie na mocy rozporządzenia MF (art. 82 ust 3 ustawy o VAT)" } else { "" };
        [
            ("INVOICES_OID_PREFIX", prefix),
            ("INVOICES_TAX", tax),
            ("INVOICES_TAX_EXEMPTION", ground),
            ("INVOICES_CURRENCY", currency),
            ("INVOICES_PAYMENT_TYPE", payment_type),
        ]
    }

    /// Whether an invoice has those of its payment.
    fn are_of(self, invoice: &Value) -> bool {
        let Self { prefix, tax, payment_type, .. } = self;
        invoice["oid"].as_str().and_then(|oid| oid.split('-').next()) == Some(prefix)
            && invoice["positions"][0]["tax"] == tax
            && invoice["payment_type"] == payment_type
    }
}

/// The terms and the time since when they hold, oldest first.
#[derive(Debug, Default)]
pub(crate) struct History(Vec<(Instant, Terms)>);

impl History {
    pub(crate) fn begin(&mut self, terms: Terms) {
        self.0.push((Instant::now(), terms));
    }

    /// How often they changed.
    pub(crate) fn changes(&self) -> usize {
        self.0.windows(2).filter(|pair| matches!(pair, [(_, before), (_, after)] if before != after)).count()
    }

    /// Whether an invoice has a currency from before its enrolment was acknowledged, and the other
    /// terms of a payment: from its first request until its last answer.
    pub(crate) fn explain(
        &self,
        invoice: &Value,
        enrolled: Instant,
        mut payments: impl Iterator<Item = (Instant, Instant)>,
    ) -> bool {
        let mut before = self.0.iter().filter(|(begin, _)| *begin <= enrolled);
        before.any(|(_, terms)| invoice["currency"] == terms.currency)
            && payments.any(|(since, at)| {
                let ends = self.0.iter().skip(1).map(|(begin, _)| Some(*begin)).chain([None]);
                let mut periods = self.0.iter().zip(ends);
                periods.any(|((begin, terms), end)| {
                    *begin <= at && end.is_none_or(|end| since <= end) && terms.are_of(invoice)
                })
            })
    }
}
