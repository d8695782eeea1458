import { expect, type Page, test } from "./support/fixtures.ts";

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Command palette" })).toBeFocused();
}

test.describe("command palette", () => {
  test("goes to a page by its name, and Escape gives the focus back", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/settings");
    const button = page.getByRole("button", { name: "Show the token" });
    await button.focus();
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: "Command palette" });
    await expect(palette.getByRole("combobox")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(palette).toBeHidden();
    await expect(button).toBeFocused();

    await openPalette(page);
    await page.keyboard.type("heal");
    await expect(palette.getByRole("option", { name: /^Health/ })).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/health$/);
    await expect(palette).toBeHidden();
  });

  test("searches messages, opens one by its UUID and remembers both", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/settings");
    await openPalette(page);
    await page.keyboard.type("status:failed");
    await expect(page.getByRole("option", { name: "Search messages for “status:failed”" })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/messages\?q=status%3Afailed/);

    const { messages } = await demoHost.call("messages.search", { limit: 1 });
    const uuid = messages[0]?.message_uuid ?? "";
    await openPalette(page);
    await page.keyboard.type(uuid);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toContainText(uuid);

    await open(demoHost, `/health`);
    await page.keyboard.press("Control+k");
    const recent = page.getByRole("group", { name: "Recent" });
    await expect(recent.getByRole("option")).toHaveCount(2);
  });

  test("finds a session", async ({ open, demoHost }) => {
    const { sessions } = await demoHost.call("sessions.list", { limit: 1 });
    const id = sessions[0]?.session_id ?? "";
    const name = sessions[0]?.template_name ?? id;
    const page = await open(demoHost, "/health");
    await openPalette(page);
    await page.keyboard.type(id);
    const found = page.getByRole("group", { name: "Sessions" }).getByRole("option");
    await expect(found.filter({ hasText: name })).toHaveCount(1);
    await found.filter({ hasText: name }).click();
    await expect(page).toHaveURL(new RegExp(`/sessions/${id}$`));
  });

  test("runs actions: theme, backup, import, help", async ({ open, host }) => {
    const page = await open(host, "/settings");
    const choose = async (typed: string) => {
      await openPalette(page);
      await page.keyboard.type(typed);
      await page.keyboard.press("Enter");
    };
    await choose("dark theme");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await choose("back up");
    await expect(page).toHaveURL(/\/health$/);
    await expect(
      page.getByRole("region", { name: "Upkeep" }).getByText(/Backed up and verified/),
    ).toBeVisible();
    await choose("import");
    await expect(page.getByRole("dialog", { name: "Import messages" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
    await choose("keyboard shortcuts");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  });

  test("offers what the page can do", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/messages");
    await openPalette(page);
    await page.keyboard.type("export");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog", { name: "Export report" })).toBeVisible();
  });
});
