import { expect, test } from "./support/fixtures.ts";

type Procedures = Record<string, (input: unknown, callId: number) => Promise<unknown>>;
type Bridge = { procedures: Procedures; giveUp: (callId: number) => void };

test("a read that the page gives up is not made to its end", async ({ start }) => {
  const app = await start();
  const page = await app.page();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const records = Array.from({ length: 1_000 }, (_, index) => ({ message_data: { index } }));
  // Read in several steps.
  for (let list = 0; list < 45; list += 1) await app.call("messages.log", { records });
  const replies = await page.evaluate(() => {
    const { procedures, giveUp } = (globalThis as unknown as { waybill: Bridge }).waybill;
    const count = (callId: number) => procedures["messages.count"]?.({ q: "data.index:7" }, callId);
    const given = [count(1), count(2)];
    giveUp(1);
    return Promise.all(given);
  });
  expect(replies).toMatchObject([
    { ok: false, error: { code: "cancelled" } },
    { ok: true, value: { count: 45 } },
  ]);
});
