//! Who the mails are from.

use domain::model::email::ascii_address;
use std::fmt;

/// What `mail_from` says: `Name <address>`, or an address alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sender {
    /// Without quotation marks; may be empty.
    pub(super) name: String,
    /// Its domain in ASCII.
    pub(super) email: String,
}

impl Sender {
    /// None where there is no address that mail can come from.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, email) = match text.strip_suffix('>') {
            Some(text) => text.rsplit_once('<')?,
            None => ("", text),
        };
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        let email = ascii_address(email.trim()).ok()?;
        let (local, domain) = email.split_once('@')?;
        let is_plain = !email.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;".contains(c));
        let is_whole = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
        (is_plain && is_whole && !name.contains(char::is_control)).then(|| Self { name: name.to_owned(), email })
    }

    /// The address, if it has no name.
    pub(crate) fn into_address(self) -> Option<String> {
        self.name.is_empty().then_some(self.email)
    }
}

/// As RFC 5322 has it: a name with punctuation stands in quotation marks. Postmark refuses
/// it otherwise (its article on error code 300).
impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, email } = self;
        if name.is_empty() {
            return f.write_str(email);
        }
        if name.contains(|c: char| "()<>[]:;@\\,.\"".contains(c)) {
            let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
            return write!(f, "\"{escaped}\" <{email}>");
        }
        write!(f, "{name} <{email}>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for (text, name, email, shown) in [
            ("courses@example.com", "", "courses@example.com", "courses@example.com"),
            (" <courses@example.com>\n", "", "courses@example.com", "courses@example.com"),
            ("Courses <courses@example.com>", "Courses", "courses@example.com", "Courses <courses@example.com>"),
            (
                "Kursy żółwia <k@przykład.pl>",
                "Kursy żółwia",
                "k@xn--przykad-rjb.pl",
                "Kursy żółwia <k@xn--przykad-rjb.pl>",
            ),
            ("\"Courses, Ltd.\" <a@b>", "Courses, Ltd.", "a@b", "\"Courses, Ltd.\" <a@b>"),
            ("Courses, Ltd. <a@b>", "Courses, Ltd.", "a@b", "\"Courses, Ltd.\" <a@b>"),
            ("The \"best\" <a@b>", "The \"best\"", "a@b", "\"The \\\"best\\\"\" <a@b>"),
        ] {
            let sender = Sender::parse(text);
            assert_eq!(sender, Some(Sender { name: name.to_owned(), email: email.to_owned() }), "{text}");
            assert_eq!(sender.map(|sender| sender.to_string()).as_deref(), Some(shown));
        }
    }

    #[test]
    fn what_is_no_sender_is_none() {
        for text in
            ["", "courses", "@b", "a@", "a@b@c", "a b@c", "Courses <>", "a@b, c@d", "żółw@b.pl", "A\nB <a@b>", "a@b>"]
        {
            assert_eq!(Sender::parse(text), None, "{text:?}");
        }
    }
}
