import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PRINT_PREFERENCES, pagePreferences } from "../../src-main/desktop/rules/page-preferences.ts";

const root = join(import.meta.dirname, "../..");

describe("pages of the desktop app", () => {
  test("have no Node, are isolated and sandboxed, and nothing of Chromium's protection is off", () => {
    expect(pagePreferences("/preload.cjs", true)).toEqual({
      preload: "/preload.cjs",
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      devTools: false,
      spellcheck: false,
    });
  });
  test("have the developer tools in a checkout only", () => {
    expect(pagePreferences("/preload.cjs", false).devTools).toBe(true);
  });
  test("that are printed reach nothing, and run nothing", () => {
    expect(PRINT_PREFERENCES).toEqual({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      javascript: false,
    });
  });
});

/** `path` with `what is written there` after it, as the checklist names code and tests. */
const REFERENCE = /`([\w./-]+\.(?:ts|tsx|mjs|yml|json))` `([^`]+)`/g;

describe("docs/security.md", async () => {
  const checklist = await readFile(join(root, "docs/security.md"), "utf8");
  const rows = checklist.split("\n").filter((line) => /^\| \d+ \|/.test(line));
  const references = [...checklist.matchAll(REFERENCE)].map(([, path = "", text = ""]) => ({ path, text }));

  test("answers every point of Electron's list, each with what does it", () => {
    expect(rows.map((row) => Number(row.split("|")[1]))).toEqual(
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    for (const row of rows) expect(row.match(REFERENCE), row).not.toBeNull();
  });

  test.each(references)("$path still has: $text", async ({ path, text }) => {
    const written = await readFile(join(root, path), "utf8");
    expect(written.includes(text)).toBe(true);
  });
});
