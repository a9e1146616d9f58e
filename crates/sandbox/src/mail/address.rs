//! Addresses, as the relays' documents describe them.

/// What an address is kept in: `Name <a@b>` or `a@b` alone.
pub(super) struct Mailbox<'a> {
    pub(super) name: &'a str,
    pub(super) local: &'a str,
    pub(super) domain: &'a str,
}

/// Takes a mailbox apart; none if it is not of the form that every relay names.
pub(super) fn mailbox(text: &str) -> Option<Mailbox<'_>> {
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>') {
        Some(text) => text.rsplit_once('<')?,
        None => ("", text),
    };
    let (local, domain) = address.rsplit_once('@')?;
    let fine = |part: &str| !part.is_empty() && !part.contains([' ', '@', '<', '>', ',', '\r', '\n', '\0']);
    (fine(local) && fine(domain)).then_some(Mailbox { name: name.trim(), local, domain })
}

impl Mailbox<'_> {
    /// Whether a name with punctuation stands in quotation marks.
    pub(super) fn is_quoted_where_needed(&self) -> bool {
        let quoted = self.name.len() >= 2 && self.name.starts_with('"') && self.name.ends_with('"');
        quoted || !self.name.contains(['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '.', '"'])
    }

    /// Whether it is ASCII, as RFC 822 has it.
    pub(super) fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.is_ascii()
    }

    /// Whether mail to it comes back.
    pub(super) fn is_inactive(&self) -> bool {
        self.local == "inactive"
    }
}
