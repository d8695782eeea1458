import { describe, expect, test } from "vitest";
import { checkName, sortChecks } from "../../src-renderer/pages/health/check-names.ts";
import { healthVerdict } from "../../src-renderer/pages/health/health-verdict.ts";
import type { Health, HealthCheck } from "../../src-shared/contract/upkeep.ts";

function check(state: HealthCheck["state"]): HealthCheck {
  return { state, message: "", value: null, unit: null };
}

function health(
  status: Health["status"],
  records: number,
  available: boolean,
  checks: Health["checks"] = {},
) {
  const spool = { records, files: 0, bytes: 0, directory: "" };
  const database = { available } as Health["database"];
  return { status, checks, spool, database };
}

describe("healthVerdict", () => {
  test("says that all is well", () => {
    expect(healthVerdict(health("ok", 0, true))).toEqual({
      title: "Healthy",
      sentence: "Every record is accepted and kept. There is nothing to do.",
    });
  });

  test("says where records wait", () => {
    const sentence = (records: number, available: boolean) =>
      healthVerdict(health("degraded", records, available)).sentence;
    expect(sentence(1204, true)).toBe(
      "Records are accepted, but they wait in the spool (1,204 so far) until the database takes them. None is lost.",
    );
    expect(sentence(0, false)).toBe(
      "The database can't be used. New records are still accepted: they wait in the spool.",
    );
  });

  test("counts what else needs attention", () => {
    const checks = { disk: check("warning"), backup: check("ok") };
    expect(healthVerdict(health("degraded", 0, true, checks)).sentence).toBe(
      "Records are accepted and kept, but one thing needs your attention.",
    );
  });

  test("is plain when records are refused", () => {
    const sentence = (checks: Health["checks"]) => healthVerdict(health("failing", 0, true, checks)).sentence;
    expect(sentence({ disk: check("failing") })).toMatch(/^New records can't be accepted/);
    expect(sentence({ integrity: check("failing"), disk: check("ok") })).toMatch(
      /^Records are still accepted/,
    );
  });
});

describe("checks", () => {
  test("the gravest come first, then their usual order, then unknown ones", () => {
    const checks = {
      message_queue: check("ok"),
      backup: check("warning"),
      disk: check("ok"),
      database: check("ok"),
      spool: check("failing"),
    };
    const names = sortChecks(checks).map(([name]) => name);
    expect(names).toEqual(["spool", "backup", "database", "disk", "message_queue"]);
  });

  test("an unknown check still has a name to read", () => {
    expect(checkName("message_queue")).toBe("Message queue");
    expect(checkName("wal")).toBe("Write-ahead log");
  });
});
