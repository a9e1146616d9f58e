//! Addresses in the format of the relays' documentation.

/// A mailbox: `Name <a@b>` or `a@b`.
pub(super) struct Mailbox<'a> {
    pub(super) name: &'a str,
    pub(super) local: &'a str,
    pub(super) domain: &'a str,
}

/// Parses a mailbox; none if it does not have the format that all relays document.
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
    /// Whether a name with punctuation has quotation marks.
    pub(super) fn is_quoted_where_needed(&self) -> bool {
        let quoted = self.name.len() >= 2 && self.name.starts_with('"') && self.name.ends_with('"');
        quoted || !self.name.contains(['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '.', '"'])
    }

    /// Whether it is ASCII only, as in RFC 822.
    pub(super) fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.is_ascii()
    }

    /// Whether the recipient is inactive.
    pub(super) fn is_inactive(&self) -> bool {
        self.local == "inactive"
    }
}
