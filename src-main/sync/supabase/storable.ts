const REPLACEMENT = "\uFFFD";

/** An escape sequence of JSON; the group holds one of those that PostgreSQL has no character for. */
const ESCAPE = /\\(?:(u0000|u[dD][89a-fA-F][0-9a-fA-F]{2})|.)/g;

/**
 * PostgreSQL stores neither the character NUL nor half a surrogate pair, in text or in JSON. Each becomes U+FFFD,
 * so that the message arrives, which matters more than a character that nobody can see. Takes and gives JSON that
 * `JSON.stringify` wrote, where both are always written as escape sequences.
 */
export function storableJson(json: string): string {
  if (!json.includes("\\u0000") && !json.includes("\\ud")) return json;
  return json.replace(ESCAPE, (sequence, refused: string | undefined) =>
    refused === undefined ? sequence : REPLACEMENT,
  );
}

/** The same for one text. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", REPLACEMENT);
}

/** PostgreSQL knows no year 0: the year before 1 is 1 BC. Takes and gives ISO 8601. */
export function storableTime(time: string): string {
  return time.startsWith("0000-") ? `0001-${time.slice(5)} BC` : time;
}
