import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Deferral } from "../../src-main/desktop/preferences-file.ts";
import { noUpdates, type Updater, Updates } from "../../src-main/desktop/updates.ts";
import { DAY_MS, HOUR_MS } from "../../src-shared/time.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const WEEK_ON = "2026-03-08T12:00:00.000Z";

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

/** Tells what electron-updater would. */
function createUpdates(deferral: Deferral | null = null) {
  const listeners = new Map<string, (value: unknown) => void>();
  const updater = {
    autoDownload: true,
    autoInstallOnAppQuit: false,
    checkForUpdates: vi.fn(async () => null),
    downloadUpdate: vi.fn(async () => []),
    quitAndInstall: vi.fn(),
    on: (event: string, listener: (value: unknown) => void) => listeners.set(event, listener),
  };
  const options = {
    updater: updater as unknown as Updater,
    deferral,
    keepDeferral: vi.fn(async () => {}),
    onNews: vi.fn(),
    onChange: vi.fn(),
    onProgress: vi.fn(),
    onTrouble: vi.fn(),
    everyMs: 6 * HOUR_MS,
  };
  const updates = new Updates(options);
  const tell = (event: string, value?: unknown) => listeners.get(event)?.(value);
  return { updates, tell, ...options, updater };
}

describe("an update", () => {
  test("is told when it is available, downloaded when asked, and goes in at the next quit", () => {
    const { updates, updater, tell, onNews, onChange, onProgress } = createUpdates();
    expect(updater.autoDownload).toBe(false);
    expect(updater.autoInstallOnAppQuit).toBe(true);
    updates.check();
    expect(updates.state).toEqual({ state: "checking" });
    tell("update-available", { version: "1.1.0" });
    expect(updates.state).toEqual({ state: "available", version: "1.1.0" });
    expect(updater.downloadUpdate).not.toHaveBeenCalled();

    updates.download();
    for (const percent of [0.4, 41.2, 41.7]) tell("download-progress", { percent });
    expect(updates.state).toEqual({ state: "downloading", version: "1.1.0", percent: 41 });
    tell("update-downloaded", { version: "1.1.0" });
    expect(updates.state).toEqual({ state: "ready", version: "1.1.0" });
    expect(onNews.mock.calls).toEqual([
      [{ kind: "update-available", version: "1.1.0" }],
      [{ kind: "update-ready", version: "1.1.0" }],
    ]);
    expect(onChange).toHaveBeenCalledTimes(4);
    expect(onProgress).toHaveBeenCalledOnce();
    expect(updater.quitAndInstall).not.toHaveBeenCalled();
    updates.requireReady();
    updates.install();
    expect(updater.quitAndInstall).toHaveBeenCalledOnce();
    updates.close();
  });

  test("that is put off is left alone for a week, also over a restart", async () => {
    const { updates, tell, keepDeferral } = createUpdates();
    tell("update-available", { version: "1.1.0" });
    await updates.defer();
    expect(updates.state).toEqual({ state: "deferred", version: "1.1.0", until_ts: WEEK_ON });
    expect(keepDeferral).toHaveBeenCalledWith({ version: "1.1.0", until_ts: WEEK_ON });
    updates.close();

    const later = createUpdates({ version: "1.1.0", until_ts: WEEK_ON });
    later.tell("update-available", { version: "1.1.0" });
    expect(later.updates.state).toMatchObject({ state: "deferred" });
    expect(later.onNews).not.toHaveBeenCalled();
    // It can still be had, and a newer one is another matter.
    later.updates.download();
    expect(later.updater.downloadUpdate).toHaveBeenCalledOnce();
    later.tell("update-available", { version: "1.2.0" });
    expect(later.updates.state).toEqual({ state: "available", version: "1.2.0" });
    later.updates.close();

    vi.setSystemTime(NOW + 7 * DAY_MS);
    const over = createUpdates({ version: "1.1.0", until_ts: WEEK_ON });
    over.tell("update-available", { version: "1.1.0" });
    expect(over.onNews).toHaveBeenCalledOnce();
    over.updates.close();
  });

  test("is looked for by itself, and told of once", () => {
    const { updates, updater, tell, onNews } = createUpdates();
    vi.advanceTimersByTime(6 * HOUR_MS);
    tell("update-available", { version: "1.1.0" });
    vi.advanceTimersByTime(6 * HOUR_MS);
    tell("update-available", { version: "1.1.0" });
    expect(updater.checkForUpdates).toHaveBeenCalledTimes(2);
    expect(onNews).toHaveBeenCalledOnce();
    updates.download();
    vi.advanceTimersByTime(24 * HOUR_MS);
    expect(updater.checkForUpdates).toHaveBeenCalledTimes(2);
    updates.close();
  });

  test("that there is none is known as of when", () => {
    const { updates, tell } = createUpdates();
    expect(updates.state).toEqual({ state: "current", checked_ts: null });
    tell("update-not-available");
    expect(updates.state).toEqual({ state: "current", checked_ts: "2026-03-01T12:00:00.000Z" });
    updates.close();
  });

  test("that can't be had is told in a line, and can be tried again", async () => {
    const { updates, updater, tell, onTrouble } = createUpdates();
    updater.checkForUpdates = vi.fn(async () => {
      throw new Error("offline");
    });
    updates.check();
    await Promise.resolve();
    tell("error", new Error("net::ERR_INTERNET_DISCONNECTED\nHeaders: {}"));
    const message =
      "The update could not be looked for (net::ERR_INTERNET_DISCONNECTED). Check the connection, then try again.";
    expect(updates.state).toEqual({ state: "failed", message });
    expect(onTrouble).toHaveBeenCalledWith(message);
    updates.check();
    expect(updates.state).toEqual({ state: "checking" });
    updates.close();
  });

  test("is not downloaded, put off or installed where there is none", async () => {
    for (const updates of [createUpdates().updates, noUpdates("This runs from a checkout.")]) {
      expect(() => updates.download()).toThrow(expect.objectContaining({ code: "conflict" }));
      await expect(updates.defer()).rejects.toMatchObject({ code: "conflict" });
      expect(() => updates.requireReady()).toThrow(expect.objectContaining({ code: "conflict" }));
      updates.close();
    }
  });
});
