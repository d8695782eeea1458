import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keychainSecrets, type SafeStorage } from "../../src-main/desktop/keychain.ts";
import { autostartEntry, setLoginItem } from "../../src-main/desktop/login-item.ts";
import { type MenuActions, menuTemplate, trayTemplate } from "../../src-main/desktop/menu.ts";
import { watchOnline } from "../../src-main/desktop/online-watch.ts";
import { PreferencesFile } from "../../src-main/desktop/preferences-file.ts";
import { reportPeriod } from "../../src-main/desktop/rules/report-period.ts";
import { type ApiState, preferencesSchema } from "../../src-shared/desktop-bridge.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waybill-desktop-unit-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("preferences", () => {
  const path = () => join(folder, "own", "preferences.json");

  test("have defaults, are kept, and outlive a file that is damaged", async () => {
    const file = await PreferencesFile.open(path());
    expect(file.preferences).toEqual(preferencesSchema.parse({}));
    await file.set({ on_close: "tray", http_port: 9_000 });
    await file.setLastPlace({ x: 1, y: 2, width: 800, height: 600, maximized: false });
    const again = await PreferencesFile.open(path());
    expect(again.preferences).toMatchObject({ on_close: "tray", http_port: 9_000 });
    expect(again.lastPlace).toMatchObject({ x: 1, width: 800 });
    expect((await stat(path())).mode & 0o777).toBe(0o600);

    await writeFile(path(), '{"on_close":"never","http_port":9001,"window":{"x":"a"}}');
    const mended = await PreferencesFile.open(path());
    expect(mended.preferences).toMatchObject({ on_close: "ask", http_port: 9_001 });
    expect(mended.lastPlace).toBeNull();
    for (const text of ["", "[]", "null", "{"]) {
      await writeFile(path(), text);
      expect((await PreferencesFile.open(path())).preferences.on_close).toBe("ask");
    }
  });

  test("hold until the end where they can't be kept, and that is told", async () => {
    await writeFile(join(folder, "own"), "a file");
    const file = await PreferencesFile.open(path());
    await expect(file.set({ on_close: "quit" })).rejects.toMatchObject({ code: "cannot_accept" });
    expect(file.preferences.on_close).toBe("quit");
  });
});

describe("secrets", () => {
  const storage = (changes: Partial<SafeStorage> = {}): SafeStorage => ({
    isEncryptionAvailable: () => true,
    encryptString: (text) => Buffer.from([...text].reverse().join("")),
    decryptString: (encrypted) => [...encrypted.toString()].reverse().join(""),
    ...changes,
  });
  const secrets = (changes?: Partial<SafeStorage>, environment = {}) =>
    keychainSecrets({ path: join(folder, "own", "secrets.json"), storage: storage(changes), environment });

  test("are kept encrypted, and come before the environment", async () => {
    const store = secrets({}, { SUPABASE_KEY: "from the environment" });
    expect(await store.get("SUPABASE_KEY")).toBe("from the environment");
    await store.set?.("SUPABASE_KEY", "hush");
    expect(await store.get("SUPABASE_KEY")).toBe("hush");
    expect(await readFile(join(folder, "own", "secrets.json"), "utf8")).not.toContain("hush");
    await store.set?.("SUPABASE_KEY", null);
    expect(await store.get("SUPABASE_KEY")).toBe("from the environment");
    expect(await store.get("RABBITMQ_PASSWORD")).toBeNull();
  });

  test.each([
    ["no keychain at all", { isEncryptionAvailable: () => false }],
    ["a keychain in name only", { getSelectedStorageBackend: () => "basic_text" }],
  ])("are never kept with %s", async (_what, changes) => {
    const store = secrets(changes);
    await expect(store.set?.("SUPABASE_KEY", "hush")).rejects.toMatchObject({ code: "unavailable" });
    await expect(stat(join(folder, "own", "secrets.json"))).rejects.toThrow();
  });

  test("that the keychain can't open are told so", async () => {
    await secrets().set?.("SUPABASE_KEY", "hush");
    const locked = secrets({
      decryptString: () => {
        throw new Error("locked");
      },
    });
    await expect(locked.get("SUPABASE_KEY")).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("start at login", () => {
  const options = (platform: NodeJS.Platform, set = vi.fn()) => ({
    platform,
    setLoginItemSettings: set,
    executable: "/opt/Way bill/100%/waybill",
    args: ["--data-dir", "/srv/a b"],
    configHome: folder,
  });
  const entry = () => join(folder, "autostart", "waybill.desktop");

  test("is Electron's on macOS and Windows", async () => {
    const set = vi.fn();
    await setLoginItem(true, options("darwin", set));
    expect(set).toHaveBeenCalledWith({ openAtLogin: true, args: ["--data-dir", "/srv/a b", "--hidden"] });
  });
  test("is a desktop entry on Linux, which goes again", async () => {
    await setLoginItem(true, options("linux"));
    expect(await readFile(entry(), "utf8")).toContain(
      'Exec="/opt/Way bill/100%%/waybill" --data-dir "/srv/a b" --hidden\n',
    );
    await setLoginItem(false, options("linux"));
    await expect(stat(entry())).rejects.toThrow();
    await setLoginItem(false, options("linux"));
  });
  test("that the system does not take is told", async () => {
    await writeFile(join(folder, "autostart"), "a file");
    await expect(setLoginItem(true, options("linux"))).rejects.toMatchObject({ code: "cannot_accept" });
  });
  test("a path with quotes and dollars stays one argument", () => {
    expect(autostartEntry(['/a"b$c', "--hidden"])).toContain('Exec="/a\\\\"b\\\\$c" --hidden');
  });
});

test("a network that comes back is told, one that stays is not", () => {
  vi.useFakeTimers();
  try {
    let online = true;
    const onBack = vi.fn();
    const stop = watchOnline({ isOnline: () => online, onBack, everyMs: 1_000 });
    vi.advanceTimersByTime(5_000);
    expect(onBack).not.toHaveBeenCalled();
    online = false;
    vi.advanceTimersByTime(2_000);
    online = true;
    vi.advanceTimersByTime(3_000);
    expect(onBack).toHaveBeenCalledOnce();
    stop();
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  ["app://waybill/", { days: 30 }],
  ["app://waybill/analytics?period=7d", { days: 7 }],
  ["app://waybill/?period=24h", { days: 1 }],
  ["app://waybill/?period=0d", { days: 30 }],
  ["app://waybill/?period=custom&from=2026-01-31&to=2026-01-01", { days: 30 }],
  ["", { days: 30 }],
])("the report of %s is of %j", (address, period) => {
  expect(reportPeriod(address)).toEqual(period);
});

test("the report of days of the operator's own choice has both of them whole", () => {
  const { from, to } = reportPeriod("app://waybill/?period=custom&from=2026-01-01&to=2026-01-31");
  expect(Date.parse(to ?? "") - Date.parse(from ?? "")).toBe(31 * 86_400_000);
});

describe("menus", () => {
  const actions = new Proxy({} as MenuActions, { get: () => vi.fn() });
  const state = {
    isPackaged: true,
    preferences: preferencesSchema.parse({}),
    api: { on: false, problem: null },
    update: { state: "current", checked_ts: null },
  } as const;
  const text = (value: unknown) => JSON.stringify(value);

  test.each(["linux", "darwin", "win32"] as const)(
    "on %s can quit, and has no developer tools",
    (platform) => {
      const menu = text(menuTemplate({ ...state, platform }, actions));
      expect(menu).toContain(platform === "darwin" ? '"role":"quit"' : '"id":"quit"');
      expect(menu).not.toContain("toggleDevTools");
      expect(menu).toContain("Check for Updates");
    },
  );
  test.each([
    [{ state: "available", version: "2.0.0" }, "Download Update to 2.0.0"],
    [{ state: "ready", version: "2.0.0" }, "Restart to Update to 2.0.0"],
  ] as const)("offer what is to be done about an update: %j", (update, label) => {
    const waiting = { ...state, platform: "linux" as const, update };
    expect(text(menuTemplate(waiting, actions))).toContain(label);
    expect(text(trayTemplate(waiting, actions))).toContain(label);
  });
  test("say where records are taken, or why not", () => {
    const with_ = (api: ApiState) => text(trayTemplate({ ...state, platform: "linux", api }, actions));
    expect(with_({ on: true, url: "http://127.0.0.1:1" })).toContain("Takes records at http://127.0.0.1:1");
    expect(with_({ on: false, problem: "Port 1 is taken." })).toContain("Port 1 is taken.");
    expect(with_({ on: false, problem: null })).toContain("The HTTP API is off");
  });
});
