import type { Pattern } from "./ast.ts";
import { foldCase } from "./fold.ts";

const INDEX = /^\d+$/;

/** Every value at a dotted path. A list stands for each of its elements, or is entered by a number. */
function* valuesAt(value: unknown, path: readonly string[], depth = 0): Generator<unknown> {
  const key = path[depth];
  if (Array.isArray(value)) {
    if (key !== undefined && INDEX.test(key) && Number(key) < value.length) {
      yield* valuesAt(value[Number(key)], path, depth + 1);
    }
    for (const element of value) {
      // One level for each list: a list within a list needs a number.
      if (!Array.isArray(element)) yield* valuesAt(element, path, depth);
    }
    if (key === undefined) yield value;
  } else if (key === undefined) {
    yield value;
  } else if (typeof value === "object" && value !== null && Object.hasOwn(value, key)) {
    yield* valuesAt((value as Record<string, unknown>)[key], path, depth + 1);
  }
}

function compileValueTest({ value, prefix }: Pattern): (found: unknown) => boolean {
  const folded = foldCase(value);
  const number = prefix || value.trim() === "" ? Number.NaN : Number(value);
  return (found) => {
    if (typeof found === "object" && found !== null) return false;
    if (typeof found === "number" && found === number) return true;
    const text = foldCase(String(found));
    return prefix ? text.startsWith(folded) : text === folded;
  };
}

/** Tests a JSON text for a value at a path; without a pattern, for the path alone. */
export function compileJsonTest(path: readonly string[], pattern: Pattern | null): (json: string) => boolean {
  const test = pattern === null ? () => true : compileValueTest(pattern);
  return (json) => {
    try {
      for (const value of valuesAt(JSON.parse(json), path)) {
        if (test(value)) return true;
      }
    } catch {
      // No JSON, written by some other program: it holds no such value.
    }
    return false;
  };
}
