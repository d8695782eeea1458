import { expect, test } from "./support/fixtures.ts";
import { expectMessages, messageRow } from "./support/messages-grid.ts";

test.use({ ledger: "empty" });

test("messages appear as they are accepted, those that match", async ({ open, host }) => {
  await host.log({ channel: "email", content_preview: "the first" });
  const page = await open(host, "/messages?q=channel:email");
  await expectMessages(page, 1);
  await page.getByRole("button", { name: "Live" }).click();
  await expect(page).toHaveURL(/live=on/);

  await expect(async () => {
    await host.log({ channel: "email", content_preview: "the second" });
    await expect(messageRow(page, 0)).toContainText("the second", { timeout: 2_000 });
  }).toPass();
  await host.log({ channel: "sms", content_preview: "of another channel" });
  await host.log({ channel: "email", content_preview: "the last" });
  await expect(messageRow(page, 0)).toContainText("the last");
  await expect(page.getByText("of another channel")).toBeHidden();
  await expectMessages(page, (await host.call("messages.count", { q: "channel:email" })).count);
});

test("a status that is reported changes the row and the open message", async ({ open, host }) => {
  const message_uuid = "0198c0de-7000-7000-8000-0000000000aa";
  await host.log({ message_uuid, content_preview: "on its way" });
  const page = await open(host, `/messages?live=on&message=${message_uuid}`);
  const drawer = page.getByRole("dialog");
  await expect(drawer).toContainText("on its way");
  await host.call("messages.updateStatus", { message_uuid, status: "sent" });
  await host.call("messages.updateStatus", { message_uuid, status: "delivered" });
  await expect(messageRow(page, 0)).toContainText("Delivered");
  await expect(drawer.getByRole("listitem").filter({ hasText: "Delivered" })).toBeVisible({
    timeout: 20_000,
  });
});
