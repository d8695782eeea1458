const MOST_CHARACTERS = 253;

/** The domain of an e-mail address, in lower case; null for a phone number or any other id. */
export function recipientDomain(recipient: string): string | null {
  const at = recipient.lastIndexOf("@");
  if (at < 1 || at === recipient.length - 1 || recipient.length - at > MOST_CHARACTERS) return null;
  return recipient.slice(at + 1).toLowerCase();
}
