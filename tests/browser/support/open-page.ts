import { expect, type Page } from "@playwright/test";
import type { Host } from "./host.ts";

/** Goes to a path of a host's UI, and waits until its page is there and has its data. */
export async function goTo(page: Page, host: Host, path: string): Promise<Page> {
  await page.goto(host.pageUrl + path);
  await waitForPage(page);
  return page;
}

/** A page's code and its data each have a placeholder, which takes no keys yet. */
export async function waitForPage(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("main").locator("[aria-busy=true]")).toHaveCount(0);
}
