//! Writes a mail: its text with the values of the placeholders, as plain text and as HTML.

use super::text::{Piece, paragraphs, pieces};
use super::{MailText, Message, Placeholder};
use maud::{DOCTYPE, Markup, html};

/// A mail without its recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The body as HTML.
    pub html: String,
    /// The body as plain text.
    pub text: String,
}

/// Writes the mail in the words of `text`. A paragraph that names a placeholder without a value is
/// left out. Values are escaped in HTML and are one line in the subject.
#[must_use]
pub fn render(message: &Message<'_>, text: &MailText) -> Rendered {
    let value = |word: &str| Placeholder::parse(word).and_then(|placeholder| message.value(placeholder));
    let subject = pieces(&text.subject).map(|piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Braces(word) => value(word).unwrap_or_default(),
    });
    let subject = one_line(&subject.collect::<String>());
    let paragraphs: Vec<_> = paragraphs(&text.text).filter_map(|paragraph| runs(paragraph, value)).collect();
    let html = html! {
        (DOCTYPE)
        html lang=(message.language().code()) {
            head { meta charset="utf-8"; title { (subject) } }
            body style="font-family: sans-serif; line-height: 1.5" {
                @for paragraph in &paragraphs { p { @for run in paragraph { (run.html()) } } }
            }
        }
    };
    let plain: Vec<String> = paragraphs.iter().map(|runs| runs.iter().map(Run::as_str).collect()).collect();
    Rendered { subject, html: html.into_string(), text: plain.join("\n\n") + "\n" }
}

/// A part of a paragraph.
enum Run {
    Plain(String),
    Link(String),
}

impl Run {
    fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Link(text) => text,
        }
    }

    fn html(&self) -> Markup {
        match self {
            Self::Link(url) => html! { a href=(url) { (url) } },
            Self::Plain(text) => html! {
                @for (number, line) in text.split('\n').enumerate() {
                    @if number > 0 { br; }
                    (line)
                }
            },
        }
    }
}

/// The parts of a paragraph; `None` if a placeholder has no value. A URL in a value is no link,
/// because names and reasons come from people.
fn runs(paragraph: &str, value: impl Fn(&str) -> Option<String>) -> Option<Vec<Run>> {
    let mut runs = Vec::new();
    for piece in pieces(paragraph) {
        match piece {
            Piece::Text(text) => with_links(text, &mut runs),
            Piece::Braces(word) if word == Placeholder::Link.word() => runs.push(Run::Link(value(word)?)),
            Piece::Braces(word) => runs.push(Run::Plain(value(word)?)),
        }
    }
    Some(runs)
}

/// Adds a text whose URLs are links. A sign at the end of a URL belongs to the sentence.
fn with_links(text: &str, runs: &mut Vec<Run>) {
    let mut rest = text;
    while let Some((before, from)) = at_url(rest) {
        let end = from.find(|c: char| c.is_whitespace() || "<>\"„”".contains(c)).unwrap_or(from.len());
        let url = from.get(..end).unwrap_or(from).trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
        runs.push(Run::Plain(before.to_owned()));
        runs.push(Run::Link(url.to_owned()));
        rest = from.strip_prefix(url).unwrap_or_default();
    }
    runs.push(Run::Plain(rest.to_owned()));
}

/// What is before the first URL, and the rest with it.
fn at_url(text: &str) -> Option<(&str, &str)> {
    text.match_indices(':').find_map(|(colon, _)| {
        let (before, after) = text.split_at_checked(colon)?;
        let scheme = ["https", "http"].into_iter().find(|scheme| before.ends_with(scheme))?;
        text.split_at_checked(colon - scheme.len()).filter(|_| after.starts_with("://"))
    })
}

/// Without line breaks and other control characters.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::User;
    use crate::fakes::{composed, correction, job, purchase, reason, user};
    use crate::jobs::{CancellationEmail, Correction, Payload, Purchase};
    use crate::model::email::Email;
    use crate::model::language::Language;
    use crate::model::mail::MailKind;
    use crate::model::note::Reason;

    fn canceled(why: Option<Reason>) -> Email {
        let (recipient, course_name) = (user(), "Rust".to_owned());
        composed(&job(Payload::CancellationEmail(CancellationEmail { recipient, course_name, reason: why }))).unwrap()
    }

    fn refunded(why: Option<Reason>, correction_url: Option<&str>) -> Email {
        let refund = Correction { reason: why, ..correction() };
        composed(&job(refund.email(correction_url.map(str::to_owned)).unwrap())).unwrap()
    }

    fn paid(customer: User, url: Option<&str>) -> Email {
        composed(&job(Purchase { customer, ..purchase() }.email(url.map(str::to_owned)))).unwrap()
    }

    /// As release 0.1.0 wrote them: a mail that it may have sent is repeated with the same bytes.
    #[test]
    fn english_mails_without_new_values_are_those_of_release_0_1_0() {
        let said = "Hello Ann,\n\nYour enrolment in the course Rust is canceled.";
        assert_eq!(canceled(reason("too few people")).text, format!("{said}\n\nReason: too few people\n"));
        assert_eq!(canceled(None).text, format!("{said}\n"));
        let said = "Hello Ann,\n\nYour payment for the course Rust is refunded.";
        let url = "https://account.example/invoice/k";
        let whole = format!("{said}\n\nReason: moved\n\nYour corrected invoice: {url}\n");
        assert_eq!(refunded(reason("moved"), Some(url)).text, whole);
        let link = format!("<p>Your corrected invoice: <a href=\"{url}\">{url}</a></p></body></html>");
        let email = refunded(None, Some(url));
        assert!(email.html.ends_with(&link), "{}", email.html);
        let begin = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Your course payment is \
                     refunded</title></head><body style=\"font-family: sans-serif; line-height: 1.5\"><p>Hello Ann,</p>";
        assert!(email.html.starts_with(begin), "{}", email.html);
        assert_eq!(refunded(None, None).text, format!("{said}\n"));
        let before = Payload::PaymentEmail(crate::jobs::PaymentEmail {
            recipient: User { language: None, ..user() },
            course_name: "Rust".to_owned(),
            invoice_url: Some(url.to_owned()),
            paid: None,
            rebilled: false,
        });
        let said = "Hello Ann,\n\nThank you for your payment!\n\nThe course Rust is paid. We look forward to seeing \
                    you there.";
        assert_eq!(composed(&job(before)).unwrap().text, format!("{said}\n\nYour invoice: {url}\n"));
    }

    #[test]
    fn a_mail_is_in_the_language_of_its_recipient() {
        let polish = User { language: Some(Language::Polish), ..user() };
        let email = paid(polish, Some("https://account.example/invoice/t"));
        assert_eq!(email.subject, "Potwierdzenie płatności za kurs");
        assert!(email.html.starts_with("<!DOCTYPE html><html lang=\"pl\">"), "{}", email.html);
        let ends = "Kwota: 199,99\u{a0}zł\nData płatności: 1 czerwca 2026\n\nFaktura jest dostępna pod adresem: \
                    https://account.example/invoice/t\n";
        assert!(email.text.ends_with(ends), "{}", email.text);
        assert!(
            email.html.contains("<p>Kwota: 199,99\u{a0}zł<br>Data płatności: 1 czerwca 2026</p>"),
            "{}",
            email.html
        );
        let email = paid(user(), None);
        assert!(email.text.ends_with("\n\nAmount: PLN\u{a0}199.99\nDate of payment: 1 June 2026\n"), "{}", email.text);
    }

    #[test]
    fn values_are_escaped_in_html() {
        let why = reason("<b>moved</b> & \"gone\" https://evil.example/");
        for email in [canceled(why.clone()), refunded(why, None)] {
            let said = "<p>Reason: &lt;b&gt;moved&lt;/b&gt; &amp; &quot;gone&quot; https://evil.example/</p>";
            assert!(email.html.contains(said), "{}", email.html);
            assert!(email.text.contains("\n\nReason: <b>moved</b> & \"gone\" https://evil.example/\n"));
        }
        let eve = User { first_name: "<b>Eve</b>'".to_owned(), ..user() };
        let url = "https://account.example/invoice/t?a=1&b=\"2\"";
        let email = paid(eve, Some(url));
        assert!(email.html.contains("<p>Hello &lt;b&gt;Eve&lt;/b&gt;',</p>") && email.text.contains("<b>Eve</b>',"));
        let escaped = "https://account.example/invoice/t?a=1&amp;b=&quot;2&quot;";
        assert!(email.html.contains(&format!("<a href=\"{escaped}\">{escaped}</a>")), "{}", email.html);
    }

    /// What `text` makes of a cancellation.
    fn written(subject: &str, text: &str, recipient: &User, course: &str) -> Rendered {
        let kind = MailKind::Cancellation;
        let message = Message::new(kind, recipient, course);
        render(&message, &MailText { subject: subject.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn a_subject_is_one_line() {
        let subject = written("{course}:  {first_name}", "-", &user(), "Rust\r\nBcc: a@b\0\u{2028}").subject;
        assert_eq!(subject, "Rust Bcc: a@b : Ann");
        let nameless = User { first_name: String::new(), last_name: "Sokrates".to_owned(), ..user() };
        assert_eq!(written("{first_name}", "-", &nameless, "Rust").subject, "Sokrates");
    }

    #[test]
    fn a_paragraph_without_a_value_is_left_out() {
        let text = "First\nline\n\n{course}: {reason}\n\n{of_a_later_release}\n\n\n{course}\n";
        let Rendered { text, html, .. } = written("-", text, &user(), "Rust");
        assert_eq!(text, "First\nline\n\nRust\n");
        assert!(html.contains("<p>First<br>line</p><p>Rust</p></body>"), "{html}");
    }

    #[test]
    fn urls_of_the_text_are_links() {
        let text = "See https://a.example/b?c=1&d. Or (http://e.example), „https://f.example/ż”!\nhttps://";
        let Rendered { text: plain, html, .. } = written("-", text, &user(), "-");
        assert_eq!(plain, format!("{text}\n"));
        let linked = "See <a href=\"https://a.example/b?c=1&amp;d\">https://a.example/b?c=1&amp;d</a>. Or \
                      (<a href=\"http://e.example\">http://e.example</a>), \
                      „<a href=\"https://f.example/ż\">https://f.example/ż</a>”!<br>\
                      <a href=\"https://\">https://</a>";
        assert!(html.contains(linked), "{html}");
    }
}
