import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { JobManager } from "../../src-main/api/jobs.ts";
import { startRetention } from "../../src-main/api/retention.ts";
import { SettingsFile } from "../../src-main/api/settings-file.ts";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import type { RetentionResult } from "../../src-main/ledger/retention.ts";
import type { RetentionPolicy } from "../../src-main/ledger/retention-plan.ts";
import { DAY_MS, MINUTE_MS } from "../../src-shared/time.ts";

const NOTHING: RetentionResult = { deleted: 0, system_logs: 0, freed_bytes: 0, files: [] };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waybill-retention-"));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

test("deletes once a day what is older than the settings keep, as they are then", async () => {
  const applyRetention = vi.fn(async (_policy: RetentionPolicy) => NOTHING);
  const ledger = { applyRetention } as unknown as MessageLogger;
  const jobs = new JobManager({ onChange: () => {}, onUnexpected: () => {} });
  const settings = new SettingsFile(folder, () => {});
  const stop = startRetention(ledger, jobs, settings);

  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await vi.waitFor(async () => expect(await settings.get()).toMatchObject({ retention_days: null }));
  expect(applyRetention).not.toHaveBeenCalled();

  await settings.set({ retention_days: 30 });
  await vi.advanceTimersByTimeAsync(DAY_MS);
  await vi.waitFor(() => expect(applyRetention).toHaveBeenCalledTimes(1));
  expect(applyRetention.mock.calls[0]?.[0]).toMatchObject({ rules: [{ max_age_days: 30 }] });
  await vi.waitFor(() => expect(jobs.list()).toMatchObject([{ kind: "prune", state: "done" }]));

  stop();
  await vi.advanceTimersByTimeAsync(3 * DAY_MS);
  expect(applyRetention).toHaveBeenCalledTimes(1);
});
