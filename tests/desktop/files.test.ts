import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page, test } from "./support/fixtures.ts";

async function exportCsv(page: Page): Promise<void> {
  await page.goto("https://waybill.app.test/messages?q=status:failed");
  await page.getByRole("button", { name: "Export report" }).click();
  const dialog = page.getByRole("dialog", { name: "Export report" });
  await dialog.getByRole("radio", { name: "CSV", exact: true }).click();
  await dialog.getByRole("button", { name: "Export CSV" }).click();
  await dialog.getByRole("button", { name: "Close" }).last().click();
}

test.describe("with the sample", () => {
  test.use({ ledger: "demo" });

  test("an export is saved where the operator says, and shown in its folder", async ({ start, dataDir }) => {
    const app = await start();
    const page = await app.page();
    const target = join(dataDir, "..", "failed.csv");
    await app.order("answer", [target]);
    await exportCsv(page);
    await page.getByRole("button", { name: "Show in folder" }).click();
    const { count } = await app.call("messages.count", { q: "status:failed" });
    expect((await readFile(target, "utf8")).trimEnd().split("\n").length).toBeGreaterThan(count);
    await expect.poll(async () => (await app.order("state", null)).shownInFolder).toEqual([target]);
  });

  test("giving up the dialog writes nothing; a folder that can't be written is told", async ({
    start,
    dataDir,
  }) => {
    const app = await start();
    const page = await app.page();
    await app.order("answer", [null]);
    await exportCsv(page);
    await expect.poll(async () => (await app.order("state", null)).dialogs.length).toBe(1);
    await app.order("answer", [join(dataDir, "no-such-folder", "a.csv")]);
    await exportCsv(page);
    await expect(page.getByText("The file was not saved", { exact: true })).toBeVisible();
  });

  test("the report is saved as PDF", async ({ start, dataDir }) => {
    const app = await start();
    const page = await app.page();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const target = join(dataDir, "..", "report.pdf");
    await app.order("answer", [target]);
    await app.order("click", { menu: "application", id: "save-pdf" });
    await expect
      .poll(() =>
        stat(target).then(
          ({ size }) => size,
          () => 0,
        ),
      )
      .toBeGreaterThan(10_000);
    expect((await readFile(target)).subarray(0, 5).toString()).toBe("%PDF-");
    await expect(page.getByRole("button", { name: "Show in folder" })).toBeVisible();
  });

  test("a backup goes where the operator says, and comes back from there", async ({ start, dataDir }) => {
    const app = await start();
    const page = await app.page();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const { count } = await app.call("messages.count", {});
    const target = join(dataDir, "..", "kept.db");
    await app.order("answer", [target]);
    await app.order("click", { menu: "application", id: "back-up" });
    await expect(page.getByRole("button", { name: "Show in folder" })).toBeVisible();
    await app.log({ content_preview: "after the backup" });

    // The second time it is confirmed.
    await app.order("answer", [target, 1, target, 0]);
    await app.order("click", { menu: "application", id: "restore" });
    await expect.poll(async () => (await app.order("state", null)).dialogs.length).toBe(3);
    expect((await app.call("messages.count", {})).count).toBe(count + 1);
    await app.order("click", { menu: "application", id: "restore" });
    await expect.poll(async () => (await app.call("messages.count", {})).count).toBe(count);
  });
});

test("a file that was opened with Waybill is offered, mapped and imported where it lies", async ({
  start,
  dataDir,
}) => {
  const file = join(dataDir, "..", "questions.csv");
  const rows = Array.from({ length: 500 }, (_, index) => `"Where is my card, number ${index}?",card_arrival`);
  await writeFile(file, `text,category\n${rows.join("\n")}\n`);
  const app = await start({ args: [file] });
  const page = await app.page();
  const dialog = page.getByRole("dialog", { name: "Import messages" });
  await expect(dialog.getByRole("combobox", { name: "Field for the column text" })).toContainText("Text");
  await dialog.getByRole("textbox", { name: /Channel/ }).fill("chat");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await expect(dialog.getByText(/500/).first()).toBeVisible();
  await expect.poll(async () => (await app.call("messages.count", { q: "channel:chat" })).count).toBe(500);
  expect((await stat(file)).size).toBeGreaterThan(0);
});

test("a file that is chosen in the page is imported by its path", async ({ start, dataDir }) => {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, "..", "mixed.csv");
  await writeFile(file, "channel,status,content_preview\nemail,sent,one\nsms,sent,two\n");
  const app = await start();
  const page = await app.page();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await app.order("notePath", { name: "mixed.csv", path: file });
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a file" }).click();
  await (await chooser).setFiles(file);
  await page.getByRole("dialog").getByRole("button", { name: "Import", exact: true }).click();
  await expect.poll(async () => (await app.call("messages.count", {})).count).toBe(2);
});

test("data that a page made up has no path, and is not imported", async ({ start }) => {
  const app = await start();
  const page = await app.page();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const reply = await page.evaluate(() => {
    const { waybill } = globalThis as unknown as {
      waybill: { importFile: (file: File, options: unknown) => Promise<unknown> };
    };
    const file = new File(["a,b\n1,2\n"], "/etc/passwd");
    return waybill.importFile(file, { format: "csv", map: "", channel: "" });
  });
  expect(reply).toMatchObject({ ok: false, error: { code: "not_found" } });
});
