import type { PreferenceChanges, Preferences } from "../../../src-shared/desktop-bridge.ts";

const MAX_PORT = 65_535;
const NUMBERS = ["http_port", "failure_percent"] as const;

type NumberField = (typeof NUMBERS)[number];
/** The preferences while they are edited: numbers as they are typed. */
export type DesktopDraft = Omit<Preferences, NumberField> & Record<NumberField, string>;
export type DesktopErrors = Record<NumberField, string | null>;

export function toDesktopDraft(saved: Preferences): DesktopDraft {
  return {
    ...saved,
    http_port: String(saved.http_port),
    failure_percent: String(saved.failure_percent),
  };
}

/** What the draft changes, or a sentence for each field that is wrong. */
export function readDesktopDraft(
  draft: DesktopDraft,
  saved: Preferences,
): { changes: PreferenceChanges; errors: null } | { changes: null; errors: DesktopErrors } {
  const errors: DesktopErrors = {
    http_port: rangeError(draft.http_port, MAX_PORT, `Write a port from 1 to ${MAX_PORT}.`),
    failure_percent: rangeError(draft.failure_percent, 100, "Write a whole number from 1 to 100."),
  };
  if (Object.values(errors).some((error) => error !== null)) return { changes: null, errors };
  const wanted: Preferences = {
    ...draft,
    http_port: Number(draft.http_port),
    failure_percent: Number(draft.failure_percent),
  };
  // What the menu may have set meanwhile is left as it is.
  const changed = Object.entries(wanted).filter(
    ([name, value]) => value !== saved[name as keyof Preferences],
  );
  return { changes: Object.fromEntries(changed), errors: null };
}

function rangeError(text: string, most: number, sentence: string): string | null {
  const value = Number(text.trim());
  return /^\d+$/.test(text.trim()) && value >= 1 && value <= most ? null : sentence;
}
