/** JSON with the keys of each object in order: the same content is the same text, however it was written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => (isObject(each) ? inOrder(each) : each));
}

function inOrder(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // Not by assignment, for which a key such as __proto__ means something else.
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
