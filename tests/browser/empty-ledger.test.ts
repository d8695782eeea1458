import { expectAccessible } from "./support/axe.ts";
import { expect, test } from "./support/fixtures.ts";

test.use({ ledger: "empty" });

test("every page of an empty ledger says what to do", async ({ open, pageOf, host }) => {
  const page = await pageOf(host);
  const pages = [
    ["/", "Send the first record"],
    ["/messages", "No messages yet"],
    ["/failures", "No failures"],
    ["/sessions", "No sessions yet"],
    ["/system-log", "System log"],
    ["/health", "No backup yet"],
    ["/settings", "Nothing is deleted"],
  ] as const;
  for (const [path, text] of pages) {
    await open(host, path);
    await expect(page.getByText(text).first()).toBeVisible();
    await expectAccessible(page);
  }
});

test("the first record turns the welcome into the overview", async ({ open, host }) => {
  const page = await open(host, "/");
  await expect(page.getByText("Waiting for the first record")).toBeVisible();
  await page.getByRole("button", { name: "Copy curl command" }).click();
  await expect.poll(() => host.readClipboard(page)).toContain(host.token);
  await expect(page.getByText(host.token)).toBeHidden();
  await expect(async () => {
    await host.log({ content_preview: "the first" });
    await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible({ timeout: 2_000 });
  }).toPass();
});

test("the sample is loaded with a click", async ({ open, host }) => {
  const page = await open(host, "/");
  await page.getByRole("button", { name: "Load the demo" }).click();
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible({ timeout: 50_000 });
  await expect(page.getByRole("region", { name: "Channels" }).getByRole("listitem")).toHaveCount(4);
  expect((await host.call("messages.count", {})).count).toBe(25_000);
});
