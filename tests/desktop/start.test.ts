import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "./support/fixtures.ts";
import { canMount, withSmallDisk } from "./support/small-disk.ts";
import type { StandIn } from "./support/stand-in.ts";

test.describe("with the sample", () => {
  test.use({ ledger: "demo" });

  test("the window comes up with the ledger, over IPC alone", async ({ start }) => {
    const app = await start();
    const page = await app.page();
    await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
    await expect(page.getByRole("main").locator("[aria-busy=true]")).toHaveCount(0);
    // Nothing of the page goes to the network: the double answers the app's own addresses alone.
    const { windows, hasTray, errorBoxes } = await app.order("state", null);
    expect(windows).toMatchObject([{ visible: true, address: "app://waybill/" }]);
    expect({ hasTray, errorBoxes }).toEqual({ hasTray: true, errorBoxes: [] });
    expect(await app.stop()).toBe(0);
  });

  test("what comes in over HTTP shows up in the window at once", async ({ start }) => {
    const app = await start();
    const page = await app.page();
    await page.goto("https://waybill.app.test/messages?q=topic:just-now&live=on");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await app.log({ topic: "just-now", content_preview: "came over HTTP" });
    await expect(page.getByText("came over HTTP")).toBeVisible();
  });
});

test("started with the session, it logs in the tray without a window", async ({ start }) => {
  const app = await start({ args: ["--hidden"] });
  await expect.poll(() => app.call("messages.count", {}).catch(() => null)).toMatchObject({ count: 0 });
  await app.log({ content_preview: "without a window" });
  expect(await app.order("state", null)).toMatchObject({ windows: [], hasTray: true });
  await app.order("click", { menu: "tray", id: "open" });
  await expect((await app.page()).getByRole("heading", { level: 1 })).toBeVisible();
});

test("the HTTP API can be switched off and on while it runs", async ({ start }) => {
  const app = await start();
  await app.page();
  expect((await fetch(`${app.apiUrl}/health`)).status).toBe(200);
  await app.order("click", { menu: "application", id: "http-api", checked: false });
  await expect
    .poll(() =>
      fetch(`${app.apiUrl}/health`).then(
        () => "answers",
        () => "off",
      ),
    )
    .toBe("off");
  expect(await app.order("labels", "application")).toContain("The HTTP API is off");
  await app.order("click", { menu: "application", id: "http-api", checked: true });
  await expect
    .poll(() =>
      fetch(`${app.apiUrl}/health`).then(
        () => "answers",
        () => "off",
      ),
    )
    .toBe("answers");
});

test("a port that is taken is told, and the window works without it", async ({ start, dataDir }) => {
  const app = await start();
  await app.page();
  const other = await start({
    dataDir: join(dataDir, "..", "other"),
    port: Number(new URL(app.apiUrl).port),
  });
  await expect((await other.page()).getByRole("heading", { level: 1 })).toBeVisible();
  const { notifications } = await other.order("state", null);
  expect(notifications).toMatchObject([{ body: expect.stringContaining("is taken by another program") }]);
});

test.describe("a data folder that is not right", () => {
  /** Accepts a record over IPC, and gives what the page says of its host. */
  async function logThroughWindow(app: StandIn): Promise<unknown> {
    const page = await app.page();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    return page.evaluate(() => {
      const { waybill } = globalThis as unknown as {
        waybill: { procedures: Record<string, (input: unknown, callId: number) => Promise<unknown>> };
      };
      return waybill.procedures["messages.log"]?.({ records: [{ content_preview: "kept" }] }, 1);
    });
  }

  test("corrupt: it is set aside, and records are accepted", async ({ start, dataDir }) => {
    await mkdir(dataDir, { recursive: true });
    await writeFile(join(dataDir, "ledger.db"), "this is no database at all".repeat(1_000));
    expect(await logThroughWindow(await start())).toMatchObject({ ok: true, value: { accepted: 1 } });
  });

  test("newer: it is left alone, and records wait in the spool", async ({ start, dataDir }) => {
    await mkdir(dataDir, { recursive: true });
    const database = new Database(join(dataDir, "ledger.db"));
    database.exec("CREATE TABLE t (x)");
    database.pragma("user_version = 999");
    database.close();
    const app = await start();
    expect(await logThroughWindow(app)).toMatchObject({ ok: true, value: { accepted: 1 } });
    expect(await app.stop(), app.told).toBe(0);
    const after = new Database(join(dataDir, "ledger.db"), { readonly: true });
    expect(after.pragma("user_version", { simple: true })).toBe(999);
    after.close();
  });

  test("locked by another program: records are accepted", async ({ start, dataDir }) => {
    await mkdir(dataDir, { recursive: true });
    const first = await start();
    await logThroughWindow(first);
    await first.stop();
    const lock = new Database(join(dataDir, "ledger.db"));
    lock.exec("BEGIN EXCLUSIVE");
    try {
      expect(await logThroughWindow(await start())).toMatchObject({ ok: true, value: { accepted: 1 } });
    } finally {
      lock.exec("ROLLBACK");
      lock.close();
    }
  });

  if (canMount) {
    test("read-only: the window comes up with what is there, and says what is wrong", async ({ start }) => {
      await withSmallDisk(64 * 1024 * 1024, async ({ folder, makeReadOnly }) => {
        const first = await start({ dataDir: folder, cwd: folder });
        await logThroughWindow(first);
        expect(await first.stop(), first.told).toBe(0);
        makeReadOnly();

        const app = await start({ dataDir: folder, cwd: folder });
        expect(await logThroughWindow(app)).toMatchObject({ ok: true, value: { accepted: 1 } });
        const page = await app.page();
        await page.goto("https://waybill.app.test/health");
        await expect(page.getByRole("heading", { name: "Degraded" })).toBeVisible();
        const checks = page.getByRole("region", { name: "Checks" });
        await expect(checks.getByText(/^The data folder can't be written\./)).toBeVisible();
        expect(await app.stop(), app.told).toBe(0);
      });
    });
  }

  test("not a folder at all: the window comes up and says what is wrong", async ({ start, dataDir }) => {
    await writeFile(dataDir, "a file where the folder should be");
    const app = await start();
    const page = await app.page();
    await page.goto("https://waybill.app.test/health");
    await expect(page.getByRole("heading", { level: 1, name: "Health" })).toBeVisible();
    await expect(page.getByText(/can.t/i).first()).toBeVisible();
    expect(await app.stop()).toBe(0);
  });
});
