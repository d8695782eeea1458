import { expect, type Page } from "@playwright/test";
import type { Host } from "./host.ts";

/** Signs this browser in, without using up the host's one-time link. */
export async function signIn(page: Page, host: Host): Promise<void> {
  const response = await page.context().request.post(`${host.url}/open`, { data: { token: host.token } });
  expect(response.ok()).toBe(true);
}

/** Opens an address of the UI, signed in, and waits until its page is there and has its data. */
export async function openPage(page: Page, host: Host, path: string): Promise<void> {
  await signIn(page, host);
  await page.goto(host.url + path);
  await waitForPage(page);
}

/** A page's code and its data each have a placeholder, which takes no keys yet. */
export async function waitForPage(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("main").locator("[aria-busy=true]")).toHaveCount(0);
}
