//! An email, ready for a relay.

use crate::User;
use crate::model::mail::{MailText, Message, Rendered, render};
use crate::model::reason::ReasonCode;

/// An email, ready for any relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// The recipient's address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The body as HTML.
    pub html: String,
    /// The body as plain text.
    pub text: String,
    /// The same for each attempt to send this email, and different from other emails: at most
    /// 64 characters of ASCII.
    pub idempotency_key: String,
}

/// Writes the email for `message` in the words of `text`. A relay recognises a repeat by
/// `idempotency_key`.
///
/// # Errors
///
/// When the recipient's name or address has a control character, or the address cannot be
/// written in ASCII.
pub fn compose(message: &Message<'_>, text: &MailText, idempotency_key: String) -> Result<Email, ReasonCode> {
    // A line break could add a header to the mail.
    if has_control_character(message.recipient) {
        return Err(ReasonCode::RecipientControlCharacter);
    }
    let to = ascii_address(&message.recipient.email)?;
    let Rendered { subject, html, text } = render(message, text);
    Ok(Email { to, subject, html, text, idempotency_key })
}

/// An address with its domain in ASCII (`xn--…`, RFC 5891). Letters have to be in composed form
/// (NFC), as browsers send them: the tables for composing would add 128 KiB to each instance.
///
/// # Errors
///
/// [`ReasonCode::AddressNotAscii`], [`ReasonCode::AddressWithoutDomain`].
pub fn ascii_address(address: &str) -> Result<String, ReasonCode> {
    if address.is_ascii() {
        return Ok(address.to_owned());
    }
    let (local, domain) = address.rsplit_once('@').ok_or(ReasonCode::AddressWithoutDomain)?;
    // Two of the relays refuse such letters. The others do not document that they accept them.
    if !local.is_ascii() {
        return Err(ReasonCode::AddressNotAscii);
    }
    let labels: Option<Vec<_>> = domain.split('.').map(ascii_label).collect();
    Ok(format!("{local}@{}", labels.ok_or(ReasonCode::AddressWithoutDomain)?.join(".")))
}

/// One label of a domain in ASCII; `None` if it is not valid.
fn ascii_label(label: &str) -> Option<String> {
    /// In bytes (RFC 1035, section 2.3.4).
    const LONGEST: usize = 63;
    let label = label.to_lowercase();
    let is_plain = label.chars().all(|c| c.is_alphanumeric() || c == '-');
    if !is_plain || label.starts_with('-') || label.ends_with('-') {
        return None;
    }
    let ascii = if label.is_ascii() { label } else { format!("xn--{}", idna::punycode::encode_str(&label)?) };
    (1..=LONGEST).contains(&ascii.len()).then_some(ascii)
}

/// Whether a name or the address has a control character. Neither a mail's header nor an
/// invoice may have one.
pub(crate) fn has_control_character(person: &User) -> bool {
    [&person.first_name, &person.last_name, &person.email].iter().any(|field| field.contains(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{composed, correction, enrolment_email, id, job, user};
    use crate::jobs::{CancellationEmail, Job, Payload, PaymentEmail};
    use chrono::DateTime;

    fn payment(recipient: User, invoice_url: Option<&str>) -> Job {
        let (course_name, invoice_url) = ("Rust".to_owned(), invoice_url.map(str::to_owned));
        job(Payload::PaymentEmail(PaymentEmail { recipient, course_name, invoice_url, paid: None, rebilled: false }))
    }

    #[test]
    fn a_name_or_address_cannot_add_a_header() {
        for bad in ["a\rb", "a\nb", "a\0b", "a\u{1b}[2Jb", "a\u{7f}", "a\u{85}b"] {
            for recipient in [
                User { first_name: bad.to_owned(), ..user() },
                User { last_name: bad.to_owned(), ..user() },
                User { email: bad.to_owned(), ..user() },
            ] {
                assert_eq!(composed(&payment(recipient, None)), Err(ReasonCode::RecipientControlCharacter));
            }
        }
    }

    #[test]
    fn domains_outside_ascii_are_sent_in_ascii() {
        for (address, ascii) in [
            ("a@przykład.pl", "a@xn--przykad-rjb.pl"),
            ("a@PRZYKŁAD.pl", "a@xn--przykad-rjb.pl"),
            ("a@Żółw.Example", "a@xn--w-uga1v8h.example"),
            ("A_b@Under_score.Example", "A_b@Under_score.Example"),
        ] {
            let email = composed(&payment(User { email: address.to_owned(), ..user() }, None));
            assert_eq!(email.map(|email| email.to).as_deref(), Ok(ascii));
        }
        for (address, why) in [
            ("żółw@example.com", ReasonCode::AddressNotAscii),
            ("a@ż..pl", ReasonCode::AddressWithoutDomain),
            ("a@-ż.pl", ReasonCode::AddressWithoutDomain),
            ("a@ż-.pl", ReasonCode::AddressWithoutDomain),
            ("a@ż_w.pl", ReasonCode::AddressWithoutDomain),
            ("a@z\u{307}.pl", ReasonCode::AddressWithoutDomain),
            ("żółw", ReasonCode::AddressWithoutDomain),
        ] {
            assert_eq!(ascii_address(address), Err(why), "{address}");
        }
    }

    #[test]
    fn each_mail_has_its_own_key_and_all_its_attempts_share_it() {
        let first = payment(user(), None);
        let again = Job { attempts: 7, ..first.clone() };
        assert_eq!(composed(&first).unwrap().idempotency_key, "payment-email-1-1780315200000");
        assert_eq!(composed(&first), composed(&again));
        let other = job(enrolment_email());
        assert_eq!(composed(&other).unwrap().idempotency_key, "enrolment-email-1-1780315200000");
    }

    #[test]
    fn every_key_is_short_enough_for_every_relay() {
        let (recipient, course_name) = (user(), "Rust".to_owned());
        let canceled = Payload::CancellationEmail(CancellationEmail { recipient, course_name, reason: None });
        for (payload, kind) in [(canceled, "cancellation-email"), (correction().email(None).unwrap(), "refund-email")] {
            let last = DateTime::from_timestamp_millis(253_402_300_799_999).unwrap();
            let job = Job { enrolment_id: id(2_147_483_647), created_at: last, ..job(payload) };
            let key = composed(&job).unwrap().idempotency_key;
            assert_eq!(key, format!("{kind}-2147483647-253402300799999"));
            assert!(key.len() <= 64 && key.is_ascii());
        }
    }
}
