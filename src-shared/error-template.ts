const MAX_TEMPLATE = 300;

/** Most specific first: an address holds digits, an id holds a hex run. */
const VARIABLE_PARTS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "<id>"],
  [/https?:\/\/[^\s"'<>]+/gi, "<url>"],
  [/[^\s"'<>@:;,()[\]]+@[^\s"'<>@:;,()[\]]+\.[a-z]{2,}/gi, "<address>"],
  [/"[^"]*"|'[^']{3,}'/g, "<text>"],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, "<id>"],
  [/\+?\d[\d .:/-]*\d|\d/g, "<n>"],
];

/**
 * The text of an error with what differs from message to message taken out, so that a million
 * failures are a few reasons. Three-digit reply codes (SMTP's 550, HTTP's 429) are kept: they are the reason.
 */
export function errorTemplate(text: string): string {
  let template = text.slice(0, 2 * MAX_TEMPLATE).trim();
  for (const [part, placeholder] of VARIABLE_PARTS) {
    template = template.replace(part, (match) =>
      /^[1-5]\d\d(?:[ -][245]\.\d\.\d{1,3})?$|^[245]\.\d\.\d{1,3}$/.test(match) ? match : placeholder,
    );
  }
  return template.replace(/\s+/g, " ").slice(0, MAX_TEMPLATE).toWellFormed();
}
