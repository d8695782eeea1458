import type { Level } from "../../../src-shared/system-log.ts";
import { LEVEL_CHOICES } from "./level-meta.ts";

/** What the list shows, in words: "System log: warnings and errors with “spool”". */
export function logSummary(level: Level | null, text: string): string {
  const levels =
    LEVEL_CHOICES.find(({ value }) => value === (level ?? ""))?.label.toLowerCase() ?? "all levels";
  return text === "" ? `System log: ${levels}` : `System log: ${levels} with “${text}”`;
}
