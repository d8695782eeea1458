/** The first characters that make a spreadsheet read a cell as a formula, also behind blanks. */
const FORMULA = /^'*(?:[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|[\t\r])/u;
const SPACE = 0x20;
const PLAIN_NUMBER = /^'*[+-]\d+(?:[.,]\d+)?$/;
/** Semicolons and tabs too, so that no reader takes them for the delimiter. */
const NEEDS_QUOTES = /[",;\t\r\n]/;

/**
 * Whether a spreadsheet might run the text, or would once its leading apostrophes are gone. The
 * answer is the same with one apostrophe more or less, which is what makes `inert` reversible.
 */
function mayRun(text: string): boolean {
  const first = text.charCodeAt(0);
  // Most cells begin with a letter, a digit or a bracket: no need for the expressions.
  if (first > 0x2f && first < 0x7f && first !== 0x3d && first !== 0x40) return false;
  return FORMULA.test(text) && !PLAIN_NUMBER.test(text);
}

/**
 * Text that no spreadsheet runs as a formula. A text gets one leading apostrophe when it starts
 * with `=`, `+`, `-`, `@` or their full-width forms, with any blanks, control or invisible characters before
 * them, or with a tab or carriage return; so does a text that has apostrophes before such a start.
 * Plain numbers (`-12.5`, `+49123`) are values, not formulas, and stay as they are.
 */
export function inert(text: string): string {
  return mayRun(text) ? `'${text}` : text;
}

/** The reverse of `inert`: takes away one apostrophe where `inert` would have put it. */
export function original(text: string): string {
  return text.charCodeAt(0) === 0x27 && mayRun(text) ? text.slice(1) : text;
}

/** One cell by RFC 4180: null is empty, arrays and objects are JSON text. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") {
    return typeof value === "object" ? quoted(JSON.stringify(value)) : String(value);
  }
  return quoted(inert(value));
}

function quoted(text: string): string {
  if (NEEDS_QUOTES.test(text)) return `"${text.replaceAll('"', '""')}"`;
  // Some readers trim cells that are not quoted.
  return text.charCodeAt(0) === SPACE || text.charCodeAt(text.length - 1) === SPACE ? `"${text}"` : text;
}

export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(",")}\r\n`;
}
