import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

// Which folder may import what is a rule of the linter; here it lints one bad import each and must say so.
const root = resolve(import.meta.dirname, "../..");
let house: string;

beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), "waybill-house-"));
  await copyFile(join(root, "biome.json"), join(house, "biome.json"));
});
afterAll(() => rm(house, { recursive: true, force: true }));

async function lint(path: string, specifier: string): Promise<string[]> {
  const file = join(house, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `import { thing } from "${specifier}";\nexport const things = [thing];\n`);
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const args = [biome, "lint", "--vcs-enabled=false", "--reporter=json", path];
  const output = await new Promise<string>((done) => {
    execFile(process.execPath, args, { cwd: house }, (_error, stdout) => done(stdout));
  });
  await rm(file);
  const report = JSON.parse(output) as { diagnostics: { category: string }[] };
  return report.diagnostics.map((diagnostic) => diagnostic.category);
}

const restricted = "lint/style/noRestrictedImports";
const nodeModule = "lint/correctness/noNodejsModules";

test.each([
  ["src-shared/a.ts", "node:fs", nodeModule],
  ["src-shared/a.ts", "../src-main/ledger/b.ts", restricted],
  ["src-shared/query/a.ts", "../../src-renderer/b.ts", restricted],
  ["src-shared/a.ts", "react", restricted],
  ["src-shared/a.ts", "react-dom/client", restricted],
  ["src-shared/a.ts", "electron", restricted],
  ["src-main/ledger/a.ts", "../headless/b.ts", restricted],
  ["src-main/ledger/deep/a.ts", "../../headless/b.ts", restricted],
  ["src-main/transfer/a.ts", "../headless/b.ts", restricted],
  ["src-main/archive/a.ts", "../headless/b.ts", restricted],
  ["src-main/consume/a.ts", "../headless/b.ts", restricted],
  ["src-main/api/a.ts", "../headless/b.ts", restricted],
  ["src-main/http/a.ts", "../headless/b.ts", restricted],
  ["src-main/http/a.ts", "electron", restricted],
  ["src-main/headless/a.ts", "electron", restricted],
  ["src-main/headless/a.ts", "../../src-renderer/b.ts", restricted],
  ["src-main/desktop/a.ts", "../../src-renderer/b.ts", restricted],
  ["src-main/desktop/rules/a.ts", "../../headless/b.ts", restricted],
  ["src-main/headless/commands/a.ts", "../../desktop/b.ts", restricted],
  ["src-main/sync/a.ts", "../desktop/b.ts", restricted],
  ["src-renderer/a.tsx", "../src-main/api/b.ts", restricted],
  ["src-renderer/pages/a.tsx", "node:path", nodeModule],
])("%s must not import %s", async (path, specifier, rule) => {
  expect(await lint(path, specifier)).toEqual([rule]);
});

test.each([
  ["src-shared/a.ts", "zod"],
  ["src-main/ledger/a.ts", "../../src-shared/b.ts"],
  ["src-main/ledger/a.ts", "node:fs"],
  ["src-main/headless/a.ts", "../ledger/b.ts"],
  ["src-main/desktop/a.ts", "electron"],
  ["src-main/desktop/a.ts", "../api/b.ts"],
  ["src-renderer/a.tsx", "../src-shared/b.ts"],
])("%s may import %s", async (path, specifier) => {
  expect(await lint(path, specifier)).toEqual([]);
});
