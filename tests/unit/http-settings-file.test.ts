import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SettingsFile } from "../../src-main/api/settings-file.ts";
import { settingsSchema } from "../../src-shared/contract/upkeep.ts";

let folder: string;
let troubles: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waybill-settings-"));
  troubles = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => new SettingsFile(folder, (sentence) => troubles.push(sentence));
const contents = async () => JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as unknown;

test("without a file there are the defaults, and no file is made", async () => {
  expect(await open().get()).toEqual({
    theme: "system",
    retention_days: null,
    retention: {
      enabled: false,
      rules: [],
      max_size_mb: null,
      system_log_days: null,
      export_before_delete: false,
    },
    backups: {
      enabled: false,
      every_hours: 24,
      keep_hourly: 0,
      keep_daily: 7,
      keep_weekly: 4,
      directory: null,
    },
    sync: {
      rabbitmq: {
        enabled: true,
        host: null,
        port: null,
        user: null,
        vhost: null,
        tls: false,
        ca_file: null,
        cert_file: null,
        key_file: null,
        queue_type: "quorum",
      },
      supabase: { enabled: true, url: null, ca_file: null, reconcile_nightly: true },
      behind_warning: 100_000,
      delete_unsent: false,
    },
    views: [],
  });
  expect(await readdir(folder)).toEqual([]);
});

test("a change keeps what it leaves out, also keys of a later version", async () => {
  await writeFile(join(folder, "config.json"), '{"retention_days": 30, "later": {"a": 1}}');
  const settings = open();
  expect(await settings.set({ theme: "dark" })).toMatchObject({ theme: "dark", retention_days: 30 });
  expect(await contents()).toEqual({ retention_days: 30, later: { a: 1 }, theme: "dark" });
  expect(await open().get()).toMatchObject({ theme: "dark", retention_days: 30 });
  expect(troubles).toEqual([]);
});

test("changes at the same time all count", async () => {
  const settings = open();
  await Promise.all([settings.set({ theme: "light" }), settings.set({ retention_days: 7 })]);
  expect(await settings.get()).toMatchObject({ theme: "light", retention_days: 7 });
});

test("a file that is no JSON is set aside, told, and the defaults are used", async () => {
  await writeFile(join(folder, "config.json"), "{ torn");
  expect(await open().get()).toMatchObject({ theme: "system", retention_days: null });
  const [aside] = await readdir(folder);
  expect(aside).toMatch(/^config\.json\.bad-/);
  expect(await readFile(join(folder, aside ?? ""), "utf8")).toBe("{ torn");
  expect(troubles).toEqual([expect.stringContaining("was set aside")]);
});

test("one value that is not valid has its default, and is told once", async () => {
  await writeFile(join(folder, "config.json"), '{"theme": "dark", "retention_days": -3}');
  const settings = open();
  expect(await settings.get()).toMatchObject({ theme: "dark", retention_days: null });
  expect(await settings.get()).toMatchObject({ theme: "dark", retention_days: null });
  expect(troubles).toEqual([expect.stringContaining("retention_days")]);
});

test("where the file can't be written the change is refused", async () => {
  await writeFile(join(folder, "file"), "");
  const settings = new SettingsFile(join(folder, "file"), (sentence) => troubles.push(sentence));
  await expect(settings.set({ theme: "dark" })).rejects.toMatchObject({ code: "cannot_accept" });
});

const RULE = { channel: null, status: null, max_age_days: null, max_records: null };
const RETENTION = settingsSchema.parse({}).retention;

test("the days of an older version are a rule for all messages and the system log", async () => {
  await writeFile(join(folder, "config.json"), '{"retention_days": 30}');
  expect(await open().get()).toMatchObject({
    retention_days: 30,
    retention: { enabled: true, rules: [{ ...RULE, max_age_days: 30 }], system_log_days: 30 },
  });
});

test("retention_days sets and clears the rule for all messages, and leaves the others", async () => {
  const settings = open();
  const mail = { ...RULE, channel: "email", max_records: 500 };
  await settings.set({ retention: { ...RETENTION, enabled: true, rules: [mail] } });
  expect(await settings.set({ retention_days: 30 })).toMatchObject({
    retention_days: 30,
    retention: { enabled: true, rules: [{ ...RULE, max_age_days: 30 }, mail], system_log_days: 30 },
  });
  expect(await settings.set({ retention_days: null })).toMatchObject({
    retention_days: null,
    retention: { enabled: true, rules: [mail], system_log_days: null },
  });
  expect(await contents()).not.toHaveProperty("retention_days");
});

test("clearing the only rule turns retention off", async () => {
  const settings = open();
  await settings.set({ retention_days: 30 });
  const { retention } = await settings.set({ retention_days: null });
  expect(retention).toEqual(RETENTION);
});

test("retention_days does not wake rules that are off", async () => {
  const settings = open();
  const off = {
    ...RETENTION,
    rules: [
      { ...RULE, max_age_days: 1 },
      { ...RULE, channel: "sms", max_records: 1 },
    ],
  };
  expect(await settings.set({ retention: off })).toMatchObject({ retention_days: null });
  const { retention } = await settings.set({ retention_days: 90 });
  expect(retention.rules).toEqual([{ ...RULE, max_age_days: 90 }]);
});

test("a rule without a limit is not valid, and nothing is deleted by it", async () => {
  await writeFile(join(folder, "config.json"), '{"retention": {"enabled": true, "rules": [{}]}}');
  expect((await open().get()).retention).toEqual(RETENTION);
  expect(troubles).toEqual([expect.stringContaining("retention in")]);
});
