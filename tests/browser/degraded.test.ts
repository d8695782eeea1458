import { mkdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { expectAccessible } from "./support/axe.ts";
import { expect, test } from "./support/fixtures.ts";
import { expectMessages } from "./support/messages-grid.ts";

test("a database that can't be opened: said everywhere, records spooled, and replayed once it can", async ({
  start,
  open,
  folder,
}) => {
  test.slow();
  // Nothing can be opened where a folder stands.
  const obstacle = join(folder, "ledger.db");
  await mkdir(obstacle);
  const degraded = await start(folder);
  try {
    await degraded.log({ channel: "email", content_preview: "sent while it was down" });
    const page = await open(degraded, "/health");
    await expect(page.getByRole("heading", { name: "Degraded" })).toBeVisible();
    await expect(page.getByText(/New records are still accepted: they wait in the spool/)).toBeVisible();
    await expect(page.getByText("The database can't be opened")).toBeVisible();
    await expect(page.getByRole("link", { name: /Degraded/ })).toBeVisible();
    for (const path of ["/health", "/messages", "/settings"]) {
      await open(degraded, path);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
        await expectAccessible(page);
      }
    }
  } finally {
    await degraded.stop();
  }

  await rmdir(obstacle);
  const mended = await start(folder);
  try {
    const page = await open(mended, "/messages?q=channel:email");
    await expectMessages(page, 1);
    await open(mended, "/health");
    await expect(page.getByRole("heading", { name: "Healthy" })).toBeVisible();
  } finally {
    await mended.stop();
  }
});
