import type { Pattern } from "./ast.ts";

const ASCII = /^\p{ASCII}*$/u;

export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** For comparing names: one form of composed letters, no case. */
export function foldCase(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/**
 * Whether a name is, or begins with, the pattern's value. An ASCII value meets ASCII letters only,
 * as SQLite's NOCASE does: elsewhere the Kelvin sign would be a k.
 */
export function compileNameTest({ value, prefix }: Pattern): (text: string | null) => boolean {
  const folded = foldCase(value);
  if (!isAscii(value)) {
    return (text) => {
      if (text === null) return false;
      return prefix ? foldCase(text).startsWith(folded) : foldCase(text) === folded;
    };
  }
  return (text) => {
    if (text === null || (!prefix && text.length !== value.length)) return false;
    const head = text.slice(0, value.length);
    return isAscii(head) && head.toLowerCase() === folded;
  };
}
