import type { Locator } from "@playwright/test";
import { expectAccessible, expectPopupAccessible } from "./support/axe.ts";
import { expect, type Page, test } from "./support/fixtures.ts";
import { messageRow } from "./support/messages-grid.ts";

type Layer = { name: string; path: string; opener: (page: Page) => Locator };

const button = (name: string) => (page: Page) => page.getByRole("button", { name }).first();

const DIALOGS: readonly Layer[] = [
  { name: "the export", path: "/sessions", opener: button("Export report") },
  { name: "the palette", path: "/messages", opener: button("Search or jump to") },
  { name: "the shortcuts", path: "/health", opener: button("Keyboard shortcuts") },
  { name: "the backups to restore", path: "/health", opener: button("Restore…") },
  { name: "the repair", path: "/health", opener: button("Repair…") },
  { name: "the new token", path: "/settings", opener: button("Rotate…") },
];

const POPUPS: readonly (Layer & { role: "menu" | "listbox" })[] = [
  { name: "the columns", path: "/messages", opener: button("Columns"), role: "menu" },
  {
    name: "the levels",
    path: "/system-log",
    opener: (page) => page.getByRole("combobox", { name: "Level" }),
    role: "listbox",
  },
];

const THEMES = ["light", "dark"] as const;

async function showTheme(page: Page, colorScheme: (typeof THEMES)[number]): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
}

for (const { name, path, opener } of DIALOGS) {
  test(`${name}: accessible in both themes, and Escape gives the focus back`, async ({ open, demoHost }) => {
    const page = await open(demoHost, path);
    await opener(page).click();
    const dialog = page.getByRole("dialog").or(page.getByRole("alertdialog"));
    await expect(dialog).toBeVisible();
    for (const theme of THEMES) {
      await showTheme(page, theme);
      await expectAccessible(page);
    }
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(opener(page)).toBeFocused();
  });
}

for (const { name, path, opener, role } of POPUPS) {
  test(`${name}: accessible in both themes, and Escape gives the focus back`, async ({ open, demoHost }) => {
    const page = await open(demoHost, path);
    await opener(page).click();
    await expect(page.getByRole(role)).toBeVisible();
    for (const theme of THEMES) {
      await showTheme(page, theme);
      await expectPopupAccessible(page, `[role=${role}]`);
    }
    await page.keyboard.press("Escape");
    await expect(page.getByRole(role)).toBeHidden();
    await expect(opener(page)).toBeFocused();
  });
}

test("the open message: accessible in both themes, beside the table", async ({ open, demoHost }) => {
  const page = await open(demoHost, "/messages");
  await messageRow(page, 0).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  for (const theme of THEMES) {
    await showTheme(page, theme);
    await expectAccessible(page);
  }
});
