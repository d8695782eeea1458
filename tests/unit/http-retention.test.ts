import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { JobManager } from "../../src-main/api/jobs.ts";
import { startRetention } from "../../src-main/api/retention.ts";
import { SettingsFile } from "../../src-main/api/settings-file.ts";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { DAY_MS, MINUTE_MS } from "../../src-shared/time.ts";

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
  const deleteOldData = vi.fn(async (_input: { days: number }) => 3);
  const ledger = { deleteOldData } as unknown as MessageLogger;
  const jobs = new JobManager({ onChange: () => {}, onUnexpected: () => {} });
  const settings = new SettingsFile(folder, () => {});
  const stop = startRetention(ledger, jobs, settings);

  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await vi.waitFor(async () => expect(await settings.get()).toMatchObject({ retention_days: null }));
  expect(deleteOldData).not.toHaveBeenCalled();

  await settings.set({ retention_days: 30 });
  await vi.advanceTimersByTimeAsync(DAY_MS);
  await vi.waitFor(() => expect(deleteOldData).toHaveBeenCalledTimes(1));
  expect(deleteOldData.mock.calls[0]?.[0]).toMatchObject({ days: 30 });
  await vi.waitFor(() => expect(jobs.list()).toMatchObject([{ kind: "prune", state: "done" }]));

  stop();
  await vi.advanceTimersByTimeAsync(3 * DAY_MS);
  expect(deleteOldData).toHaveBeenCalledTimes(1);
});
