// Why something is not delivered, in words, and what helps. The API's own words stand
// beside them, for the log has the same.

const REASONS = [
  [/^refused with \d+: .*the account's plan$/, "The plan of our account at the other system is used up."],
  [/^refused with (\d+)(: [a-z0-9_., ]+)?$/, "The other system refuses it. Something in it is not acceptable there, in the fields that are named: put that right, then retry, or do it by hand."],
  [/^server error$|^look-up answered: 5|^the invoice to be corrected: 5/, "The other system has trouble of its own."],
  [/^(the receiver: )?(timeout|connection timed out)$/, "The other system did not answer in time."],
  [/^(the receiver: )?(connection (failed|refused)|unreachable|name not resolved|no answer|reply broke off)$/, "The other system cannot be reached, or the connection to it broke off."],
  [/certificate refused$/, "The other system's certificate is not trusted."],
  [/host not allowed$/, "This service may not reach the other system: spin.toml does not allow it."],
  [/^access refused$/, "The other system does not take our access token. Check the token that is configured."],
  [/^payment for the account required$/, "Our account at the other system has to be paid for."],
  [/^account locked$/, "Our account at the other system is locked."],
  [/^no such address or account$/, "There is nothing at the address that is configured for the other system."],
  [/^redirected$/, "The address that is configured for the other system leads elsewhere."],
  [/^unavailable for legal reasons$/, "The other system may not serve us, for legal reasons."],
  [/^too many requests$|^asked to try/, "The other system asks to wait."],
  [/^unreadable (success|refusal|list|invoice)$/, "The other system answered something that cannot be read."],
  [/^unreadable payload$/, "What was to be sent cannot be read any more. Do it by hand."],
  [/^too many attempts that did not say how they ended$/, "It was begun many times and never came to an end."],
  [/^may have been sent, too long ago to repeat$|, twice$/, "The mail may have arrived. It is not sent again by itself, so that nobody gets it twice."],
  [/^delivered, but not written down/, "It arrived, but the database did not take that down."],
  [/^control character in the/, "The customer's name or address has a character that may not be there. Correct it in the users service and do this by hand."],
  [/^the invoice is not issued yet$/, "It waits for the invoice, which comes first."],
  [/^the invoice has no number of KSeF yet$/, "It waits until the invoice has its number of KSeF."],
  [/^KSeF refused the invoice/, "KSeF does not take the invoice. Settle its number first, then retry this or do it by hand."],
  [/^another correction of the invoice exists/, "Somebody corrected the invoice at Fakturownia, and not to zero. Look at it and do this by hand."],
  [/^for the account .*, which is not/, "It belongs to another account at Fakturownia. It waits until that one is configured again."],
  [/^the number of the invoice is not known here/, "The invoice was issued elsewhere. Make the correction by hand."],
  [/^the invoice to be corrected is not found$/, "Fakturownia does not have the invoice that is to be corrected."],
  [/^the invoice to be corrected /, "The invoice at Fakturownia is not as it was issued. Make the correction by hand."],
  [/^(not found yet|said to exist, but not found)$/, "It is not certain yet whether it was issued."],
  [/^(a document of another kind|an invoice|a correction) .*with this number|^the invoice with this number is canceled/, "Fakturownia has a document under this number that is not as it was asked for. Look at it, then retry or do this by hand."],
  [/^KSeF: (looked for|under way|to be sent again|sent again \()/, "The document is on its way to KSeF."],
  [/^KSeF: (refused|sent again in vain)/, "KSeF does not take the document. Look at it at Fakturownia, put it right there, then retry."],
  [/^recipient refused$/, "The mail relay does not send to this address."],
  [/^another mail was sent under this key$/, "The mail relay takes this for another mail."],
  [/^still being sent$/, "The mail relay is still at it."],
  [/^the answer is about another (invoice|document)$/, "Fakturownia answered about another document."],
  [/^an earlier event of the enrolment is dead/, "It waits for an earlier event of this enrolment, which is dead: retry or resolve that one first."],
  [/^an earlier event of the enrolment/, "It waits for an earlier event of this enrolment."],
  [/gone \(410\)/, "The receiver of events says that it is gone. No events are sent until this one is retried."],
  [/^the receiver answered (\d+)$/, "The platform's receiver of events did not take it."],
  [/: the invoice waits$/, "The user or the course is not found any more. The invoice waits until they are back, or until somebody has issued it by hand."],
  [/^(users|courses): /, "The service that knows the customer or the course does not answer as it should."],
];

/** A sentence for `error`, or nothing where none is known. */
export function reason(error) {
  return REASONS.find(([pattern]) => pattern.test(error))?.[1] ?? "";
}
