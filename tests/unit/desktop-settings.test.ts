import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DesktopSettings } from "../../src-main/desktop/desktop-settings.ts";
import { PreferencesFile } from "../../src-main/desktop/preferences-file.ts";
import { WaybillError } from "../../src-shared/errors.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waybill-settings-unit-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function createSettings() {
  const file = await PreferencesFile.open(join(folder, "own", "preferences.json"));
  const parts = {
    file,
    api: { apply: vi.fn(async () => {}) },
    setLoginItem: vi.fn(async (_startAtLogin: boolean) => {}),
    onChange: vi.fn(),
  };
  return { settings: new DesktopSettings(parts), ...parts };
}

test("what is set holds in the HTTP API and in the system", async () => {
  const { settings, api, setLoginItem, onChange } = await createSettings();
  await settings.change({ http_api: false, http_port: 9_000, start_at_login: true });
  expect(settings.preferences).toMatchObject({ http_api: false, http_port: 9_000, start_at_login: true });
  expect(api.apply).toHaveBeenCalledWith({ on: false, port: 9_000 });
  expect(setLoginItem.mock.calls).toEqual([[true]]);
  await settings.change({ start_at_login: true, failure_percent: 5 });
  expect(setLoginItem).toHaveBeenCalledOnce();
  expect(onChange).toHaveBeenCalledTimes(2);
});

test("where the system does not start Waybill at login, that is not said to be set", async () => {
  const { settings, setLoginItem } = await createSettings();
  setLoginItem.mockRejectedValue(new WaybillError("cannot_accept", "It can't be written."));
  await expect(settings.change({ start_at_login: true, http_port: 9_000 })).rejects.toMatchObject({
    code: "cannot_accept",
  });
  expect(settings.preferences).toMatchObject({ start_at_login: false, http_port: 8_001 });
});

test("what can't be kept for the next start holds until then", async () => {
  const { settings, api, onChange } = await createSettings();
  await writeFile(join(folder, "own"), "a file");
  await expect(settings.change({ http_port: 9_000 })).rejects.toMatchObject({ code: "cannot_accept" });
  expect(api.apply).toHaveBeenCalledWith({ on: true, port: 9_000 });
  expect(onChange).toHaveBeenCalledOnce();
});
