import { DAY_MS } from "../../src-shared/time.ts";
import { expectAccessible } from "./support/axe.ts";
import { expect, type Page, test } from "./support/fixtures.ts";
import { goTo } from "./support/open-page.ts";

test.describe("settings", () => {
  test("the theme applies at once and outlives the window", async ({ open, host, browser }) => {
    const page = await open(host, "/settings");
    const root = page.locator("html");
    const theme = (shown: Page) =>
      shown.getByRole("radiogroup", { name: "Theme" }).or(shown.getByRole("group", { name: "Theme" }));
    await theme(page).getByText("Dark").click();
    await expect(root).toHaveAttribute("data-theme", "dark");
    await expect.poll(async () => (await host.call("settings.get", {})).theme).toBe("dark");
    await page.reload();
    await expect(root).toHaveAttribute("data-theme", "dark");

    const stranger = await browser.newContext({ colorScheme: "light" });
    const other = await host.openWindow(stranger);
    await goTo(other, host, "/settings");
    await expect(other.locator("html")).toHaveAttribute("data-theme", "dark");
    await theme(other).getByText("Light").click();
    await expect(other.locator("html")).toHaveAttribute("data-theme", "light");
    await stranger.close();
  });

  test("the theme of the system is followed", async ({ open, pageOf, demoHost }) => {
    const page = await pageOf(demoHost);
    await page.emulateMedia({ colorScheme: "dark" });
    await open(demoHost, "/settings");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.emulateMedia({ colorScheme: "light" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  });

  test("retention rules are checked, counted, confirmed and saved", async ({ open, host }) => {
    const page = await open(host, "/settings");
    const retention = page.getByRole("region", { name: "Retention" });
    await retention.getByRole("switch", { name: "Delete old messages once a day" }).click();
    const rule = retention.getByRole("group", { name: "Rule 1" });
    const days = rule.getByRole("textbox", { name: "Delete when older than" });
    await days.fill("0");
    await expect(rule.getByText("Write a whole number of days from 1 to 36,500.")).toBeVisible();
    await expect(retention.getByRole("button", { name: "Save" })).toBeDisabled();
    await days.fill("");
    await expect(rule.getByText("Write an age, a number to keep, or both.")).toBeVisible();

    await days.fill("30");
    await rule.getByRole("combobox", { name: "Channel" }).click();
    await page.getByRole("option", { name: "email", exact: true }).click();
    await retention.getByRole("checkbox", { name: /Export messages to a CSV file/ }).click();
    await expect(
      retention.getByText(
        "Email messages older than 30 days are deleted, after they were exported to a CSV file.",
      ),
    ).toBeVisible();
    const { count } = await host.call("messages.count", { q: `channel:email before:${monthAgo()}` });
    expect(count).toBeGreaterThan(0);
    await expect(rule.getByText(`${count.toLocaleString("en-US")} messages would go today.`)).toBeVisible();

    await retention.getByRole("button", { name: "Save" }).click();
    const question = page.getByRole("alertdialog", { name: "Delete these messages from now on?" });
    await expect(question).toContainText(`that is ${count.toLocaleString("en-US")} messages today`);
    await expectAccessible(page);
    await question.getByRole("button", { name: "Cancel" }).click();
    expect((await host.call("settings.get", {})).retention.enabled).toBe(false);

    await retention.getByRole("button", { name: "Save" }).click();
    await question.getByRole("button", { name: "Save and delete" }).click();
    await expect(page.getByText("Retention saved", { exact: true })).toBeVisible();
    expect((await host.call("settings.get", {})).retention).toEqual({
      enabled: true,
      rules: [{ channel: "email", status: null, max_age_days: 30, max_records: null }],
      max_size_mb: null,
      system_log_days: null,
      export_before_delete: true,
    });
  });

  test("what the rules do not keep is deleted at once when asked", async ({ open, host }) => {
    await host.call("settings.set", { retention_days: 36_500 });
    await host.log({ origin_ts: Date.now() - 36_600 * DAY_MS, content_preview: "from another century" });
    const { count } = await host.call("messages.count", {});
    const page = await open(host, "/settings");
    await page.getByRole("button", { name: "Delete now" }).click();
    const question = page.getByRole("alertdialog", { name: /Delete what the rules do not keep now/ });
    await expect(question).toContainText("that is 1 message today");
    await question.getByRole("button", { name: "Delete now" }).click();
    await expect(page.getByText(/^Deleted 1 message and /)).toBeVisible();
    expect((await host.call("messages.count", {})).count).toBe(count - 1);
  });

  test("backups are made at once and on a schedule", async ({ open, host }) => {
    const page = await open(host, "/settings");
    const backups = page.getByRole("region", { name: "Backups" });
    await expect(backups.getByText("There is no backup yet.")).toBeVisible();
    await backups.getByRole("button", { name: "Back up now" }).click();
    await expect(backups.getByText(/Backed up and verified/)).toBeVisible();
    await expect(backups.getByText(/^Last backup:/)).toBeVisible();

    await backups.getByRole("switch", { name: "Back up on a schedule" }).click();
    const every = backups.getByRole("textbox", { name: "Every" });
    await every.fill("721");
    await expect(backups.getByText("Write a whole number of hours from 1 to 720.")).toBeVisible();
    await every.fill("6");
    await backups.getByRole("textbox", { name: "Folder" }).fill("elsewhere");
    await expect(backups.getByText(/Write the whole path/)).toBeVisible();
    await backups.getByRole("textbox", { name: "Folder" }).fill(`${host.dataDir}/copies`);
    await expect(backups.getByText(/^Every 6 hours a backup is written to/)).toBeVisible();
    await backups.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Backup schedule saved", { exact: true })).toBeVisible();
    expect((await host.call("settings.get", {})).backups).toMatchObject({
      enabled: true,
      every_hours: 6,
      directory: `${host.dataDir}/copies`,
    });
  });

  test("the token is shown, copied and rotated; the old one ends", async ({ open, host }) => {
    const page = await open(host, "/settings");
    const access = page.getByRole("region", { name: "API access" });
    await expect(access.getByText(host.token)).toBeHidden();
    await access.getByRole("button", { name: "Show the token" }).click();
    await expect(access.getByText(host.token)).toBeVisible();
    await access.getByRole("button", { name: "Copy the token" }).click();
    await expect.poll(() => host.readClipboard(page)).toBe(host.token);

    await access.getByRole("button", { name: "Rotate" }).click();
    const question = page.getByRole("alertdialog", { name: "Make a new token?" });
    await expect(question).toContainText("programs that use it get 401");
    await question.getByRole("button", { name: "Make a new token" }).click();
    await expect(access.getByText(host.token)).toBeHidden();
    await expect(host.call("settings.get", {})).rejects.toThrow();
    // This window goes on working.
    await page.reload();
    await expect(page.getByRole("heading", { name: "Settings", level: 1 })).toBeVisible();
    await expect(access.getByText(host.apiUrl, { exact: true })).toBeVisible();
  });

  test("what is copied of the curl example can be run", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/settings");
    await page.getByRole("button", { name: "Copy curl example" }).click();
    const copied = () => demoHost.readClipboard(page);
    await expect.poll(copied).toContain(`Bearer ${demoHost.token}`);
    expect(await copied()).toContain(`curl ${demoHost.apiUrl}/messages`);
    await expect(page.getByRole("link", { name: "API documentation" })).toHaveAttribute("href", "/docs");
  });
});

function monthAgo(): string {
  return new Date(Date.now() - 30 * DAY_MS).toISOString();
}
