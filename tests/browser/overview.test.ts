import { exportFile } from "./support/exported-file.ts";
import { expect, test } from "./support/fixtures.ts";
import { expectMessages, messagesGrid } from "./support/messages-grid.ts";

test.describe("overview", () => {
  test("shows the period's figures, and another period's when it is picked", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/");
    const figures = page.getByRole("region", { name: "Key figures" });
    const month = await demoHost.call("stats.overview", { days: 30 });
    await expect(figures.getByRole("link", { name: /^Messages/ })).toContainText(
      month.current.total.toLocaleString("en-US"),
    );
    await page
      .getByRole("radiogroup", { name: "Period" })
      .or(page.getByRole("group", { name: "Period" }))
      .getByText("7 days")
      .click();
    const week = await demoHost.call("stats.overview", { days: 7 });
    await expect(figures.getByRole("link", { name: /^Messages/ })).toContainText(
      week.current.total.toLocaleString("en-US"),
    );
    await expect(page).toHaveURL(/period=7d/);
    await page.goBack();
    await expect(figures.getByRole("link", { name: /^Messages/ })).toContainText(
      month.current.total.toLocaleString("en-US"),
    );
  });

  test("a channel, a reason, a step and a figure lead to their messages", async ({
    open,
    pageOf,
    demoHost,
  }) => {
    const page = await pageOf(demoHost);
    const leads = [
      { region: "Channels", filter: /channel:/ },
      { region: "Why messages failed", filter: /reason:/, link: 2 },
      { region: "From pending to read", filter: /status:/, link: 2 },
      { region: "Key figures", filter: /status:failed/, link: 2 },
    ];
    for (const { region, filter, link = 0 } of leads) {
      await open(demoHost, "/");
      await page.getByRole("region", { name: region }).getByRole("link").nth(link).click();
      await expect(page).toHaveURL(/\/messages\?q=/);
      const q = new URL(page.url()).searchParams.get("q") ?? "";
      expect(q).toMatch(filter);
      const { count } = await demoHost.call("messages.count", { q });
      expect(count).toBeGreaterThan(0);
      await expectMessages(page, count);
    }
  });

  test("all reasons of the period are a click away", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/?period=7d");
    await page.getByRole("link", { name: "All reasons" }).click();
    await expect(page).toHaveURL(/\/failures\?period=7d/);
    await expect(page.getByText(/last 7 days/)).toBeVisible();
  });

  test("an hour of the heat map and a session open", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/");
    const hours = page.getByRole("table", { name: "Messages by weekday and hour" });
    await hours
      .getByRole("button", { name: /Wednesday.* [1-9]/ })
      .first()
      .click();
    await expect(page).toHaveURL(/\/messages\?q=/);
    await expect(messagesGrid(page)).toBeVisible();
    await page.goBack();
    await page.getByRole("region", { name: "Recent sessions" }).getByRole("link").nth(1).click();
    await expect(page).toHaveURL(/\/sessions\/./);
  });

  test("the volume is there as a table too", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/");
    const volume = page.getByRole("region", { name: "Volume by status" });
    await volume.getByLabel("Table", { exact: true }).click();
    await expect(volume.getByRole("table")).toBeVisible();
  });

  test("the report holds the figures", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/");
    const { text, name } = await exportFile(page, demoHost, "JSON");
    const report = JSON.parse(text) as { totals: { total: number }; by_channel: unknown[] };
    expect(name).toMatch(/\.json$/);
    const { current } = await demoHost.call("stats.overview", { days: 30 });
    expect(report.totals.total).toBe(current.total);
    expect(report.by_channel).toHaveLength(4);
  });
});
