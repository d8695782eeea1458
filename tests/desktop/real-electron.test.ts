// On Electron itself, where it is installed and has a display. On a machine without it (the one this was written on)
// there is no test here: the double stands in, and these lines have not run.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication, Page } from "@playwright/test";
import Database from "better-sqlite3";
import { findElectron, hasDisplay } from "../../scripts/lib/electron-binary.mjs";
import { APP_ORIGIN, launchElectron } from "../browser/support/electron-host.ts";
import { expect, test } from "./support/fixtures.ts";

const binary = hasDisplay() ? findElectron() : undefined;

async function withWindow(
  executablePath: string,
  dataDir: string,
  use: (page: Page, app: ElectronApplication) => Promise<void>,
): Promise<void> {
  const app = await launchElectron(executablePath, dataDir);
  try {
    const page = await app.firstWindow();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await use(page, app);
  } finally {
    await app.close();
  }
}

if (binary !== undefined) {
  test.describe("on Electron itself", () => {
    test.use({ ledger: "demo" });

    test("the window comes up with the ledger, isolated from Node", async ({ dataDir }) => {
      await withWindow(binary, dataDir, async (page) => {
        await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
        await expect(page.getByRole("main").locator("[aria-busy=true]")).toHaveCount(0);
        expect(page.url()).toBe(`${APP_ORIGIN}/`);
        const reached = await page.evaluate(() =>
          ["require", "process", "Buffer"].filter((it) => it in globalThis),
        );
        expect(reached).toEqual([]);
      });
    });

    test("it opens no windows and does not leave the UI", async ({ dataDir }) => {
      await withWindow(binary, dataDir, async (page, app) => {
        await page.evaluate(() => void window.open("file:///etc/passwd"));
        await page.evaluate(() => {
          location.href = "https://example.com/";
        });
        await page.waitForTimeout(1_000);
        expect(page.url()).toBe(`${APP_ORIGIN}/`);
        expect(app.windows()).toHaveLength(1);
      });
    });
  });

  test.describe("on Electron itself, a data folder that is not right", () => {
    const broken: Record<string, (file: string) => Promise<void>> = {
      corrupt: (file) => writeFile(file, "this is no database at all".repeat(1_000)),
      newer: async (file) => {
        const database = new Database(file);
        database.exec("CREATE TABLE t (x)");
        database.pragma("user_version = 999");
        database.close();
      },
    };
    for (const [name, make] of Object.entries(broken)) {
      test(`${name}: the window comes up, and records are accepted`, async ({ dataDir }) => {
        await mkdir(dataDir, { recursive: true });
        await make(join(dataDir, "ledger.db"));
        await withWindow(binary, dataDir, async (page) => {
          const reply = await page.evaluate(() => {
            const { waybill } = globalThis as unknown as {
              waybill: { procedures: Record<string, (input: unknown, callId: number) => Promise<unknown>> };
            };
            return waybill.procedures["messages.log"]?.({ records: [{ content_preview: "kept" }] }, 1);
          });
          expect(reply).toMatchObject({ ok: true, value: { accepted: 1 } });
        });
      });
    }
  });
}
