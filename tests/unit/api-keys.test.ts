import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiKeys, type KeyInput } from "../../src-main/api/api-keys.ts";
import { DAY_MS } from "../../src-shared/time.ts";

let folder: string;
let troubles: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waybill-keys-"));
  troubles = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

const open = () => new ApiKeys(folder, (sentence) => troubles.push(sentence));
const input = (fields: Partial<KeyInput> = {}): KeyInput => ({
  name: "shop",
  scopes: ["read"],
  expires: null,
  rate_per_minute: null,
  ...fields,
});

test("a key is told once: what is kept is private, and only its hash", async () => {
  const keys = open();
  const { secret, key } = await keys.create(input());
  expect(secret).toMatch(new RegExp(`^wb_${key.id}_[\\w-]{43}$`));
  const random = secret.slice(`wb_${key.id}_`.length);
  expect(Buffer.from(random, "base64url")).toHaveLength(32);
  expect(await readFile(keys.path, "utf8")).not.toContain(random);
  if (process.platform !== "win32") expect((await stat(keys.path)).mode & 0o777).toBe(0o600);
  expect(JSON.stringify(await keys.list())).not.toContain("sha256");
});

test("only the whole key is good", async () => {
  const keys = open();
  const { secret } = await keys.create(input());
  const other = await keys.create(input({ name: "other" }));
  expect(await keys.check(secret)).toMatchObject({ state: "good", key: { name: "shop", scopes: ["read"] } });
  const swapped = `${secret.slice(0, 16)}${other.secret.slice(16)}`;
  for (const wrong of ["", "wb_", secret.slice(0, -1), `${secret}x`, swapped, secret.toUpperCase()])
    expect(await keys.check(wrong)).toEqual({ state: "unknown" });
});

test("what one process makes or revokes, another one knows at once", async () => {
  const [one, two] = [open(), open()];
  const { secret } = await one.create(input());
  expect((await two.check(secret)).state).toBe("good");
  expect((await two.revoke("SHOP")).name).toBe("shop");
  expect((await one.check(secret)).state).toBe("unknown");
  await expect(one.revoke("shop")).rejects.toMatchObject({ code: "not_found" });
});

test("a name is given once, and again when its key was revoked", async () => {
  const keys = open();
  await keys.create(input());
  await expect(keys.create(input({ name: " Shop " }))).rejects.toMatchObject({ code: "conflict" });
  await keys.revoke("shop");
  expect((await keys.create(input({ name: " Shop " }))).key.name).toBe("Shop");
  await expect(keys.create(input({ name: " " }))).rejects.toMatchObject({ code: "invalid" });
  await expect(keys.create(input({ name: "a\u0007" }))).rejects.toMatchObject({ code: "invalid" });
  await expect(keys.create(input({ name: "b", scopes: [] }))).rejects.toMatchObject({ code: "invalid" });
});

test("of many that are made at once by several processes none is lost", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `key ${index}`);
  await Promise.all(names.map((name) => open().create(input({ name }))));
  expect((await open().list()).map(({ name }) => name).sort()).toEqual(names.sort());
});

test("a key ends with its time", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const keys = open();
  const { secret } = await keys.create(input({ expires: Date.now() + DAY_MS }));
  expect((await keys.check(secret)).state).toBe("good");
  vi.setSystemTime(Date.now() + DAY_MS);
  expect(await keys.check(secret)).toMatchObject({ state: "expired", key: { name: "shop" } });
});

test("when a key was last used is kept, apart from the keys", async () => {
  const keys = open();
  const { secret } = await keys.create(input());
  const before = await readFile(keys.path, "utf8");
  expect(await keys.list()).toMatchObject([{ last_used_ts: null }]);
  await keys.check(secret);
  await keys.close();
  expect(await readFile(keys.path, "utf8")).toBe(before);
  const [used] = await open().list();
  expect(Math.abs(Date.parse(used?.last_used_ts ?? "") - Date.now())).toBeLessThan(10_000);
});

test("a damaged file lets nobody in, is told, and is not written over", async () => {
  const keys = open();
  const { secret } = await keys.create(input());
  await writeFile(keys.path, "{");
  expect((await keys.check(secret)).state).toBe("unknown");
  expect((await keys.check(secret)).state).toBe("unknown");
  expect(troubles).toEqual([expect.stringContaining("damaged")]);
  await expect(keys.create(input({ name: "more" }))).rejects.toMatchObject({ code: "unavailable" });
  expect(await readFile(keys.path, "utf8")).toBe("{");
});

test("without a file there is no key", async () => {
  expect(await open().list()).toEqual([]);
  expect((await open().check("wb_0123456789ab_")).state).toBe("unknown");
  expect(troubles).toEqual([]);
});
