import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { secretsEqual, TokenFile } from "../../src-main/api/token-file.ts";

let folder: string;
let troubles: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waybill-token-"));
  troubles = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (dataDir = folder) => TokenFile.open(dataDir, (sentence) => troubles.push(sentence));

test("is made once, private, and is 32 random bytes", async () => {
  const token = await (await open()).current();
  expect(Buffer.from(token, "base64url")).toHaveLength(32);
  expect((await readFile(join(folder, "token"), "utf8")).trim()).toBe(token);
  if (process.platform !== "win32") expect((await stat(join(folder, "token"))).mode & 0o777).toBe(0o600);
  expect(await (await open()).current()).toBe(token);
});

test("hosts that start at the same time agree", async () => {
  const tokens = await Promise.all(Array.from({ length: 8 }, async () => (await open()).current()));
  expect(new Set(tokens).size).toBe(1);
});

test("a rotation ends the old token in every host on the folder", async () => {
  const [one, two] = [await open(), await open()];
  const before = await one.current();
  const after = await one.rotate();
  expect(after).not.toBe(before);
  expect(await two.matches(before)).toBe(false);
  expect(await two.matches(after)).toBe(true);
});

test("where it can't be kept the host has one of its own and says so", async () => {
  await writeFile(join(folder, "file"), "");
  const token = await open(join(folder, "file"));
  expect(await token.current()).toHaveLength(43);
  expect(troubles).toEqual([expect.stringContaining("can't be kept")]);
  await expect(token.rotate()).rejects.toMatchObject({ code: "cannot_accept" });
});

test("secrets are equal or not, whatever their lengths", () => {
  expect(secretsEqual("abc", "abc")).toBe(true);
  expect(secretsEqual("abc", "abcd")).toBe(false);
  expect(secretsEqual("", "abc")).toBe(false);
});
