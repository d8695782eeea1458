import { hash48 } from "./hash.ts";

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

/** SMTP's `550`, `5.1.1` or `550 5.1.1`, or an HTTP status. */
const REPLY_CODE = /^[1-5]\d\d(?:[ -][245]\.\d\.\d{1,3})?$|^[245]\.\d\.\d{1,3}$/;
const PROVIDER_CODE = /^\d{3,7}$/;
/** What stands before a number that is a code and no quantity, as in "Error 30005", "(#131026)" or "HTTP 429". */
const BEFORE_CODE = /(?:#|\b(?:error|code|status|http(?:\/[\d.]+)?)[ :=]*)$/i;

/** A code is the reason itself; it stands at the start of the text or behind a word for it. */
function isCode(match: string, before: string): boolean {
  if (REPLY_CODE.test(match) && before.trim() === "") return true;
  return (REPLY_CODE.test(match) || PROVIDER_CODE.test(match)) && BEFORE_CODE.test(before);
}

/**
 * The text of an error with what differs from message to message taken out, so that a million
 * failures are a few reasons. Codes of replies and providers are kept: they are the reason.
 */
export function errorTemplate(text: string): string {
  let template = text.slice(0, 2 * MAX_TEMPLATE).trim();
  for (const [part, placeholder] of VARIABLE_PARTS) {
    template = template.replace(part, (match, offset: number, whole: string) =>
      isCode(match, whole.slice(Math.max(0, offset - 20), offset)) ? match : placeholder,
    );
  }
  return template.replace(/\s+/g, " ").slice(0, MAX_TEMPLATE).toWellFormed();
}

/** The same template has the same id on every machine, so that ids need no look-up. */
export function errorTemplateId(template: string): number {
  return hash48(template);
}
