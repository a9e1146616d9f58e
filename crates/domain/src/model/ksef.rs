//! KSeF, the state's system of invoices: it gives a document its number. The invoicing
//! service sends documents there and says how far they are.

use crate::model::text::text;
/// How far a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ksef {
    /// As the invoicing service says it.
    pub status: KsefStatus,
    /// The number that KSeF gave it.
    pub number: Option<String>,
}

text! {
    /// A word of the invoicing service: 1 to 32 lower-case letters and underscores.
    KsefStatus
}

impl KsefStatus {
    /// None for what is no such word.
    #[must_use]
    pub fn new(word: &str) -> Option<Self> {
        let is_word = (1..=32).contains(&word.len()) && word.bytes().all(|own| own.is_ascii_lowercase() || own == b'_');
        is_word.then(|| Self(word.to_owned()))
    }

    /// This service's own word: it asked for the number, and the invoicing service has not
    /// said anything of it.
    #[must_use]
    pub fn requested() -> Self {
        Self("requested".to_owned())
    }

    /// This service's own word: what the invoicing service says is no word of this form.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }
}

/// What is to be done about a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing more: it has its number, or is none that gets one.
    Ended,
    /// It is on its way: to be looked at again.
    UnderWay,
    /// It did not get there: it can be sent again.
    Failed,
    /// It did not get there, and sending it again does not help: a person has to look.
    Refused,
}

impl Ksef {
    /// Whether the account has no access to KSeF.
    #[must_use]
    pub fn is_not_connected(&self) -> bool {
        self.number.is_none() && matches!(self.status.as_str(), "not_connected" | "demo_not_connected")
    }

    /// What is to be done. The words are those of the vendor's description of May 2026
    /// and `duplicate_error`, which callers meet. Those of an account that tries KSeF out
    /// begin with `demo_`. A word that is not known here may turn into one that is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let word = self.status.as_str();
        let (word, demo) = word.strip_prefix("demo_").map_or((word, false), |word| (word, true));
        match word {
            // Whatever is said besides.
            _ if self.number.is_some() => Progress::Ended,
            "ok" if demo => Progress::Ended,
            "not_applicable" => Progress::Ended,
            "send_error" | "server_error" | "requested" => Progress::Failed,
            "duplicate_error" | "not_connected" => Progress::Refused,
            _ => Progress::UnderWay,
        }
    }
}

/// What a look at a document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// How far it is; none where it is not sent.
    pub ksef: Option<Ksef>,
    /// Why it was refused, or what it says that is no status, in the invoicing service's
    /// words: at most 200 characters without control characters; empty if it says none.
    pub reasons: String,
    /// Whether these say that KSeF has the document already: then it is never sent again.
    pub duplicate: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(word: &str, number: Option<&str>) -> Progress {
        Ksef { status: KsefStatus::new(word).unwrap(), number: number.map(str::to_owned) }.progress()
    }

    #[test]
    fn every_word_of_the_vendor_has_its_meaning() {
        for (word, meaning) in [
            ("processing", Progress::UnderWay),
            ("send_error", Progress::Failed),
            ("server_error", Progress::Failed),
            ("duplicate_error", Progress::Refused),
            ("not_connected", Progress::Refused),
            ("not_applicable", Progress::Ended),
            // Clients of the vendor met these; it documents none of them.
            ("status_check_error", Progress::UnderWay),
            ("offline", Progress::UnderWay),
            ("offline_error", Progress::UnderWay),
            ("something_new", Progress::UnderWay),
            (KsefStatus::unknown().as_str(), Progress::UnderWay),
        ] {
            assert_eq!(progress(word, None), meaning, "{word}");
            assert_eq!(progress(&format!("demo_{word}"), None), meaning, "demo_{word}");
        }
        let requested = Ksef { status: KsefStatus::requested(), number: None };
        assert_eq!(requested.progress(), Progress::Failed);
    }

    #[test]
    fn what_is_accepted_has_its_number() {
        for word in ["ok", "processing", "send_error", "duplicate_error", "requested"] {
            assert_eq!(progress(word, Some("1")), Progress::Ended, "{word}");
        }
        assert_eq!(progress("ok", None), Progress::UnderWay, "it comes");
        assert_eq!(progress("demo_ok", None), Progress::Ended, "there need be none");
    }

    #[test]
    fn a_status_is_one_short_word() {
        for none in ["", "OK", "a b", "<b>", "ok1", &"a".repeat(33)] {
            assert_eq!(KsefStatus::new(none), None, "{none}");
        }
        assert_eq!(KsefStatus::new(&"a".repeat(32)).unwrap().as_str().len(), 32);
    }
}
