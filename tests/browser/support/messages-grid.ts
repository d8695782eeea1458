import { expect, type Locator, type Page } from "@playwright/test";

export function messagesGrid(page: Page): Locator {
  return page.getByRole("grid", { name: "Messages, newest first" });
}

/** Waits until the table has exactly so many messages. */
export async function expectMessages(page: Page, count: number): Promise<void> {
  // The header is a row too.
  await expect(messagesGrid(page)).toHaveAttribute("aria-rowcount", String(count + 1));
}

/** The row of a message, counted from 0. */
export function messageRow(page: Page, index: number): Locator {
  return messagesGrid(page).locator(`[role="row"][aria-rowindex="${index + 2}"]`);
}
