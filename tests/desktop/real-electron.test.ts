// On Electron itself, where it is installed and has a display. On a machine without it (the one this was written on)
// there is no test here: the double stands in, and these lines have not run.
import { join } from "node:path";
import { _electron, type ElectronApplication } from "@playwright/test";
import { findElectron, hasDisplay } from "../../scripts/lib/electron-binary.mjs";
import { expect, test } from "./support/fixtures.ts";

const binary = hasDisplay() ? findElectron() : undefined;
const MAIN = join(import.meta.dirname, "../../dist/main/desktop.js");

async function launch(executablePath: string, dataDir: string): Promise<ElectronApplication> {
  // Chromium's sandbox can't be had by root.
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return _electron.launch({ executablePath, args: [...root, MAIN, "--data-dir", dataDir] });
}

if (binary !== undefined) {
  test.describe("on Electron itself", () => {
    test.use({ ledger: "demo" });

    test("the window comes up with the ledger, isolated from Node", async ({ dataDir }) => {
      const app = await launch(binary, dataDir);
      try {
        const page = await app.firstWindow();
        await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
        await expect(page.getByRole("main").locator("[aria-busy=true]")).toHaveCount(0);
        expect(page.url()).toBe("app://waybill/");
        const reached = await page.evaluate(() =>
          ["require", "process", "Buffer"].filter((it) => it in globalThis),
        );
        expect(reached).toEqual([]);
      } finally {
        await app.evaluate(({ app: electron }) => electron.quit());
        await app.waitForEvent("close");
      }
    });

    test("it opens no windows and does not leave the UI", async ({ dataDir }) => {
      const app = await launch(binary, dataDir);
      try {
        const page = await app.firstWindow();
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await page.evaluate(() => void window.open("file:///etc/passwd"));
        await page.evaluate(() => {
          location.href = "https://example.com/";
        });
        await page.waitForTimeout(1_000);
        expect(page.url()).toBe("app://waybill/");
        expect(app.windows()).toHaveLength(1);
      } finally {
        await app.evaluate(({ app: electron }) => electron.quit());
        await app.waitForEvent("close");
      }
    });
  });
}
