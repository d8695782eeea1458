import { expect, it } from "vitest";
import { backupsToDelete, scheduledBackups, scheduledName } from "../../src-main/ledger/backup-rotation.ts";
import { HOUR_MS } from "../../src-shared/time.ts";

/** A Saturday. */
const NOW = Date.UTC(2026, 0, 31, 12, 30);
const NONE = { keep_hourly: 0, keep_daily: 0, keep_weekly: 0 };

/** Named by how many hours ago. */
function ago(...hours: number[]) {
  return hours.map((each) => ({ name: String(each), ts: NOW - each * HOUR_MS }));
}

function kept(backups: { name: string; ts: number }[], keep: Partial<typeof NONE>): string[] {
  const gone = new Set(backupsToDelete(backups, { ...NONE, ...keep }, NOW));
  return backups.map(({ name }) => name).filter((name) => !gone.has(name));
}

it("keeps the newest of each of the last hours, days and weeks that have one", () => {
  expect(kept(ago(0, 0.2, 1, 2, 3), { keep_hourly: 3 })).toEqual(["0", "1", "2"]);
  // Today's, yesterday's, and that of a week ago as the third day there is.
  expect(kept(ago(0, 3, 20, 30, 24 * 7), { keep_daily: 3 })).toEqual(["0", "20", "168"]);
  // Monday the 26th at noon is 5 days ago, Sunday the 25th is of the week before.
  expect(kept(ago(0, 24, 24 * 5, 24 * 6, 24 * 8, 24 * 13), { keep_weekly: 3 })).toEqual(["0", "144", "312"]);
  // The newest of two days and of two weeks are among those kept by the finer rules.
  const hourly = ago(...Array.from({ length: 24 * 60 }, (_, hour) => hour));
  expect(kept(hourly, { keep_hourly: 24, keep_daily: 7, keep_weekly: 4 })).toHaveLength(24 + 5 + 2);
});

it("keeps the same when it runs again, and in any order", () => {
  const keep = { ...NONE, keep_hourly: 5, keep_daily: 4, keep_weekly: 3 };
  const backups = ago(...Array.from({ length: 500 }, (_, index) => index * 1.7));
  const gone = new Set(backupsToDelete(backups, keep, NOW));
  const left = backups.filter(({ name }) => !gone.has(name));
  expect(backupsToDelete(left, keep, NOW)).toEqual([]);
  expect(new Set(backupsToDelete(backups.toReversed(), keep, NOW))).toEqual(gone);
});

it("never deletes the newest, nor one of the future", () => {
  expect(kept(ago(24 * 400, 24 * 500), {})).toEqual(["9600"]);
  expect(kept(ago(-50, 3, 5), { keep_hourly: 2 })).toEqual(["-50", "3"]);
  expect(backupsToDelete([], NONE, NOW)).toEqual([]);
});

it("knows its own files by their names, also beside those of another ledger", () => {
  const name = scheduledName("/data", NOW);
  const others = [
    scheduledName("/other", NOW),
    "ledger-2026-01-31T12-30-00-000Z.db",
    "before-restore-2026-01-31T12-30-00-000Z.db",
    `.${name}.partial`,
    `${name}.copy.db`,
    name.replace("2026-01", "2026-13"),
  ];
  expect(scheduledBackups("/data", [...others, name])).toEqual([{ name, ts: NOW }]);
});
