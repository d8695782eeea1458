import type { HealthCheck } from "../../../src-shared/contract/upkeep.ts";

const NAMES: Readonly<Record<string, string>> = {
  database: "Database",
  spool: "Spool",
  disk: "Disk space",
  wal: "Write-ahead log",
  conservation: "Conservation",
  integrity: "Integrity",
  chain: "Chain",
  backup: "Backup",
  retention: "Retention",
  search_index: "Search index",
};

/** A check that this page has no name for is still shown: `message_queue` reads as "Message queue". */
export function checkName(key: string): string {
  const words = key.replaceAll("_", " ");
  return NAMES[key] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

const GRAVITY: Readonly<Record<HealthCheck["state"], number>> = { failing: 0, warning: 1, ok: 2 };
const ORDER = Object.keys(NAMES);

function place(key: string): number {
  const index = ORDER.indexOf(key);
  return index === -1 ? ORDER.length : index;
}

/** What needs attention first; otherwise always in the same order, so that the eye finds a row again. */
export function sortChecks(checks: Readonly<Record<string, HealthCheck>>): [string, HealthCheck][] {
  return Object.entries(checks).sort(
    ([keyA, a], [keyB, b]) => GRAVITY[a.state] - GRAVITY[b.state] || place(keyA) - place(keyB),
  );
}
