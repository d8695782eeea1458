const STRICT = new TextDecoder("utf-8", { fatal: true });

/** Only such a run of digits may be a number that JavaScript would round. */
const MANY_DIGITS = /\d{16}/;

/**
 * The JSON in a body. A whole number too large for JavaScript becomes its text: as an id (a snowflake is one) it would
 * else be another's. Throws a `SyntaxError` or `TypeError` for what is no JSON in UTF-8.
 */
export function parseJson(body: Uint8Array): unknown {
  const text = STRICT.decode(body);
  if (!MANY_DIGITS.test(text)) return JSON.parse(text) as unknown;
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown) as unknown;
}

function keepDigits(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return source !== undefined && /^-?\d+$/.test(source) ? source : value;
}
