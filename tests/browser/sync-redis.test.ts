import { hasRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { expectAccessible } from "./support/axe.ts";
import { expect, test } from "./support/fixtures.ts";
import { SYNC_MS, writeSecrets } from "./support/forwarding.ts";

test.describe("sync with what comes from Redis", () => {
  test.describe.configure({ timeout: SYNC_MS });
  test.skip(!hasRedis, "Redis is not installed");
  let redis: RedisServer;
  test.beforeAll(async () => {
    redis = await startRedis();
  });
  test.afterAll(() => redis?.stop());

  test("tells what is taken in, put aside and waits, and why nothing is", async ({ start, open, folder }) => {
    const names = { REDIS_QUEUE: "MESSAGES", REDIS_STREAM: "events" };
    await writeSecrets(folder, { REDIS_URL: redis.url, ...names });
    const turn = '{"user_id":7,"message":"Hello","response":"Hi","timestamp":"2026-01-01T10:00:00"}';
    redis.cli("rpush", "MESSAGES", turn, turn, "no json");
    const host = await start(folder);
    const page = await open(host, "/sync");
    const card = page.getByRole("region", { name: "Taken in from Redis" });
    const list = card.getByRole("listitem").filter({ hasText: "MESSAGES" });
    await expect(list.getByText("Running")).toBeVisible();
    await expect(list.getByText("2 since the host started, 1 of them known already")).toBeVisible();
    await expect(list.getByText("1 in MESSAGES:dead")).toBeVisible();
    await expect(card.getByRole("listitem").filter({ hasText: "a stream" })).toContainText("events");

    await redis.kill9();
    await expect(list.getByText("Waiting", { exact: true })).toBeVisible();
    await expect(list.getByRole("status")).toContainText(/127\.0\.0\.1 .*tried again by itself/);
    await expect(list.getByText("not known now")).toBeVisible();
    await expect(card).not.toContainText(redis.password);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page);
    }
    await page.setViewportSize({ width: 390, height: 780 });
    await expectAccessible(page);
    await redis.restart();
    await expect(list.getByText("Running")).toBeVisible();
    await expect(list.getByText("Last error")).toBeVisible();
  });
});
