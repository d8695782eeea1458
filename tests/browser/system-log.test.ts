import { exportFile, readCsv } from "./support/exported-file.ts";
import { expect, test } from "./support/fixtures.ts";
import type { Host } from "./support/host.ts";

async function addEntries(host: Host): Promise<void> {
  await host.call("systemLogs.add", { level: "debug", component: "mailer", message: "Connected" });
  await host.call("systemLogs.add", { level: "warning", component: "mailer", message: "Slow answer" });
  await host.call("systemLogs.add", {
    level: "error",
    component: "mailer",
    message: "Gave up",
    details: { host: "smtp.example.com", attempts: 3 },
  });
  await host.call("systemLogs.add", { level: "info", component: "billing", message: "Run finished" });
}

test.describe("system log", () => {
  test.use({ ledger: "empty" });

  test("filters by level and text, and the address holds the filter", async ({ open, host }) => {
    await addEntries(host);
    const page = await open(host, "/system-log");
    const list = page.getByRole("list", { name: "System log, newest first" });
    await expect(list.getByRole("button", { name: /Gave up/ })).toBeVisible();

    await page.getByRole("combobox", { name: "Level" }).click();
    await page.getByRole("option", { name: "Warnings and errors" }).click();
    await expect(list.getByRole("listitem")).toHaveCount(2);
    await page.getByRole("textbox", { name: "Filter by text or component" }).fill("gave");
    await expect(list.getByRole("listitem")).toHaveCount(1);
    await expect(page).toHaveURL(/level=warning/);
    await expect(page).toHaveURL(/q=gave/);

    await page.reload();
    await expect(list.getByRole("listitem")).toHaveCount(1);
    await page.getByRole("textbox").fill("nothing has this");
    await page.getByRole("button", { name: "Clear the filter" }).click();
    await expect(list.getByRole("button", { name: /Connected/ })).toBeVisible();
  });

  test("opens an entry by keyboard and closes it again", async ({ open, host }) => {
    await addEntries(host);
    const page = await open(host, "/system-log?q=mailer");
    const entries = page.getByRole("list", { name: "System log, newest first" }).getByRole("button");
    await expect(entries).toHaveCount(3);
    await page.keyboard.press("j");
    await expect(entries.nth(0)).toBeFocused();
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await expect(entries.nth(0)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("region", { name: "Details" })).toContainText('"attempts": 3');
    await page.keyboard.press("Escape");
    await expect(page.getByRole("region", { name: "Details" })).toBeHidden();
    await page.keyboard.press("/");
    await expect(page.getByRole("textbox")).toBeFocused();
  });

  test("an opened entry leads to the others of its component", async ({ open, host }) => {
    await addEntries(host);
    const page = await open(host, "/system-log");
    await page.getByRole("button", { name: /Run finished/ }).click();
    await page.getByRole("button", { name: "Show only this component" }).click();
    const list = page.getByRole("list", { name: "System log, newest first" });
    await expect(list.getByRole("listitem")).toHaveCount(1);
    await page.goBack();
    await expect(list.getByRole("button", { name: /Gave up/ })).toBeVisible();
  });

  test("new entries appear by themselves", async ({ open, host }) => {
    const page = await open(host, "/system-log?q=tardy");
    await host.call("systemLogs.add", { level: "info", component: "tests", message: "A tardy entry" });
    await expect(page.getByRole("button", { name: /A tardy entry/ })).toBeVisible({ timeout: 15_000 });
  });

  test("the report holds what is shown", async ({ open, host }) => {
    await addEntries(host);
    const page = await open(host, "/system-log?level=warning&q=mailer");
    await expect(
      page.getByRole("list", { name: "System log, newest first" }).getByRole("listitem"),
    ).toHaveCount(2);
    const rows = readCsv((await exportFile(page, host, "CSV")).text);
    expect(rows.map(({ message }) => message)).toEqual(["Gave up", "Slow answer"]);
  });
});
