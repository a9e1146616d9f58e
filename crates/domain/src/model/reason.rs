//! Why an attempt failed: a code and a detail.

use crate::model::error::{System, Unavailable, Unusable};
use std::fmt::{self, Display};
use strum::{EnumMessage, EnumString, IntoStaticStr, VariantArray};

/// The kind of a failure. The database, the API and the log have the code: the variant's name in
/// snake case, at most 40 characters. The message is its text for people. A released code never
/// changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumMessage, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ReasonCode {
    // There is no reply.
    #[strum(message = "no time left")]
    NoTimeLeft,
    #[strum(message = "invalid request")]
    InvalidRequest,
    #[strum(message = "name not resolved")]
    NameNotResolved,
    #[strum(message = "unreachable")]
    Unreachable,
    #[strum(message = "connection refused")]
    ConnectionRefused,
    #[strum(message = "connection timed out")]
    ConnectionTimedOut,
    #[strum(message = "connection failed")]
    ConnectionFailed,
    #[strum(message = "too many connections")]
    TooManyConnections,
    #[strum(message = "certificate refused")]
    CertificateRefused,
    #[strum(message = "host not allowed")]
    HostNotAllowed,
    #[strum(message = "reply broke off")]
    ReplyBrokeOff,
    #[strum(message = "reply too large")]
    ReplyTooLarge,
    #[strum(message = "timeout")]
    Timeout,

    // The reply is about the system or the account, not about the one request.
    #[strum(message = "redirected")]
    Redirected,
    #[strum(message = "access refused")]
    AccessRefused,
    #[strum(message = "payment for the account required")]
    PaymentRequired,
    #[strum(message = "no such address or account")]
    NoSuchAddress,
    #[strum(message = "account locked")]
    AccountLocked,
    #[strum(message = "unavailable for legal reasons")]
    LegalReasons,
    #[strum(message = "asked to try again later")]
    AskedToWait,
    #[strum(message = "too many requests")]
    TooManyRequests,
    #[strum(message = "server error")]
    ServerError,
    #[strum(message = "out of order")]
    OutOfOrder,
    #[strum(message = "unexpected status")]
    UnexpectedStatus,
    #[strum(message = "unreadable answer")]
    UnreadableAnswer,

    // This service, and the users and courses services.
    #[strum(message = "configuration")]
    Configuration,
    #[strum(message = "database")]
    Database,
    #[strum(message = "delivered, but not written down")]
    NotWrittenDown,
    #[strum(message = "too many attempts that did not say how they ended")]
    TooManyAttempts,
    #[strum(message = "unreadable payload")]
    UnreadablePayload,
    #[strum(message = "users service unavailable")]
    UsersUnavailable,
    #[strum(message = "users service's answer cannot be used")]
    UsersUnusable,
    #[strum(message = "courses service unavailable")]
    CoursesUnavailable,
    #[strum(message = "courses service's answer cannot be used")]
    CoursesUnusable,
    #[strum(message = "the user is not found or inactive, and the invoice waits")]
    UserNotFound,
    #[strum(message = "the course is not found, and the invoice waits")]
    CourseNotFound,

    // Documents.
    #[strum(message = "document refused")]
    DocumentRefused,
    #[strum(message = "the account's settings are refused")]
    AccountSettingsRefused,
    #[strum(message = "the account's plan is used up")]
    PlanUsedUp,
    #[strum(message = "control character in the buyer's name or address")]
    BuyerControlCharacter,
    #[strum(message = "for an account that is not the one that is set")]
    OtherAccount,
    #[strum(message = "not found yet")]
    NotFoundYet,
    #[strum(message = "said to exist, but not found")]
    SaidToExist,
    #[strum(message = "too many documents to search")]
    TooManyDocuments,
    #[strum(message = "the answer is about another document")]
    AnswerOfAnotherDocument,
    #[strum(message = "a document of another kind exists with this number")]
    DocumentOfAnotherKind,
    #[strum(message = "the document with this number is canceled")]
    DocumentCanceled,
    #[strum(message = "a document with this number exists for another buyer")]
    DocumentOfAnotherBuyer,
    #[strum(message = "a document with this number exists over another amount")]
    DocumentOverAnotherAmount,
    #[strum(message = "a document with this number exists in another currency")]
    DocumentInAnotherCurrency,
    #[strum(message = "a correction with this number exists for another invoice")]
    CorrectionOfAnotherInvoice,
    #[strum(message = "another correction of the invoice exists")]
    AnotherCorrection,
    #[strum(message = "the document before it is not issued yet")]
    InvoiceNotIssued,
    #[strum(message = "the invoice has no number of KSeF yet")]
    InvoiceNotNumbered,
    #[strum(message = "KSeF refused the invoice: a person must settle that first, then retry the correction")]
    InvoiceNotAccepted,
    #[strum(message = "the number of the invoice is not known here: a person must make the correction")]
    InvoiceUnidentified,
    #[strum(message = "the invoice to be corrected is not found")]
    InvoiceNotFound,
    #[strum(message = "the invoice to be corrected is not as it was issued")]
    InvoiceChanged,

    // Documents at KSeF.
    #[strum(message = "the document is not found")]
    KsefDocumentNotFound,
    #[strum(message = "KSeF: not sent yet")]
    KsefNotSent,
    #[strum(message = "KSeF: under way")]
    KsefUnderWay,
    #[strum(message = "KSeF: to be sent again")]
    KsefToBeSentAgain,
    #[strum(message = "KSeF: sent again")]
    KsefSentAgain,
    #[strum(message = "KSeF: sent again in vain")]
    KsefSentInVain,
    #[strum(message = "KSeF: refused")]
    KsefRefused,

    // Mails.
    #[strum(message = "control character in the recipient's name or address")]
    RecipientControlCharacter,
    #[strum(message = "letters outside ASCII before the @ of the address, which no relay takes")]
    AddressNotAscii,
    #[strum(message = "no domain behind the @ of the address")]
    AddressWithoutDomain,
    #[strum(message = "the relay refuses the account")]
    AccountRefused,
    #[strum(message = "mail refused")]
    MailRefused,
    #[strum(message = "still being sent")]
    StillBeingSent,
    #[strum(message = "waiting for the relay")]
    RelayDown,
    #[strum(message = "may have been sent, too long ago to repeat")]
    MaybeSentLongAgo,
    #[strum(message = "may have been sent twice")]
    MaybeSentTwice,

    // Events.
    #[strum(message = "no receiver is configured")]
    NoReceiver,
    #[strum(message = "the receiver does not take the event")]
    EventNotTaken,
    #[strum(message = "the receiver says that it is gone (410): no more events are sent")]
    ReceiverGone,
    #[strum(message = "an earlier event of the enrolment is not delivered yet")]
    EarlierEventDue,
    #[strum(message = "an earlier event of the enrolment is dead: retry or resolve it first")]
    EarlierEventDead,
}

impl ReasonCode {
    /// All codes.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The code for a word; `None` for a word of a later release.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        word.parse().ok()
    }

    /// The word in the database, in the API and in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The text for people.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.get_message().unwrap_or_default()
    }

    /// The reason with a detail of the attempt.
    #[must_use]
    pub fn with(self, detail: impl Display) -> FailureReason {
        FailureReason { code: self, detail: detail.to_string(), quoted: String::new() }
    }
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureReason {
    /// The kind of the failure.
    pub code: ReasonCode,
    /// A detail of the attempt, such as a status or the names of fields; may be empty. It has no
    /// personal data.
    pub detail: String,
    /// The error message of KSeF; mostly empty. It may name the buyer: the database stores it
    /// and operators see it, but it is never logged.
    pub quoted: String,
}

impl FailureReason {
    /// What the database stores next to the code: the detail and the quoted message.
    #[must_use]
    pub fn full_detail(&self) -> String {
        joined(&self.detail, &self.quoted)
    }

    /// Adds one more detail.
    #[must_use]
    pub fn and(mut self, more: &str) -> Self {
        let separator = if self.detail.is_empty() { "" } else { "; " };
        self.detail = self.detail + separator + more;
        self
    }
}

impl From<ReasonCode> for FailureReason {
    fn from(code: ReasonCode) -> Self {
        code.with("")
    }
}

impl From<&Unavailable> for FailureReason {
    fn from(Unavailable { system, cause }: &Unavailable) -> Self {
        let code = match system {
            System::Users => ReasonCode::UsersUnavailable,
            System::Courses => ReasonCode::CoursesUnavailable,
            System::Database => ReasonCode::Database,
            System::Configuration => ReasonCode::Configuration,
        };
        code.with(cause)
    }
}

impl From<&Unusable> for FailureReason {
    fn from(Unusable { system, cause }: &Unusable) -> Self {
        let code = match system {
            System::Users => ReasonCode::UsersUnusable,
            System::Courses => ReasonCode::CoursesUnusable,
            System::Database => ReasonCode::Database,
            System::Configuration => ReasonCode::Configuration,
        };
        code.with(cause)
    }
}

/// The text and the detail, without personal data.
impl Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(self.code.text(), &self.detail))
    }
}

/// A reason in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReason {
    /// The word of a [`ReasonCode`], or a word of a later release.
    pub code: String,
    /// The [`FailureReason::full_detail`].
    pub detail: String,
}

impl StoredReason {
    /// The text and the detail, for operators. It may have personal data.
    #[must_use]
    pub fn text(&self) -> String {
        let text = self.code.parse().map_or(self.code.as_str(), |code: ReasonCode| code.text());
        joined(text, &self.detail)
    }
}

fn joined(text: &str, more: &str) -> String {
    let separator = if text.is_empty() || more.is_empty() { "" } else { ": " };
    format!("{text}{separator}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_has_a_word_and_a_text_of_its_own() {
        let words: HashSet<_> = ReasonCode::ALL.iter().map(|code| code.word()).collect();
        let texts: HashSet<_> = ReasonCode::ALL.iter().map(|code| code.text()).collect();
        assert_eq!((words.len(), texts.len()), (ReasonCode::ALL.len(), ReasonCode::ALL.len()));
        for code in ReasonCode::ALL {
            let word = code.word();
            assert!(word.len() <= 40 && word.bytes().all(|own| own.is_ascii_lowercase() || own == b'_'), "{word}");
            assert!(!code.text().is_empty(), "{word}");
            assert_eq!(word.parse(), Ok(*code));
        }
    }

    #[test]
    fn only_operators_see_the_quoted_message() {
        let quoted = FailureReason { quoted: "NIP of Acme".to_owned(), ..ReasonCode::KsefRefused.with("send_error") };
        assert_eq!(quoted.to_string(), "KSeF: refused: send_error");
        let stored = StoredReason { code: quoted.code.word().to_owned(), detail: quoted.full_detail() };
        assert_eq!(stored.text(), "KSeF: refused: send_error: NIP of Acme");
        assert_eq!(FailureReason::from(ReasonCode::Timeout).to_string(), "timeout");
        assert_eq!(ReasonCode::Timeout.with("").and("a").and("b").to_string(), "timeout: a; b");
    }

    #[test]
    fn a_code_of_a_later_release_is_its_own_text() {
        for (detail, text) in [("", "later"), ("7", "later: 7")] {
            assert_eq!(StoredReason { code: "later".to_owned(), detail: detail.to_owned() }.text(), text);
        }
    }
}
