//! The mails that customers get.

use crate::User;
use crate::job::{Job, Kind, Payload};
use std::borrow::Cow;

/// A mail, ready for any relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The address it goes to.
    pub to: String,
    /// One line.
    pub subject: &'static str,
    /// The body for people who read HTML.
    pub html: String,
    /// The same as plain text.
    pub text: String,
    /// The same for every attempt at this mail and for no other mail: at most
    /// 64 characters of ASCII.
    pub idempotency_key: String,
}

/// Why a job cannot be made into a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmailable {
    /// A control character, such as the line break that forges a header.
    #[error("control character in the recipient's name or address")]
    ControlCharacter,
    /// The job asks for something else than a mail.
    #[error("not a mail")]
    NotAMail,
}

/// Writes the mail that `job` asks for.
///
/// # Errors
///
/// Where the recipient's name or address holds a control character, or the job
/// is not for a mail.
pub fn compose(job: &Job) -> Result<Letter, Unmailable> {
    let (recipient, subject, sentences, url) = match &job.payload {
        Payload::EnrolmentEmail { recipient, course_name } => (
            recipient,
            "Course enrolment confirmation",
            [
                format!("Thank you for enrolling in the course {course_name}!"),
                "Your enrolment has been recorded.".to_owned(),
            ],
            None,
        ),
        Payload::PaymentEmail { recipient, course_name, invoice_url } => (
            recipient,
            "Your course payment confirmation",
            [
                "Thank you for your payment!".to_owned(),
                format!("The course {course_name} is paid. We look forward to seeing you there."),
            ],
            invoice_url.as_deref(),
        ),
        Payload::Invoice(_) => return Err(Unmailable::NotAMail),
    };
    if has_control_character(recipient) {
        return Err(Unmailable::ControlCharacter);
    }

    let greeting = format!("Hello {},", recipient.first_name);
    let mut text = greeting.clone();
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{subject}</title></head>\n\
         <body style=\"font-family: sans-serif; line-height: 1.5\">\n<p>{}</p>\n",
        escape(&greeting)
    );
    for sentence in &sentences {
        text.push_str("\n\n");
        text.push_str(sentence);
        html.push_str("<p>");
        html.push_str(&escape(sentence));
        html.push_str("</p>\n");
    }
    if let Some(url) = url {
        let url_html = escape(url);
        text.push_str("\n\nYour invoice: ");
        text.push_str(url);
        html.push_str(&format!("<p>Your invoice: <a href=\"{url_html}\">{url_html}</a></p>\n"));
    }
    text.push('\n');
    html.push_str("</body></html>\n");

    Ok(Letter { to: recipient.email.clone(), subject, html, text, idempotency_key: idempotency_key(job) })
}

/// Whether a name or the address holds a control character, which belongs
/// neither in a mail's header nor on an invoice.
pub(crate) fn has_control_character(person: &User) -> bool {
    [&person.first_name, &person.last_name, &person.email].iter().any(|field| field.contains(char::is_control))
}

/// The row's number alone would come again in another deployment that shares
/// the relay's account; with the time of writing it does not.
fn idempotency_key(job: &Job) -> String {
    let kind = match job.payload.kind() {
        Kind::EnrolmentEmail => "enrolment-email",
        Kind::Invoice => "invoice",
        Kind::PaymentEmail => "payment-email",
    };
    format!("{kind}-{}-{}", job.enrolment_id, job.created_at.timestamp_millis())
}

/// Text as HTML that shows it, in an element or in a quoted attribute.
fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{job, user};

    fn payment(recipient: User, invoice_url: Option<&str>) -> Job {
        job(Payload::PaymentEmail {
            recipient,
            course_name: "Rust & <Wasm>".to_owned(),
            invoice_url: invoice_url.map(str::to_owned),
        })
    }

    #[test]
    fn confirms_an_enrolment_in_both_forms() {
        let letter =
            compose(&job(Payload::EnrolmentEmail { recipient: user(), course_name: "Rust".to_owned() })).unwrap();
        assert_eq!(letter.to, user().email);
        assert_eq!(letter.subject, "Course enrolment confirmation");
        for body in [&letter.html, &letter.text] {
            assert!(body.contains("Hello Ann,"), "{body}");
            assert!(body.contains("Thank you for enrolling in the course Rust!"), "{body}");
            assert!(body.contains("recorded"), "{body}");
            assert!(!body.contains("invoice"), "{body}");
        }
    }

    #[test]
    fn links_to_the_invoice_when_there_is_one() {
        let url = "https://account.example/invoice/t?a=1&b=\"2\"";
        let letter = compose(&payment(user(), Some(url))).unwrap();
        assert_eq!(letter.subject, "Your course payment confirmation");
        assert!(letter.text.contains(&format!("Your invoice: {url}\n")));
        let escaped = "https://account.example/invoice/t?a=1&amp;b=&quot;2&quot;";
        assert!(letter.html.contains(&format!("<a href=\"{escaped}\">{escaped}</a>")));
        let letter = compose(&payment(user(), None)).unwrap();
        assert!(!letter.text.contains("invoice") && !letter.html.contains("invoice"));
    }

    #[test]
    fn names_are_text_in_html() {
        let recipient = User { first_name: "<b>Eve</b>'".to_owned(), ..user() };
        let letter = compose(&payment(recipient, None)).unwrap();
        assert!(letter.html.contains("Hello &lt;b&gt;Eve&lt;/b&gt;&#39;,"));
        assert!(letter.html.contains("Rust &amp; &lt;Wasm&gt;"));
        assert!(!letter.html.contains("<b>"));
        assert!(letter.text.contains("Hello <b>Eve</b>',"));
        assert!(letter.text.contains("Rust & <Wasm>"));
    }

    #[test]
    fn nobody_forges_a_header() {
        for bad in ["a\rb", "a\nb", "a\0b", "a\u{1b}[2Jb", "a\u{7f}", "a\u{85}b"] {
            for recipient in [
                User { first_name: bad.to_owned(), ..user() },
                User { last_name: bad.to_owned(), ..user() },
                User { email: bad.to_owned(), ..user() },
            ] {
                assert_eq!(compose(&payment(recipient, None)), Err(Unmailable::ControlCharacter));
            }
        }
    }

    #[test]
    fn the_key_tells_mails_apart_and_attempts_together() {
        let first = payment(user(), None);
        let again = Job { attempts: 7, ..first.clone() };
        assert_eq!(compose(&first).unwrap().idempotency_key, "payment-email-1-1780315200000");
        assert_eq!(compose(&first), compose(&again));
        let other = job(Payload::EnrolmentEmail { recipient: user(), course_name: String::new() });
        assert_eq!(compose(&other).unwrap().idempotency_key, "enrolment-email-1-1780315200000");
    }
}
