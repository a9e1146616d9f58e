//! `GET /invoices.json`: filters and order.

use super::value::{hundredths, text};
use crate::http::Request;
use crate::state::Memory;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::Value;

/// A page of documents, newest first by default.
pub(super) fn documents<'a>(memory: &'a Memory, request: &Request, today: NaiveDate) -> Vec<&'a Value> {
    let number = |name, default: usize| request.parameter(name).and_then(|value| value.parse().ok()).unwrap_or(default);
    let (page, per_page) = (number("page", 1).max(1), number("per_page", 25).clamp(1, 100));
    let wanted = Wanted::of(request, today);
    let undocumented = memory.settings.invoices.undocumented_filters;
    let oid = request.parameter("oid").filter(|_| undocumented);
    let from = request.parameter("from_invoice_id").filter(|_| undocumented);
    let is_from = |document: &&Value| from.as_ref().is_none_or(|from| text(document, "from_invoice_id") == *from);
    let found = memory.documents(oid.as_deref()).rev().filter(|document| wanted.has(document)).filter(is_from);
    let skipped = (page - 1).saturating_mul(per_page);
    let Some(order) = request.parameter("order") else { return found.skip(skipped).take(per_page).collect() };
    let mut sorted: Vec<_> = found.collect();
    let (key, descending) = order.strip_suffix(".desc").map_or((order.as_str(), false), |key| (key, true));
    if !descending {
        sorted.reverse();
    }
    sorted.sort_by(|one, other| {
        let order = rank(one, key).cmp(&rank(other, key));
        if descending { order.reverse() } else { order }
    });
    sorted.into_iter().skip(skipped).take(per_page).collect()
}

/// The sort key of a document.
fn rank(document: &Value, key: &str) -> (i64, String) {
    let value = text(document, field(key));
    if key.starts_with("price_") { (hundredths(&value).unwrap_or_default(), String::new()) } else { (0, value) }
}

/// The field for the name in a parameter.
fn field(name: &str) -> &str {
    if name == "transaction_date" { "sell_date" } else { name }
}

/// The filters of a request.
struct Wanted {
    kinds: Vec<String>,
    number: Option<String>,
    client: Option<String>,
    ids: Option<Vec<String>>,
    date: String,
    period: Option<(NaiveDate, NaiveDate)>,
}

impl Wanted {
    fn of(request: &Request, today: NaiveDate) -> Self {
        let ids = request.parameter("invoice_ids");
        Self {
            kinds: request.parameters("kinds[]").chain(request.parameters("kind")).collect(),
            number: request.parameter("number"),
            client: request.parameter("client_id"),
            ids: ids.map(|ids| ids.split(',').map(str::to_owned).collect()),
            date: request.parameter("search_date_type").unwrap_or_else(|| "issue_date".to_owned()),
            period: period(request, today),
        }
    }

    fn has(&self, document: &Value) -> bool {
        let is = |wanted: &Option<String>, key| wanted.as_ref().is_none_or(|wanted| text(document, key) == *wanted);
        let day = || text(document, field(&self.date)).parse::<NaiveDate>().ok();
        (self.kinds.is_empty() || self.kinds.contains(&text(document, "kind")))
            && is(&self.number, "number")
            && is(&self.client, "client_id")
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&text(document, "id")))
            && self.period.is_none_or(|(from, to)| day().is_some_and(|day| (from..=to).contains(&day)))
    }
}

/// The first and the last day; none: all days.
fn period(request: &Request, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let month = today.with_day(1)?;
    let day = |name| request.parameter(name)?.parse::<NaiveDate>().ok();
    match request.parameter("period")?.as_str() {
        "this_month" => Some((month, month + Months::new(1) - Days::new(1))),
        "last_month" => Some((month - Months::new(1), month - Days::new(1))),
        "last_30_days" => Some((today - Days::new(30), today)),
        "last_12_months" => Some((today - Months::new(12), today)),
        "this_year" => {
            Some((NaiveDate::from_ymd_opt(today.year(), 1, 1)?, NaiveDate::from_ymd_opt(today.year(), 12, 31)?))
        }
        "last_year" => {
            Some((NaiveDate::from_ymd_opt(today.year() - 1, 1, 1)?, NaiveDate::from_ymd_opt(today.year() - 1, 12, 31)?))
        }
        "more" => Some((day("date_from").unwrap_or(NaiveDate::MIN), day("date_to").unwrap_or(NaiveDate::MAX))),
        _ => None,
    }
}
