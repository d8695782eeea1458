import { expectAccessible } from "./support/axe.ts";
import { exportFile } from "./support/exported-file.ts";
import { expect, test } from "./support/fixtures.ts";
import { expectMessages } from "./support/messages-grid.ts";

test.describe("analytics", () => {
  test("tables by template, channel, domain and session are sorted by any column", async ({
    open,
    demoHost,
  }) => {
    const report = await demoHost.call("stats.report", { days: 30 });
    const page = await open(demoHost, "/analytics");
    const table = page.getByRole("table", { name: "Messages by template" });
    await expect(table.getByRole("row")).toHaveCount(report.by_template.length + 1);
    await expect(table.getByRole("row").nth(1)).toContainText(report.by_template[0]?.key ?? "");

    await table.getByRole("button", { name: "Failed" }).click();
    const worst = report.by_template.toSorted((a, b) => b.failed - a.failed)[0];
    await expect(table.getByRole("row").nth(1)).toContainText(worst?.key ?? "");
    await expect(table.getByRole("columnheader", { name: "Failed" })).toHaveAttribute(
      "aria-sort",
      "descending",
    );
    await expect(page).toHaveURL(/sort=failed-desc/);
    await expectAccessible(page);

    for (const [tab, name] of [
      ["Channels", "Messages by channel"],
      ["Domains", "Messages by recipients' domain"],
      ["Sessions", "Messages by session"],
    ] as const) {
      await page.getByRole("tab", { name: tab }).click();
      await expect(page.getByRole("table", { name })).toBeVisible();
    }
  });

  test("a row leads to its messages", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/analytics?by=channel");
    const { by_channel } = await demoHost.call("stats.report", { days: 30 });
    const sms = by_channel.find(({ key }) => key === "sms");
    await page.getByRole("link", { name: "sms", exact: true }).click();
    await expectMessages(page, sms?.total ?? -1);
  });

  test("the report is exported as one page that needs nothing else", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/analytics");
    const { name, text } = await exportFile(page, demoHost, "HTML");
    expect(name).toMatch(/report.*\.html$/);
    expect(text).toContain("<svg");
    const asked: string[] = [];
    page.on("request", ({ url }) => asked.push(url()));
    await page.setContent(text);
    await expect(page.getByRole("heading", { name: "Message report" })).toBeVisible();
    await expectAccessible(page);
    expect(asked).toEqual([]);
  });
});

test.describe("compare", () => {
  test("a period stands beside the one before, or any other", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/analytics?period=7d");
    await page.getByRole("link", { name: "Compare" }).click();
    await expect(page).toHaveURL(/\/compare\?period=7d/);
    const current = await demoHost.call("stats.report", { days: 7 });
    const table = page.getByRole("table", { name: "Figures of both periods" });
    const messages = table.getByRole("row", { name: /^Messages/ });
    await expect(messages).toContainText(current.totals.total.toLocaleString("en-US"));
    await expect(table.getByRole("row", { name: /^Success rate/ })).toContainText(/pts|no difference/);
    await expect(page.getByRole("table", { name: /^Template/ })).toBeVisible();
    await expectAccessible(page);

    await page.getByRole("button", { name: "The period before" }).click();
    await page.getByLabel("First day").fill("2026-01-01");
    await page.getByLabel("Last day").fill("2026-01-07");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page).toHaveURL(/otherFrom=2026-01-01/);
    await page.getByRole("button", { name: "Use the period before" }).click();
    await expect(page).not.toHaveURL(/otherFrom/);
  });

  test("two sessions are chosen in the list and stand side by side", async ({ open, demoHost }) => {
    const { sessions } = await demoHost.call("sessions.list", { limit: 2 });
    const page = await open(demoHost, "/sessions");
    const boxes = page.getByRole("checkbox", { name: /^Compare / });
    await boxes.nth(0).click();
    await expect(page.getByRole("button", { name: "Choose another to compare" })).toBeDisabled();
    await boxes.nth(1).click();
    await page.getByRole("button", { name: "Compare the two" }).click();
    await expect(page).toHaveURL(/\/compare\?what=sessions&a=/);
    const failed = page
      .getByRole("table", { name: "Figures of both sessions" })
      .getByRole("row", { name: /^Failed/ });
    await expect(failed.getByRole("link")).toHaveText(sessions.map((session) => String(session.failed)));
    await expectAccessible(page);
  });
});
