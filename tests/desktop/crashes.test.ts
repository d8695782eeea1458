import { newId } from "../../src-shared/new-id.ts";
import { expect, type Page, test } from "./support/fixtures.ts";
import type { StandIn } from "./support/stand-in.ts";

const OFTEN = 3;

async function ready(app: StandIn): Promise<Page> {
  const page = await app.page();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  return page;
}

async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent("crash");
  const session = await page.context().newCDPSession(page);
  session.send("Page.crash").catch(() => undefined);
  await crashed;
}

/** Gives the page that takes the place of one that crashed. */
async function successor(app: StandIn, old: Page): Promise<Page> {
  await expect.poll(async () => (await app.page()) !== old).toBe(true);
  return ready(app);
}

/** Crashes the window until the app loads it no more by itself. Gives the last page. */
async function crashAgainAndAgain(app: StandIn): Promise<Page> {
  let page = await ready(app);
  for (let times = 1; times < OFTEN; times += 1) {
    await crash(page);
    page = await successor(app, page);
  }
  await crash(page);
  return page;
}

test("the window is loaded anew after a crash, with a notice, and logging goes on", async ({ start }) => {
  const app = await start();
  await crash(await ready(app));
  await app.log({ content_preview: "while there was no page" });
  const notice = async () =>
    (await app.page())
      .getByText("The window stopped working and was loaded anew")
      .count()
      .catch(() => 0);
  await expect.poll(notice).toBeGreaterThan(0);
});

test.describe("a window that crashes again and again is asked about", () => {
  const QUESTION = "The window stops working again and again";

  test("and loaded once more, or left for the tray, while logging goes on", async ({ start }) => {
    const app = await start();
    await app.order("answer", [0, 1]);
    const page = await successor(app, await crashAgainAndAgain(app));
    expect((await app.order("state", null)).dialogs).toEqual([QUESTION]);

    await crash(page);
    await expect.poll(async () => (await app.order("state", null)).dialogs).toEqual([QUESTION, QUESTION]);
    await expect.poll(async () => (await app.order("state", null)).windows[0]?.visible).toBe(false);
    await app.log({ content_preview: "without a window" });
    expect(await app.stop(), app.told).toBe(0);
  });

  test("and the program quits where the operator says so", async ({ start }) => {
    const app = await start();
    await app.order("answer", [2]);
    await crashAgainAndAgain(app);
    expect(await app.ended(), app.told).toBe(0);
  });
});

for (const thread of ["ledger-writer", "ledger-reader"]) {
  test(`the ${thread} thread is started again after a crash, with nothing lost that was accepted`, async ({
    start,
  }) => {
    const app = await start();
    const page = await ready(app);
    const token = await app.token();
    const accepted: string[] = [];
    const send = async (): Promise<void> => {
      const uuids = Array.from({ length: 10 }, () => newId());
      const response = await fetch(`${app.apiUrl}/messages`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(uuids.map((message_uuid) => ({ message_uuid }))),
      });
      if (response.status === 202) accepted.push(...uuids);
    };
    let going = true;
    const senders = Array.from({ length: 3 }, async () => {
      while (going) await send();
    });
    for (let crashes = 0; crashes < 2; crashes += 1) {
      const before = accepted.length;
      await expect.poll(() => accepted.length).toBeGreaterThan(before + 50);
      expect(await app.order("crashThread", thread)).toBe(true);
    }
    const after = accepted.length;
    await expect.poll(() => accepted.length).toBeGreaterThan(after + 50);
    going = false;
    await Promise.all(senders);

    const stored = async () => (await app.call("messages.count", {})).count;
    await expect.poll(() => stored().catch(() => 0)).toBeGreaterThanOrEqual(accepted.length);
    for (const message_uuid of [accepted.at(0), accepted.at(after - 1), accepted.at(-1)]) {
      const { message } = await app.call("messages.get", { message_uuid: message_uuid ?? "" });
      expect(message.message_uuid).toBe(message_uuid);
    }
    // The window goes on as well.
    await page.goto("https://waybill.app.test/health");
    await expect(page.getByRole("heading", { name: "Healthy" })).toBeVisible();
    expect(await app.stop(), app.told).toBe(0);
  });
}
