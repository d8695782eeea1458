import { parseTime } from "../time.ts";

/** What a foreign program sent, as JSON made it. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An id as text: programs send numbers as well. Undefined for what is none. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The first of the named fields that holds a time, in milliseconds since 1970. */
export function timeIn(body: Fields, names: readonly string[]): { name: string; ms: number } | undefined {
  for (const name of names) {
    const ms = parseTime(body[name]);
    if (ms !== undefined) return { name, ms };
  }
  return undefined;
}

/** The record's JSON fields are objects; anything else is kept whole under a name. */
export function asObject(value: unknown, name: string): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  return isFields(value) ? value : { [name]: value };
}

/** All fields but those named: nothing that a program sent is dropped. */
export function without(body: Fields, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
}
