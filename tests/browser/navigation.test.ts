import { expect, test } from "./support/fixtures.ts";

test("every page is reached by its keys, and Back goes the way back", async ({ open, demoHost }) => {
  const page = await open(demoHost, "/");
  const pages = [
    // Messages has an `s` and an `f` of its own.
    ["m", "Messages"],
    ["s", "Sessions"],
    ["m", "Messages"],
    ["f", "Failures"],
    ["a", "Analytics"],
    ["y", "Sync"],
    ["l", "System log"],
    ["h", "Health"],
    [",", "Settings"],
    ["o", "Overview"],
  ] as const;
  for (const [key, title] of pages) {
    // The second key has to follow the first within a second or so, which a busy machine may not manage.
    await expect(async () => {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await expect(page.getByRole("heading", { level: 1 })).toContainText(title, { timeout: 2_000 });
    }).toPass();
    await expect(page.getByRole("link", { name: title, exact: true }).first()).toHaveAttribute(
      "aria-current",
      "page",
    );
  }
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Settings");
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Health");
});

test("the first Tab skips to the content", async ({ open, demoHost }) => {
  const page = await open(demoHost, "/health");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expect(skip).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("the help lists the keys of the page", async ({ open, demoHost }) => {
  const page = await open(demoHost, "/messages");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  for (const label of ["Command palette", "Go to Health", "Next message", "Export report"]) {
    await expect(help.getByRole("listitem").filter({ hasText: label })).toBeVisible();
  }
});

test("an address that leads nowhere says so", async ({ open, demoHost }) => {
  const page = await open(demoHost, "/no/such/page");
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  await page.getByRole("link", { name: "Go to the overview" }).click();
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
});

test("on a phone the navigation opens from the top", async ({ open, pageOf, demoHost }) => {
  const page = await pageOf(demoHost);
  await page.setViewportSize({ width: 390, height: 780 });
  await open(demoHost, "/health");
  await page.getByRole("button", { name: "Open the navigation" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Sessions" }).click();
  await expect(page.getByRole("heading", { name: "Sessions", level: 1 })).toBeVisible();
});
