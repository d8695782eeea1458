import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SettingsFile } from "../../src-main/api/settings-file.ts";

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
  expect(await open().get()).toEqual({ theme: "system", retention_days: null });
  expect(await readdir(folder)).toEqual([]);
});

test("a change keeps what it leaves out, also keys of a later version", async () => {
  await writeFile(join(folder, "config.json"), '{"retention_days": 30, "later": {"a": 1}}');
  const settings = open();
  expect(await settings.set({ theme: "dark" })).toEqual({ theme: "dark", retention_days: 30 });
  expect(await contents()).toEqual({ retention_days: 30, later: { a: 1 }, theme: "dark" });
  expect(await open().get()).toEqual({ theme: "dark", retention_days: 30 });
  expect(troubles).toEqual([]);
});

test("changes at the same time all count", async () => {
  const settings = open();
  await Promise.all([settings.set({ theme: "light" }), settings.set({ retention_days: 7 })]);
  expect(await settings.get()).toEqual({ theme: "light", retention_days: 7 });
});

test("a file that is no JSON is set aside, told, and the defaults are used", async () => {
  await writeFile(join(folder, "config.json"), "{ torn");
  expect(await open().get()).toEqual({ theme: "system", retention_days: null });
  const [aside] = await readdir(folder);
  expect(aside).toMatch(/^config\.json\.bad-/);
  expect(await readFile(join(folder, aside ?? ""), "utf8")).toBe("{ torn");
  expect(troubles).toEqual([expect.stringContaining("was set aside")]);
});

test("one value that is not valid has its default, and is told once", async () => {
  await writeFile(join(folder, "config.json"), '{"theme": "dark", "retention_days": -3}');
  const settings = open();
  expect(await settings.get()).toEqual({ theme: "dark", retention_days: null });
  expect(await settings.get()).toEqual({ theme: "dark", retention_days: null });
  expect(troubles).toEqual([expect.stringContaining("retention_days")]);
});

test("where the file can't be written the change is refused", async () => {
  await writeFile(join(folder, "file"), "");
  const settings = new SettingsFile(join(folder, "file"), (sentence) => troubles.push(sentence));
  await expect(settings.set({ theme: "dark" })).rejects.toMatchObject({ code: "cannot_accept" });
});
