//! The emails that customers get.

use crate::User;
use crate::job::{Delivery, Job};
use maud::{DOCTYPE, html};

/// An email, ready for any relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// The address it goes to.
    pub to: String,
    /// One line.
    pub subject: &'static str,
    /// The body for people who read HTML.
    pub html: String,
    /// The same as plain text.
    pub text: String,
    /// The same for every attempt at this email and for no other: at most
    /// 64 characters of ASCII.
    pub idempotency_key: String,
}

/// What an email says; the form is the same for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// To whom.
    pub recipient: &'a User,
    /// One line.
    pub subject: &'static str,
    /// A paragraph each, behind the greeting.
    pub sentences: [String; 2],
    /// The page that shows the invoice, if there is one to show.
    pub invoice_url: Option<&'a str>,
}

/// Why a job cannot be made into an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmailable {
    /// A control character, such as the line break that forges a header.
    #[error("control character in the recipient's name or address")]
    ControlCharacter,
    /// The job asks for something else than an email.
    #[error("not a mail")]
    NotAnEmail,
}

/// Writes the email that `job` asks for.
///
/// # Errors
///
/// Where the recipient's name or address holds a control character, or the job
/// is not for an email.
pub fn compose(job: &Job) -> Result<Email, Unmailable> {
    let Delivery::Email(message) = job.payload.delivery() else { return Err(Unmailable::NotAnEmail) };
    let Message { recipient, subject, sentences, invoice_url } = message;
    if has_control_character(recipient) {
        return Err(Unmailable::ControlCharacter);
    }

    let greeting = format!("Hello {},", recipient.first_name);
    let mut text = greeting.clone();
    for sentence in &sentences {
        text.push_str("\n\n");
        text.push_str(sentence);
    }
    if let Some(url) = invoice_url {
        text.push_str("\n\nYour invoice: ");
        text.push_str(url);
    }
    text.push('\n');
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (subject) } }
            body style="font-family: sans-serif; line-height: 1.5" {
                p { (greeting) }
                @for sentence in &sentences { p { (sentence) } }
                @if let Some(url) = invoice_url { p { "Your invoice: " a href=(url) { (url) } } }
            }
        }
    };
    let html = html.into_string();

    Ok(Email { to: recipient.email.clone(), subject, html, text, idempotency_key: idempotency_key(job) })
}

/// Whether a name or the address holds a control character, which belongs
/// neither in a mail's header nor on an invoice.
pub(crate) fn has_control_character(person: &User) -> bool {
    [&person.first_name, &person.last_name, &person.email].iter().any(|field| field.contains(char::is_control))
}

/// The row's number alone would come again in another deployment that shares
/// the relay's account; with the time of writing it does not.
fn idempotency_key(job: &Job) -> String {
    let kind = job.payload.kind().word().replace('_', "-");
    format!("{kind}-{}-{}", job.enrolment_id, job.created_at.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{enrolment_email, job, purchase, user};
    use crate::job::{Payload, PaymentEmail};

    fn payment(recipient: User, invoice_url: Option<&str>) -> Job {
        let (course_name, invoice_url) = ("Rust & <Wasm>".to_owned(), invoice_url.map(str::to_owned));
        job(Payload::PaymentEmail(PaymentEmail { recipient, course_name, invoice_url }))
    }

    #[test]
    fn confirms_an_enrolment_in_both_forms() {
        let email = compose(&job(enrolment_email())).unwrap();
        assert_eq!(email.to, user().email);
        assert_eq!(email.subject, "Course enrolment confirmation");
        for body in [&email.html, &email.text] {
            assert!(body.contains("Hello Ann,"), "{body}");
            assert!(body.contains("Thank you for enrolling in the course Rust!"), "{body}");
            assert!(body.contains("recorded"), "{body}");
            assert!(!body.contains("invoice"), "{body}");
        }
    }

    #[test]
    fn links_to_the_invoice_when_there_is_one() {
        let url = "https://account.example/invoice/t?a=1&b=\"2\"";
        let email = compose(&payment(user(), Some(url))).unwrap();
        assert_eq!(email.subject, "Your course payment confirmation");
        assert!(email.text.contains(&format!("Your invoice: {url}\n")));
        let escaped = "https://account.example/invoice/t?a=1&amp;b=&quot;2&quot;";
        assert!(email.html.contains(&format!("<a href=\"{escaped}\">{escaped}</a>")));
        let email = compose(&payment(user(), None)).unwrap();
        assert!(!email.text.contains("invoice") && !email.html.contains("invoice"));
    }

    #[test]
    fn names_are_text_in_html() {
        let recipient = User { first_name: "<b>Eve</b>'".to_owned(), ..user() };
        let email = compose(&payment(recipient, None)).unwrap();
        assert!(email.html.contains("Hello &lt;b&gt;Eve&lt;/b&gt;',"));
        assert!(email.html.contains("Rust &amp; &lt;Wasm&gt;"));
        assert!(!email.html.contains("<b>"));
        assert!(email.text.contains("Hello <b>Eve</b>',"));
        assert!(email.text.contains("Rust & <Wasm>"));
    }

    #[test]
    fn an_invoice_is_none() {
        assert_eq!(compose(&job(Payload::Invoice(purchase()))), Err(Unmailable::NotAnEmail));
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
        let other = job(enrolment_email());
        assert_eq!(compose(&other).unwrap().idempotency_key, "enrolment-email-1-1780315200000");
    }
}
