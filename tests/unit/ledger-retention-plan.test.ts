import { describe, expect, it } from "vitest";
import { retentionPolicy } from "../../src-main/api/retention.ts";
import { planRules, planSize, type RetentionRule } from "../../src-main/ledger/retention-plan.ts";
import { settingsSchema } from "../../src-shared/contract/upkeep.ts";
import { DAY_MS } from "../../src-shared/time.ts";

const NOW = Date.UTC(2026, 0, 31);
const ANY: RetentionRule = { channel: null, status: null, max_age_days: null, max_records: null };
const FACTS = { now: NOW, lastSeq: 900, nthNewest: () => ({ ts: NOW - DAY_MS, seq: 700 }) };

describe("the plan of the rules", () => {
  it("cuts by age and by count, each by itself, with a reason to sign", () => {
    const rule = { channel: "sms", status: "failed", max_age_days: 30, max_records: 200 } as const;
    expect(planRules([rule], FACTS)).toEqual([
      {
        channel: "sms",
        status: "failed",
        before: { ts: NOW - 30 * DAY_MS, seq: 0 },
        until: 900,
        reason: "Retention: channel sms status failed before 2026-01-01T00:00:00.000Z",
      },
      {
        channel: "sms",
        status: "failed",
        before: { ts: NOW - DAY_MS, seq: 700 },
        until: 900,
        reason: "Retention: channel sms status failed past the newest 200",
      },
    ]);
  });

  it("cuts nothing for a rule that says nothing, or where there are not so many", () => {
    expect(planRules([ANY], FACTS)).toEqual([]);
    expect(planRules([{ ...ANY, max_records: 5 }], { ...FACTS, nthNewest: () => null })).toEqual([]);
    expect(planRules([], FACTS)).toEqual([]);
  });
});

describe("the plan for a size", () => {
  const facts = { lastSeq: 900, messages: 1_000, usedBytes: 8_000_000, afterOldest: () => null };

  it("cuts the share of the oldest that is too much", () => {
    const asked: number[] = [];
    const afterOldest = (count: number) => {
      asked.push(count);
      return { ts: 5, seq: 6 };
    };
    expect(planSize(4, { ...facts, afterOldest })).toMatchObject({ before: { ts: 5, seq: 6 }, until: 900 });
    expect(asked).toEqual([520]);
  });

  it("cuts nothing where it fits, or where there is nothing, and never what comes later", () => {
    expect(planSize(10, facts)).toBeNull();
    expect(planSize(1, { ...facts, messages: 0 })).toBeNull();
    expect(planSize(1, facts)).toMatchObject({ before: { ts: Number.MAX_SAFE_INTEGER }, until: 900 });
  });
});

describe("the policy of the settings", () => {
  const policy = (given: unknown) => retentionPolicy(settingsSchema.parse(given));

  it("is none where everything is kept", () => {
    expect(policy({})).toBeNull();
    expect(policy({ retention: { enabled: true } })).toBeNull();
    expect(policy({ retention: { rules: [{ max_age_days: 3 }], max_size_mb: 5 } })).toBeNull();
  });

  it("is the settings of retention where it is on; retention_days is one of its rules already", () => {
    const rules = [{ ...ANY, channel: "sms", max_records: 9 }];
    const retention = { enabled: true, rules, export_before_delete: true };
    expect(policy({ retention_days: 30, retention })).toEqual({
      rules,
      max_size_mb: null,
      system_log_days: null,
      export_before_delete: true,
      delete_unsent: false,
    });
    const sync = { delete_unsent: true };
    expect(policy({ retention_days: 30, retention, sync })).toMatchObject({ delete_unsent: true });
  });
});
