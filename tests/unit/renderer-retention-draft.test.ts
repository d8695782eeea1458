import { describe, expect, test } from "vitest";
import {
  describeBackups,
  readDraft as readBackups,
  toDraft as toBackupsDraft,
} from "../../src-renderer/pages/settings/backups-draft.ts";
import {
  deletesMore,
  newRule,
  readDraft,
  toDraft,
} from "../../src-renderer/pages/settings/retention-draft.ts";
import { describeRetention, oldQuery } from "../../src-renderer/pages/settings/retention-words.ts";
import { type RetentionSettings, settingsSchema } from "../../src-shared/contract/upkeep.ts";

const { retention: OFF, backups: BACKUPS } = settingsSchema.parse({});
const ANY = { channel: null, status: null, max_age_days: null, max_records: null };
const ON: RetentionSettings = {
  enabled: true,
  rules: [
    { ...ANY, channel: "email", status: "failed", max_age_days: 90 },
    { ...ANY, max_records: 1_000_000 },
  ],
  max_size_mb: 500,
  system_log_days: 1,
  export_before_delete: true,
};

describe("readDraft", () => {
  test("reads back what was saved", () => {
    expect(readDraft(toDraft(ON))).toEqual({ retention: ON, errors: null });
    expect(readDraft(toDraft(OFF))).toEqual({ retention: OFF, errors: null });
  });

  test.each(["0", "-1", "1.5", "36501", "ninety", "1e2"])("refuses %j days with a sentence", (days) => {
    const { errors } = readDraft({ ...toDraft(OFF), rules: [{ ...newRule(0), days }] });
    expect(errors?.rules[0]?.days).toBe("Write a whole number of days from 1 to 36,500.");
  });

  test("refuses a rule without a limit, and takes blanks and separators around numbers", () => {
    const read = (days: string, records: string) =>
      readDraft({ ...toDraft(OFF), rules: [{ ...newRule(0), days, records }] });
    expect(read(" ", "").errors?.rules[0]?.days).toBe("Write an age, a number to keep, or both.");
    expect(read(" 30 ", "1,000").retention?.rules).toEqual([
      { ...ANY, max_age_days: 30, max_records: 1_000 },
    ]);
  });
});

test("describeRetention says what goes, rule by rule", () => {
  expect(describeRetention(ON)).toEqual([
    "Failed email messages older than 90 days are deleted, after they were exported to a CSV file.",
    "All messages but the newest 1,000,000 are deleted, after they were exported to a CSV file.",
    "While the database is larger than 500 MB, the oldest messages are deleted, after they were exported to a CSV file.",
    "System log entries older than 1 day are deleted.",
  ]);
  expect(describeRetention({ ...ON, enabled: false })).toEqual([]);
});

test("oldQuery quotes what would be read as something else", () => {
  const rule = { ...ANY, channel: "a b", status: "failed" } as const;
  expect(oldQuery(rule, 1, Date.UTC(2026, 0, 31, 9))).toBe(
    'channel:"a b" status:failed before:2026-01-30T09:00:00.000Z',
  );
});

describe("deletesMore", () => {
  const days = (max_age_days: number, channel: string | null = null): RetentionSettings => ({
    ...OFF,
    enabled: true,
    rules: [{ ...ANY, channel, max_age_days }],
  });
  test.each([
    ["turned on", days(30), OFF, true],
    ["turned off", { ...days(30), enabled: false }, days(30), false],
    ["shorter", days(30), days(90), true],
    ["longer", days(90), days(30), false],
    ["a part of what goes already", days(90, "sms"), days(90), false],
    ["all in place of a part", days(90), days(90, "sms"), true],
    ["a size", { ...days(90), max_size_mb: 5 }, days(90), true],
    ["a larger size", { ...days(90), max_size_mb: 5 }, { ...days(90), max_size_mb: 4 }, false],
  ])("%s", (_name, next, before, expected) => {
    expect(deletesMore(next, before)).toBe(expected);
  });
});

describe("backups", () => {
  test("are read back as saved, and described", () => {
    expect(readBackups(toBackupsDraft(BACKUPS))).toEqual({ backups: BACKUPS, errors: null });
    expect(describeBackups({ ...BACKUPS, enabled: true, keep_hourly: 6, directory: "/mnt/b" })).toBe(
      "Every 24 hours a backup is written to /mnt/b, and verified. The newest of each of the last 6 hours, 7 days and 4 weeks is kept; older ones are removed.",
    );
  });

  test("refuse what keeps none, and a folder that is not named in full", () => {
    const none = { enabled: true, keep_hourly: "0", keep_daily: "0", keep_weekly: "0" };
    expect(readBackups({ ...toBackupsDraft(BACKUPS), ...none }).errors?.keep_daily).toMatch(/at least one/);
    for (const directory of ["backups", "./b", "~/b"]) {
      expect(readBackups({ ...toBackupsDraft(BACKUPS), directory }).errors?.directory).not.toBeNull();
    }
    for (const directory of ["/b", "C:\\b", "\\\\server\\b"]) {
      expect(readBackups({ ...toBackupsDraft(BACKUPS), directory }).backups?.directory).toBe(directory);
    }
  });
});
