import { describe, expect, test } from "vitest";
import { blockedKinds } from "../../src-renderer/pages/health/upkeep-order.ts";
import type { Job, JobKind } from "../../src-shared/contract/upkeep.ts";

function job(kind: JobKind, state: Job["state"] = "running"): Job {
  return {
    job_id: kind,
    kind,
    state,
    started_ts: "2026-01-31T09:30:00.000Z",
    ended_ts: null,
    done: 0,
    total: null,
    unit: "steps",
    message: null,
    file_name: null,
  };
}

describe("blockedKinds", () => {
  test("blocks nothing while nothing runs", () => {
    expect(blockedKinds([job("restore", "done"), job("check", "failed")])).toEqual(new Set());
  });

  test("blocks the same kind and what replaces the database", () => {
    expect(blockedKinds([job("backup")])).toEqual(new Set(["backup", "restore", "repair"]));
  });

  test("lets reports and imports run beside a restore, and nothing else", () => {
    const blocked = blockedKinds([job("restore")]);
    expect(blocked).toEqual(
      new Set(["check", "backup", "restore", "repair", "vacuum", "prune", "demo", "reconcile"]),
    );
  });

  test("is blocked by no report", () => {
    expect(blockedKinds([job("export"), job("import")])).toEqual(new Set());
  });
});
