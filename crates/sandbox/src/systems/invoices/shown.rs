//! A document in a response: many fields, amounts as text, ids as numbers.

use super::account::Account;
use super::fill::set;
use super::value::{decimal, hundredths, id, text};
use crate::http::Request;
use serde_json::{Map, Value, json};

/// Fields that the vendor's documents have and ours do not use, from clients of the vendor.
const OTHERS: &str = "user_id app place description seller_bank seller_bank_account seller_person buyer_www buyer_fax \
    pattern pattern_nr pattern_nr_m pattern_nr_d payment_to seller_bank_account_id correction additional_info_desc \
    additional_info product_cache discount show_discount sent_time print_time recurring_id tax2_visible warehouse_id \
    product_id issue_year internal_note invoice_template_id description_long description_footer sell_date_kind \
    exchange_currency discount_kind income from_api category_id warehouse_document_id exchange_kind exchange_rate \
    use_delivery_address delivery_address accounting_kind buyer_bank_account buyer_bank buyer_mass_payment_code \
    exchange_note show_attachments exchange_currency_rate has_attachments exchange_date attachments_count delivery_date \
    fiscal_status use_moss calculating_strategy transaction_date email_status exclude_from_stock_level \
    exclude_from_accounting exchange_rate_den exchange_currency_rate_den accounting_scheme exchange_difference not_cost \
    reverse_charge issuer use_issuer recipient_id recipient_name test discount_net approval_status \
    accounting_vat_tax_date accounting_income_tax_date accounting_other_tax_date accounting_status normalized_number \
    na_tax_kind issued_to_receipt gov_kind sales_code additional_invoice_field products_margin payment_url kind_text \
    invoice_for_receipt_id receipt_for_invoice_id recipients buyer_jst recipient_company recipient_first_name recipient_last_name \
    recipient_tax_no recipient_street recipient_post_code recipient_city recipient_country recipient_email \
    recipient_phone recipient_note overdue? get_tax_name tax_visible? tax_name_type split_payment gtu_codes \
    procedure_designations exempt_tax_kind np_tax_kind gov_link gov_corrected_invoice_number";

const IDS: [&str; 5] = ["id", "client_id", "invoice_id", "from_invoice_id", "department_id"];

const AMOUNTS: [&str; 6] = ["price_gross", "price_net", "price_tax", "paid", "quantity", "total_price_gross"];

/// The parameters of a request for a document.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    positions: bool,
    /// Whether the positions of a correction have the values before and after.
    parts: bool,
    fields: Option<Vec<String>>,
}

impl View {
    /// For one document.
    pub(super) fn one(request: &Request) -> Self {
        let fields = request.parameter("fields[invoice]");
        Self {
            positions: true,
            parts: request.parameter("correction_positions").as_deref() == Some("full"),
            fields: fields.map(|fields| fields.split(',').map(str::to_owned).collect()),
        }
    }

    /// For a document in a list.
    pub(super) fn in_list(request: &Request) -> Self {
        let positions = request.parameter("include_positions").as_deref() == Some("true");
        Self { positions, ..Self::one(request) }
    }
}

/// The document as JSON of the response.
pub(super) fn shown(document: &Value, account: &Account, view: &View) -> Value {
    let mut shown: Map<_, _> = OTHERS.split_whitespace().map(|field| (field.to_owned(), Value::Null)).collect();
    shown.extend(document.as_object().cloned().unwrap_or_default());
    let mut shown = Value::Object(shown);
    forms(&mut shown, account);
    if let Some(fields) = shown.as_object_mut() {
        match fields.get_mut("positions").and_then(Value::as_array_mut) {
            Some(positions) if view.positions => {
                positions.iter_mut().for_each(|own| position(own, account, view.parts))
            }
            _ => drop(fields.remove("positions")),
        }
        if let Some(wanted) = &view.fields {
            fields.retain(|field, _| wanted.contains(field));
        }
    }
    let missing = account.answer_bytes.saturating_sub(shown.to_string().len());
    if missing > 0 {
        set(&mut shown, "product_cache", json!("x".repeat(missing + 2)));
    }
    shown
}

fn position(position: &mut Value, account: &Account, parts: bool) {
    for part in ["correction_before_attributes", "correction_after_attributes"] {
        match position.get_mut(part) {
            Some(part) if parts => forms(part, account),
            _ => drop(position.as_object_mut().and_then(|fields| fields.remove(part))),
        }
    }
    forms(position, account);
}

/// Converts ids and amounts to the formats of the account.
fn forms(value: &mut Value, account: &Account) {
    for key in IDS {
        if let Some(id) = id(value, key) {
            set(value, key, if account.ids_as_text { json!(id.to_string()) } else { json!(id) });
        }
    }
    for key in AMOUNTS {
        if let Some(amount) = hundredths(&text(value, key)) {
            let amount = decimal(amount);
            // At least one decimal, no trailing zero after it: `10.0`, `199.9`, `199.99`.
            let short = amount.strip_suffix('0').unwrap_or(&amount);
            let number = || short.parse::<f64>().map_or(Value::Null, |number| json!(number));
            set(value, key, if account.amounts_as_numbers { number() } else { json!(short) });
        }
    }
}
