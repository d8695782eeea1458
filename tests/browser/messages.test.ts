import { expect, type Page, test } from "./support/fixtures.ts";
import type { Host } from "./support/host.ts";
import { expectMessages, messageRow, messagesGrid } from "./support/messages-grid.ts";

async function countOf(host: Host, q: string): Promise<number> {
  return (await host.call("messages.count", { q })).count;
}

async function search(page: Page, q: string): Promise<void> {
  const field = page.getByRole("combobox", { name: "Search messages" });
  await field.fill(q);
  await field.press("Enter");
}

function queryOf(page: Page): string {
  return new URL(page.url()).searchParams.get("q") ?? "";
}

test.describe("messages", () => {
  test("a search shows its matches, its filters and their number; Back takes it back", async ({
    open,
    demoHost,
  }) => {
    const page = await open(demoHost, "/messages");
    await expectMessages(page, await countOf(demoHost, ""));
    await search(page, "status:failed channel:email");
    await expectMessages(page, await countOf(demoHost, "status:failed channel:email"));
    await expect(messageRow(page, 0).getByText("Failed")).toBeVisible();
    await expect(messageRow(page, 0).getByText("email", { exact: true })).toBeVisible();

    await page.getByRole("button", { name: "Remove filter channel:email" }).click();
    await expectMessages(page, await countOf(demoHost, "status:failed"));
    expect(queryOf(page)).toBe("status:failed");
    await page.goBack();
    await expectMessages(page, await countOf(demoHost, "status:failed channel:email"));
    await page.goBack();
    await expectMessages(page, await countOf(demoHost, ""));
    await expect(page.getByRole("combobox", { name: "Search messages" })).toHaveValue("");
  });

  test("words are found in texts; what nothing matches is said", async ({ open, demoHost }) => {
    const words = "mailbox unavailable";
    const page = await open(demoHost, "/messages");
    await search(page, words);
    await expectMessages(page, await countOf(demoHost, words));
    await search(page, "nothinghasthisword");
    await expect(page.getByText("No message matches")).toBeVisible();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expectMessages(page, await countOf(demoHost, ""));
  });

  test("a query that can't be read is explained and not run", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/messages");
    await search(page, "status:nonsense");
    const field = page.getByRole("combobox", { name: "Search messages" });
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription(/status/);
    expect(queryOf(page)).toBe("");
  });

  test("the query is completed while it is typed", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/messages");
    await page.keyboard.press("/");
    await page.keyboard.type("stat");
    const options = page.getByRole("listbox", { name: "Completions" });
    await expect(options.getByRole("option", { name: /^status/ })).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.type("fail");
    await expect(options.getByRole("option", { name: /failed/ })).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expectMessages(page, await countOf(demoHost, "status:failed"));
  });

  test("a period is brushed with the mouse and taken away again", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/messages");
    const all = await countOf(demoHost, "");
    const from = await page.getByRole("slider", { name: "Period starts" }).boundingBox();
    const to = await page.getByRole("slider", { name: "Period ends" }).boundingBox();
    if (from === null || to === null) throw new Error("The histogram has no edges");
    const at = (share: number) => from.x + (to.x - from.x) * share;
    const y = from.y + from.height / 2;
    await page.mouse.move(at(0.5), y);
    await page.mouse.down();
    await page.mouse.move(at(0.7), y, { steps: 5 });
    await page.mouse.up();
    await expect(page).toHaveURL(/after/);
    const brushed = await countOf(demoHost, queryOf(page));
    expect(brushed).toBeGreaterThan(0);
    expect(brushed).toBeLessThan(all);
    await expectMessages(page, brushed);
    await page.getByRole("button", { name: "Clear period" }).click();
    await expectMessages(page, all);
  });

  test("a period is chosen by keyboard", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/messages");
    await page.getByRole("slider", { name: "Period starts" }).focus();
    for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/after/);
    await expectMessages(page, await countOf(demoHost, queryOf(page)));
  });

  test("a message opens with its life and its payload", async ({ open, demoHost }) => {
    const { messages } = await demoHost.call("messages.search", { q: "status:read", limit: 1 });
    const uuid = messages[0]?.message_uuid ?? "";
    const { events } = await demoHost.call("messages.get", { message_uuid: uuid });
    const page = await open(demoHost, "/messages?q=status:read");
    await messageRow(page, 0).click();
    const drawer = page.getByRole("dialog");
    await expect(page).toHaveURL(new RegExp(`message=${uuid}`));
    const life = drawer.getByRole("heading", { name: /^Life/ }).locator("xpath=..").getByRole("listitem");
    await expect(life).toHaveCount(events.length);
    await expect(life.last()).toContainText("Read");
    await drawer.getByText("Raw JSON").click();
    await expect(drawer.getByRole("region", { name: "record as JSON" })).toContainText(
      `"message_uuid": "${uuid}"`,
    );
    await page.keyboard.press("Escape");
    await expect(drawer).toBeHidden();
    await expect(messagesGrid(page)).toBeFocused();
  });

  test("j, k, Enter and Escape go through the messages", async ({ open, demoHost }) => {
    const { messages } = await demoHost.call("messages.search", { limit: 3 });
    const uuids = messages.map(({ message_uuid }) => message_uuid);
    const page = await open(demoHost, "/messages");
    await expect(messageRow(page, 2)).toBeVisible();
    const openedIs = (index: number) => expect(page).toHaveURL(new RegExp(`message=${uuids[index]}`));
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await openedIs(1);
    await page.keyboard.press("j");
    await openedIs(2);
    await page.keyboard.press("k");
    await page.keyboard.press("k");
    await openedIs(0);
    await page.keyboard.press("Escape");
    await expect(page).not.toHaveURL(/message=/);
    await page.keyboard.press("/");
    await expect(page.getByRole("combobox", { name: "Search messages" })).toBeFocused();
  });

  test("the table scrolls to the very last message", async ({ open, demoHost }) => {
    const count = await countOf(demoHost, "");
    const { messages } = await demoHost.call("messages.window", { offset: count - 1, limit: 1 });
    const page = await open(demoHost, "/messages");
    await expectMessages(page, count);
    await messagesGrid(page).focus();
    await page.keyboard.press("End");
    await expect(messageRow(page, count - 1)).toBeVisible();
    await expect(messageRow(page, count - 1)).not.toHaveAttribute("aria-busy");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`message=${messages[0]?.message_uuid}`));
  });

  test("a shared link shows the same search and message", async ({ open, context, demoHost }) => {
    const q = "channel:sms status:failed";
    const { messages } = await demoHost.call("messages.search", { q, limit: 2 });
    const message = messages[1];
    const page = await open(demoHost, `/messages?${new URLSearchParams({ q })}`);
    await messageRow(page, 1).click();
    const recipient = message?.destination_subject_ids[0] ?? "";
    await expect(page.getByRole("dialog", { name: recipient })).toBeVisible();

    const link = page.url();
    const other = await demoHost.openWindow(context);
    await other.goto(link);
    await expect(other.getByRole("dialog", { name: recipient })).toBeVisible();
    await expectMessages(other, await countOf(demoHost, q));
  });

  test("columns are chosen and stay so", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/messages");
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Template" }).click();
    await page.getByRole("menuitemcheckbox", { name: "UUID" }).click();
    await page.keyboard.press("Escape");
    const header = messagesGrid(page).getByRole("columnheader");
    await expect(header.filter({ hasText: "UUID" })).toBeVisible();
    await expect(header.filter({ hasText: "Template" })).toBeHidden();
    await page.reload();
    await expect(header.filter({ hasText: "UUID" })).toBeVisible();
    await expect(header.filter({ hasText: "Template" })).toBeHidden();
  });
});
