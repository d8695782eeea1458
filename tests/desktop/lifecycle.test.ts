import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../src-shared/new-id.ts";
import { expect, test } from "./support/fixtures.ts";

test.describe("closing the window", () => {
  test("is asked about once, and then goes on logging in the tray", async ({ start }) => {
    const app = await start();
    await expect.poll(async () => (await app.order("state", null)).windows[0]?.visible).toBe(true);
    await app.order("answer", [0]);
    await app.order("closeWindow", null);
    await expect.poll(async () => (await app.order("state", null)).windows[0]?.visible).toBe(false);
    await app.log({ content_preview: "while it was closed" });

    await app.order("click", { menu: "tray", id: "open" });
    await app.order("closeWindow", null);
    const { dialogs, windows } = await app.order("state", null);
    expect(dialogs).toEqual(["Keep logging when the window is closed?"]);
    expect(windows).toMatchObject([{ visible: false }]);
  });

  test("can be given up", async ({ start }) => {
    const app = await start();
    await expect.poll(async () => (await app.order("state", null)).windows[0]?.visible).toBe(true);
    await app.order("answer", [2]);
    await app.order("closeWindow", null);
    await expect.poll(async () => (await app.order("state", null)).dialogs.length).toBe(1);
    expect((await app.order("state", null)).windows).toMatchObject([{ visible: true }]);
  });

  test("may quit, by the operator's choice", async ({ start }) => {
    const app = await start();
    await app.page();
    await app.order("answer", [1]);
    await app.order("closeWindow", null);
    expect(await app.ended()).toBe(0);
  });
});

test("quitting settles what is in flight: every record that was answered for is there", async ({ start }) => {
  const app = await start({ args: ["--hidden"] });
  await expect.poll(() => app.call("messages.count", {}).catch(() => null)).toMatchObject({ count: 0 });
  const token = await app.token();
  const accepted: string[] = [];
  const send = async (): Promise<void> => {
    const uuids = Array.from({ length: 20 }, () => newId());
    const response = await fetch(`${app.apiUrl}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(uuids.map((message_uuid) => ({ message_uuid }))),
    });
    if (response.status === 202) accepted.push(...uuids);
  };
  const senders = Array.from({ length: 4 }, async () => {
    for (let round = 0; round < 200; round += 1) await send();
  });
  await expect.poll(() => accepted.length).toBeGreaterThan(100);
  await app.order("click", { menu: "tray", id: "quit" });
  await Promise.allSettled(senders);
  expect(await app.ended()).toBe(0);

  const again = await start({ args: ["--hidden"] });
  await expect
    .poll(() => again.call("messages.count", {}).catch(() => null))
    .toMatchObject({ count: expect.any(Number) });
  const { count } = await again.call("messages.count", {});
  expect(count).toBeGreaterThanOrEqual(accepted.length);
  const last = accepted.at(-1) ?? "";
  expect(await again.call("messages.get", { message_uuid: last })).toMatchObject({
    message: { message_uuid: last },
  });
});

test("a second start brings the first one to the front, with what it was started for", async ({
  start,
  dataDir,
}) => {
  const app = await start();
  const page = await app.page();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const second = await start({ args: ["waybill://session/no-such-session"] });
  expect(await second.ended()).toBe(0);
  await expect(page).toHaveURL("https://waybill.app.test/sessions/no-such-session");

  await writeFile(join(dataDir, "..", "people.csv"), "to,text\nanna,Hello\n");
  const third = await start({ args: ["people.csv"], cwd: join(dataDir, "..") });
  expect(await third.ended()).toBe(0);
  await expect(page.getByRole("dialog", { name: "Import messages" })).toContainText("people.csv");
  expect((await app.order("state", null)).windows).toHaveLength(1);
});

test("a link that starts it opens its message", async ({ start }) => {
  const uuid = newId();
  const app = await start({ args: [`waybill://message/${uuid}`] });
  await expect(await app.page()).toHaveURL(`https://waybill.app.test/messages?message=${uuid}`);
  // macOS tells links and files by events.
  await app.order("emit", { event: "open-url", args: ["waybill://session/s-1"] });
  await expect(await app.page()).toHaveURL("https://waybill.app.test/sessions/s-1");
  await app.order("emit", { event: "open-url", args: ["waybill://elsewhere/s-2"] });
  await app.order("emit", { event: "open-url", args: ["https://example.com/"] });
  await expect(await app.page()).toHaveURL("https://waybill.app.test/sessions/s-1");
});

test("the end of the session ends it in order", async ({ start }) => {
  const app = await start();
  await app.page();
  await app.order("power", "shutdown");
  expect(await app.ended()).toBe(0);
});
