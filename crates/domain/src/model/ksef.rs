//! KSeF, the Polish state's invoice system. It gives each document a number. The invoicing
//! service sends documents there and reports their status.

use crate::model::text::text;

/// The state of a document at KSeF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ksef {
    /// The status from the invoicing service.
    pub status: KsefStatus,
    /// Its KSeF number.
    pub number: Option<String>,
}

text! {
    /// A status word of the invoicing service: 1 to 32 lower-case letters and underscores.
    KsefStatus
}

impl KsefStatus {
    /// Checks `word`; `None` if it does not have this form.
    #[must_use]
    pub fn new(word: &str) -> Option<Self> {
        let is_word = (1..=32).contains(&word.len()) && word.bytes().all(|own| own.is_ascii_lowercase() || own == b'_');
        is_word.then(|| Self(word.to_owned()))
    }

    /// A word of this service: it asked for the number, and the invoicing service has not
    /// reported a status yet.
    #[must_use]
    pub fn requested() -> Self {
        Self("requested".to_owned())
    }

    /// A word of this service: the status from the invoicing service does not have this form.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }
}

/// What to do with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing: it has its number, or does not get one.
    Ended,
    /// It is being processed: look again later.
    UnderWay,
    /// Sending failed: send it again.
    Failed,
    /// It was refused, and sending it again does not help: a person has to look.
    Refused,
}

impl Ksef {
    /// Whether the account has no access to KSeF.
    #[must_use]
    pub fn is_not_connected(&self) -> bool {
        self.number.is_none() && matches!(self.status.as_str(), "not_connected" | "demo_not_connected")
    }

    /// What to do. The words are from the vendor's description of May 2026; `duplicate_error`
    /// is seen in practice. The words of a KSeF test account begin with `demo_`. A document with
    /// an unknown word counts as being processed.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let word = self.status.as_str();
        let (word, demo) = word.strip_prefix("demo_").map_or((word, false), |word| (word, true));
        match word {
            // A number ends it, whatever the status is.
            _ if self.number.is_some() => Progress::Ended,
            "ok" if demo => Progress::Ended,
            "not_applicable" => Progress::Ended,
            "send_error" | "server_error" | "requested" => Progress::Failed,
            "duplicate_error" | "not_connected" => Progress::Refused,
            _ => Progress::UnderWay,
        }
    }
}

/// The answer to a query of a document's state at KSeF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its state; `None` if it is not sent.
    pub ksef: Option<Ksef>,
    /// The error messages of the invoicing service, or a status in another form: at most 200
    /// characters without control characters; empty if there are none.
    pub reasons: String,
    /// Whether the messages say that KSeF has the document already. Then it is never sent again.
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
            // These are seen in practice; the vendor does not document them.
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
    fn an_accepted_document_has_its_number() {
        for word in ["ok", "processing", "send_error", "duplicate_error", "requested"] {
            assert_eq!(progress(word, Some("1")), Progress::Ended, "{word}");
        }
        assert_eq!(progress("ok", None), Progress::UnderWay, "the number follows");
        assert_eq!(progress("demo_ok", None), Progress::Ended, "a test account may give no number");
    }

    #[test]
    fn a_status_is_one_short_word() {
        for none in ["", "OK", "a b", "<b>", "ok1", &"a".repeat(33)] {
            assert_eq!(KsefStatus::new(none), None, "{none}");
        }
        assert_eq!(KsefStatus::new(&"a".repeat(32)).unwrap().as_str().len(), 32);
    }
}
