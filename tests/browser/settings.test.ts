import { DAY_MS } from "../../src-shared/time.ts";
import { expect, test } from "./support/fixtures.ts";
import { openPage } from "./support/open-page.ts";

test.describe("settings", () => {
  test("the theme applies at once and outlives the window", async ({ page, host, browser }) => {
    await openPage(page, host, "/settings");
    const root = page.locator("html");
    const theme = page
      .getByRole("radiogroup", { name: "Theme" })
      .or(page.getByRole("group", { name: "Theme" }));
    await theme.getByText("Dark").click();
    await expect(root).toHaveAttribute("data-theme", "dark");
    await expect.poll(async () => (await host.call("settings.get", {})).theme).toBe("dark");
    await page.reload();
    await expect(root).toHaveAttribute("data-theme", "dark");

    const other = await browser.newPage({ colorScheme: "light" });
    await openPage(other, host, "/settings");
    await expect(other.locator("html")).toHaveAttribute("data-theme", "dark");
    await other.close();
    await theme.getByText("Light").click();
    await expect(root).toHaveAttribute("data-theme", "light");
  });

  test("the theme of the system is followed", async ({ page, demoHost }) => {
    await page.emulateMedia({ colorScheme: "dark" });
    await openPage(page, demoHost, "/settings");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.emulateMedia({ colorScheme: "light" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  });

  test("a retention is checked, confirmed with what goes, and saved", async ({ page, host }) => {
    await openPage(page, host, "/settings");
    const retention = page.getByRole("region", { name: "Retention" });
    await retention.getByRole("radio", { name: /Delete messages older/ }).check();
    const days = retention.getByRole("textbox", { name: "Days to keep" });
    await days.fill("0");
    await expect(retention.getByText("Write a whole number of days from 1 to 36,500.")).toBeVisible();
    await expect(retention.getByRole("button", { name: "Save" })).toBeDisabled();

    await days.fill("30");
    await retention.getByRole("button", { name: "Save" }).click();
    const question = page.getByRole("alertdialog", { name: "Keep messages for 30 days only?" });
    const { count } = await host.call("messages.count", { q: `before:${monthAgo()}` });
    await expect(question).toContainText(`Today that is ${count.toLocaleString("en-US")} message`);
    await question.getByRole("button", { name: "Cancel" }).click();
    expect((await host.call("settings.get", {})).retention_days).toBeNull();

    await retention.getByRole("button", { name: "Save" }).click();
    await question.getByRole("button", { name: "Delete older messages" }).click();
    await expect(page.getByText("Retention saved", { exact: true })).toBeVisible();
    expect((await host.call("settings.get", {})).retention_days).toBe(30);
  });

  test("old messages are deleted at once when asked", async ({ page, host }) => {
    await host.call("settings.set", { retention_days: 36_500 });
    await host.log({ origin_ts: Date.now() - 36_600 * DAY_MS, content_preview: "from another century" });
    const { count } = await host.call("messages.count", {});
    await openPage(page, host, "/settings");
    await page.getByRole("button", { name: "Delete now" }).click();
    const question = page.getByRole("alertdialog", { name: /older than 36,500 days now/ });
    await expect(question).toContainText("Today that is 1 message.");
    await question.getByRole("button", { name: "Delete now" }).click();
    await expect(page.getByText(/1 message.* deleted/)).toBeVisible();
    expect((await host.call("messages.count", {})).count).toBe(count - 1);
  });

  test("the token is shown, copied and rotated; the old one ends", async ({ page, context, host }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await openPage(page, host, "/settings");
    const access = page.getByRole("region", { name: "API access" });
    await expect(access.getByText(host.token)).toBeHidden();
    await access.getByRole("button", { name: "Show the token" }).click();
    await expect(access.getByText(host.token)).toBeVisible();
    await access.getByRole("button", { name: "Copy the token" }).click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(host.token);

    await access.getByRole("button", { name: "Rotate" }).click();
    const question = page.getByRole("alertdialog", { name: "Make a new token?" });
    await expect(question).toContainText("programs that use it get 401");
    await question.getByRole("button", { name: "Make a new token" }).click();
    await expect(access.getByText(host.token)).toBeHidden();
    await expect(host.call("settings.get", {})).rejects.toThrow();
    // This window goes on working.
    await page.reload();
    await expect(page.getByRole("heading", { name: "Settings", level: 1 })).toBeVisible();
    await expect(access.getByText(host.url, { exact: true })).toBeVisible();
  });

  test("what is copied of the curl example can be run", async ({ page, context, demoHost }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await openPage(page, demoHost, "/settings");
    await page.getByRole("button", { name: "Copy curl example" }).click();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toContain(`Bearer ${demoHost.token}`);
    expect(await copied()).toContain(`curl ${demoHost.url}/messages`);
    await expect(page.getByRole("link", { name: "API documentation" })).toHaveAttribute("href", "/docs");
  });
});

function monthAgo(): string {
  return new Date(Date.now() - 30 * DAY_MS).toISOString();
}
