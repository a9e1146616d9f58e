//! All variables of `spin.toml`, in its order. A test compares the table in `docs/configuration.md` with it.

use super::parse::{
    Database, database, department, duration, exemption, filled, mail_kinds, mysql_address, mysql_tls, named_tokens,
    np_tax_kind, optional_address, optional_duration, optional_origin, optional_token, origin, password, path,
    retention_days, service_token, token,
};
use super::variable::Needed::{Always, WithEvents, WithInvoices, WithMySql};
use super::variable::{Row, Variable};
use crate::systems::mail::relays::Provider;
use crate::systems::mail::sender::Sender;
use crate::systems::services::template::Template;
use crate::systems::webhooks::secrets::secrets;
use api::Token;
use domain::model::language::Language;
use domain::model::mail::MailKind;
use domain::model::terms::{Currency, Exemption, InvoicesProvider, KsefPolicy, NotSubject, TaxWord};
use std::time::Duration;

const ORIGIN: &str = "http:// or https://, a host and maybe a port, without a path";
const SECRET: &str = "a secret in one line, not blank, that is no caller's token";
const OPTIONAL_SECRET: &str = "empty, or a secret in one line that is no caller's token";
const FILLED: &str = "not blank";

pub(crate) const DATABASE: Variable<Database> =
    Variable { name: "database", needed: Always, allowed: "sqlite or mysql", parse: database };
pub(crate) const MYSQL_ADDRESS: Variable<String> = Variable {
    name: "mysql_address",
    needed: WithMySql,
    allowed: "a host and maybe a port, as db.example.com:3306",
    parse: mysql_address,
};
pub(crate) const MYSQL_DATABASE: Variable<String> =
    Variable { name: "mysql_database", needed: WithMySql, allowed: FILLED, parse: filled };
pub(crate) const MYSQL_USER: Variable<String> =
    Variable { name: "mysql_user", needed: WithMySql, allowed: FILLED, parse: filled };
pub(crate) const MYSQL_PASSWORD: Variable<String> =
    Variable { name: "mysql_password", needed: WithMySql, allowed: "empty, or not blank", parse: password };
pub(crate) const MYSQL_TLS: Variable<&'static str> =
    Variable { name: "mysql_tls", needed: WithMySql, allowed: "disabled or required", parse: mysql_tls };
pub(crate) const USERS_URL: Variable<String> =
    Variable { name: "users_url", needed: Always, allowed: ORIGIN, parse: origin };
pub(crate) const USERS_PATH: Variable<Template> = Variable {
    name: "users_path",
    needed: Always,
    allowed: "a path that begins with /, in ASCII, with {user_id} once",
    parse: |value| Template::parse(value, "user_id"),
};
pub(crate) const USERS_TOKEN: Variable<Option<String>> =
    Variable { name: "users_token", needed: Always, allowed: OPTIONAL_SECRET, parse: optional_token };
pub(crate) const COURSES_URL: Variable<String> =
    Variable { name: "courses_url", needed: Always, allowed: ORIGIN, parse: origin };
pub(crate) const COURSES_PATH: Variable<Template> = Variable {
    name: "courses_path",
    needed: Always,
    allowed: "a path that begins with /, in ASCII, with {course_id} once",
    parse: |value| Template::parse(value, "course_id"),
};
pub(crate) const COURSES_TOKEN: Variable<Option<String>> =
    Variable { name: "courses_token", needed: Always, allowed: OPTIONAL_SECRET, parse: optional_token };
pub(crate) const INVOICES_PROVIDER: Variable<InvoicesProvider> = Variable {
    name: "invoices_provider",
    needed: Always,
    allowed: "fakturownia or none",
    parse: InvoicesProvider::parse,
};
pub(crate) const INVOICES_URL: Variable<String> =
    Variable { name: "invoices_url", needed: WithInvoices, allowed: ORIGIN, parse: origin };
pub(crate) const INVOICES_TOKEN: Variable<String> =
    Variable { name: "invoices_token", needed: WithInvoices, allowed: SECRET, parse: token };
pub(crate) const INVOICES_OID_PREFIX: Variable<String> =
    Variable { name: "invoices_oid_prefix", needed: WithInvoices, allowed: FILLED, parse: filled };
pub(crate) const INVOICES_DEPARTMENT_ID: Variable<Option<String>> = Variable {
    name: "invoices_department_id",
    needed: WithInvoices,
    allowed: "empty, or the number of a department",
    parse: department,
};
pub(crate) const INVOICES_TAX: Variable<TaxWord> = Variable {
    name: "invoices_tax",
    needed: WithInvoices,
    allowed: "a rate from 0 to 99.99 without a percent sign, zw or np",
    parse: TaxWord::parse,
};
pub(crate) const INVOICES_TAX_EXEMPTION: Variable<Option<Exemption>> = Variable {
    name: "invoices_tax_exemption",
    needed: WithInvoices,
    allowed: "the ground of exemption, at most 256 characters; empty if the tax is not zw",
    parse: exemption,
};
pub(crate) const INVOICES_NP_TAX_KIND: Variable<Option<NotSubject>> = Variable {
    name: "invoices_np_tax_kind",
    needed: WithInvoices,
    allowed: "export_service or export_service_eu; empty if the tax is not np",
    parse: np_tax_kind,
};
pub(crate) const INVOICES_CURRENCY: Variable<Currency> = Variable {
    name: "invoices_currency",
    needed: Always,
    allowed: "a code of ISO 4217 in capitals, as PLN",
    parse: Currency::parse,
};
pub(crate) const INVOICES_PAYMENT_TYPE: Variable<String> =
    Variable { name: "invoices_payment_type", needed: WithInvoices, allowed: FILLED, parse: filled };
pub(crate) const INVOICES_KSEF: Variable<KsefPolicy> = Variable {
    name: "invoices_ksef",
    needed: WithInvoices,
    allowed: "account, companies or always",
    parse: KsefPolicy::parse,
};
pub(crate) const MAIL_PROVIDER: Variable<Provider> = Variable {
    name: "mail_provider",
    needed: Always,
    allowed: "resend, smtp2go, brevo or postmark",
    parse: Provider::named,
};
pub(crate) const MAIL_URL: Variable<String> =
    Variable { name: "mail_url", needed: Always, allowed: ORIGIN, parse: origin };
pub(crate) const MAIL_TOKEN: Variable<String> =
    Variable { name: "mail_token", needed: Always, allowed: SECRET, parse: token };
pub(crate) const MAIL_FROM: Variable<Sender> = Variable {
    name: "mail_from",
    needed: Always,
    allowed: "an address, or a name and an address: Courses <courses@example.com>",
    parse: Sender::parse,
};
pub(crate) const MAIL_REPLY_TO: Variable<Option<String>> =
    Variable { name: "mail_reply_to", needed: Always, allowed: "empty, or an address", parse: optional_address };
pub(crate) const MAIL_OFF: Variable<Vec<MailKind>> = Variable {
    name: "mail_off",
    needed: Always,
    allowed: "empty, or kinds of mails with commas between them: enrolment, payment, payment_with_invoice, \
              cancellation, refund, refund_with_correction, new_invoice, offer, reminder, lapse, move",
    parse: mail_kinds,
};
pub(crate) const LANGUAGE: Variable<Language> =
    Variable { name: "language", needed: Always, allowed: "en or pl", parse: |value| Language::parse(value.trim()) };
pub(crate) const EVENTS_URL: Variable<Option<String>> = Variable {
    name: "events_url",
    needed: WithEvents,
    allowed: "empty (no receiver), or http:// or https://, a host and maybe a port, without a path",
    parse: optional_origin,
};
pub(crate) const EVENTS_PATH: Variable<String> =
    Variable { name: "events_path", needed: WithEvents, allowed: "a path that begins with /, in ASCII", parse: path };
pub(crate) const EVENTS_SECRET: Variable<Vec<Vec<u8>>> = Variable {
    name: "events_secret",
    needed: WithEvents,
    allowed: "empty (no receiver), or whsec_ and base64 of 24 to 64 bytes; several with blanks between them",
    parse: secrets,
};
pub(crate) const SEATS_HELD_FOR: Variable<Option<Duration>> = Variable {
    name: "seats_held_for",
    needed: Always,
    allowed: "empty (without an end), or a time from 1m to 365d, as 48h or 7d",
    parse: optional_duration,
};
pub(crate) const OFFERS_HELD_FOR: Variable<Duration> = Variable {
    name: "offers_held_for",
    needed: Always,
    allowed: "a time from 1m to 365d, as 48h or 7d",
    parse: duration,
};
pub(crate) const REMIND_BEFORE: Variable<Option<Duration>> = Variable {
    name: "remind_before",
    needed: Always,
    allowed: "empty (never), or a time from 1m to 365d, as 24h",
    parse: optional_duration,
};
pub(crate) const RETENTION_DAYS: Variable<Option<u32>> = Variable {
    name: "retention_days",
    needed: Always,
    allowed: "empty (forever), or days: 1 to 36500",
    parse: retention_days,
};
pub(crate) const SERVICE_TOKEN: Variable<Option<String>> = Variable {
    name: "service_token",
    needed: Always,
    allowed: "empty, or a secret in one line that no entry of tokens has",
    parse: service_token,
};
pub(crate) const TOKENS: Variable<Vec<Token>> = Variable {
    name: "tokens",
    needed: Always,
    allowed: "empty, or entries name=role:secret with blanks between them; a role is callers, operators or metrics, \
              and no secret comes twice",
    parse: named_tokens,
};

/// All of them.
pub(crate) const ALL: [&dyn Row; 39] = [
    &DATABASE,
    &MYSQL_ADDRESS,
    &MYSQL_DATABASE,
    &MYSQL_USER,
    &MYSQL_PASSWORD,
    &MYSQL_TLS,
    &USERS_URL,
    &USERS_PATH,
    &USERS_TOKEN,
    &COURSES_URL,
    &COURSES_PATH,
    &COURSES_TOKEN,
    &INVOICES_PROVIDER,
    &INVOICES_URL,
    &INVOICES_TOKEN,
    &INVOICES_OID_PREFIX,
    &INVOICES_DEPARTMENT_ID,
    &INVOICES_TAX,
    &INVOICES_TAX_EXEMPTION,
    &INVOICES_NP_TAX_KIND,
    &INVOICES_CURRENCY,
    &INVOICES_PAYMENT_TYPE,
    &INVOICES_KSEF,
    &MAIL_PROVIDER,
    &MAIL_URL,
    &MAIL_TOKEN,
    &MAIL_FROM,
    &MAIL_REPLY_TO,
    &MAIL_OFF,
    &LANGUAGE,
    &EVENTS_URL,
    &EVENTS_PATH,
    &EVENTS_SECRET,
    &SEATS_HELD_FOR,
    &OFFERS_HELD_FOR,
    &REMIND_BEFORE,
    &RETENTION_DAYS,
    &SERVICE_TOKEN,
    &TOKENS,
];
