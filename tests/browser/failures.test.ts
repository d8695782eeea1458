import { expect, test } from "./support/fixtures.ts";
import { expectMessages } from "./support/messages-grid.ts";
import { waitForPage } from "./support/open-page.ts";

test.describe("failures", () => {
  test("shows each reason with its figures; one leads to exactly its messages", async ({
    open,
    demoHost,
  }) => {
    const page = await open(demoHost, "/failures");
    const { fingerprints, total } = await demoHost.call("stats.fingerprints", { days: 30 });
    const rows = page.getByRole("table", { name: "Reasons of failures" }).locator("tbody tr");
    await expect(rows).toHaveCount(fingerprints.length);
    await expect(page.getByText(`${total} failures with ${fingerprints.length} reasons`)).toBeVisible();
    await expect(rows.filter({ hasText: "New" })).toHaveCount(
      fingerprints.filter(({ is_new }) => is_new).length,
    );

    await rows.nth(1).getByRole("link").click();
    await waitForPage(page);
    expect(new URL(page.url()).searchParams.get("q")).toContain(`reason:${fingerprints[1]?.id} after:`);
    await expectMessages(page, fingerprints[1]?.count ?? 0);
  });

  test("is searched, sorted and told for another period, all in the address", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/failures");
    const table = page.getByRole("table", { name: "Reasons of failures" });
    await page.keyboard.press("/");
    await page.keyboard.type("mailbox");
    const { found } = await demoHost.call("stats.fingerprints", { days: 30, text: "mailbox" });
    await expect(table.locator("tbody tr")).toHaveCount(found);
    await table.getByRole("button", { name: "First seen" }).click();
    await expect(table.getByRole("columnheader", { name: "First seen" })).toHaveAttribute(
      "aria-sort",
      "descending",
    );
    await page.getByRole("radio", { name: "90 days" }).click();
    await expect(page).toHaveURL(/period=90d/);
    await page.reload();
    await waitForPage(page);
    await expect(page.getByRole("textbox", { name: "Find a reason" })).toHaveValue("mailbox");
    await page.getByRole("textbox", { name: "Find a reason" }).fill("no error says this");
    await expect(page.getByText("No reason matches")).toBeVisible();
    await page.getByRole("button", { name: "Clear the search" }).click();
    await expect(table).toBeVisible();
  });

  test("a new reason appears by itself", async ({ open, host }) => {
    const page = await open(host, "/failures?period=24h");
    await host.log({ status: "failed", error_message: "quantum link to node 42 lost", channel: "probe" });
    const row = page.getByRole("row", { name: /quantum link to node/ });
    await expect(row).toContainText("New");
    await expect(row).toContainText("probe");
  });
});
