import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Locator, type Page } from "@playwright/test";

/** For a broker or a database to start, and for all to arrive after an outage: a queue that came back half takes minutes. */
export const SYNC_MS = 240_000;

/** Puts these secrets into the file where operators write them. */
export async function writeSecrets(folder: string, environment: Record<string, string>): Promise<void> {
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, ".env"), lines.join(""), { mode: 0o600 });
}

/** Records without a uuid of their own. */
export function messages(count: number): { channel: string; status: "sent"; topic: string }[] {
  return Array.from({ length: count }, () => ({ channel: "email", status: "sent", topic: "hello" }));
}

/** The card of a sink. */
export function card(page: Page, name: "RabbitMQ" | "Supabase"): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** That a sink's changes add up so. */
export async function expectSum(
  page: Page,
  sink: "RabbitMQ" | "Supabase",
  sum: Record<"accepted" | "delivered" | "waiting" | "parked", number>,
): Promise<void> {
  const changes = page.getByRole("region", { name: `Changes for ${sink}` });
  await expect(changes.getByRole("definition")).toHaveText(Object.values(sum).map(String));
  await expect(changes.getByRole("term")).toHaveText(Object.keys(sum));
  await expect(changes.getByText("Balanced")).toBeVisible();
}
