import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../src-shared/new-id.ts";
import { HOUR_MS, MINUTE_MS } from "../../src-shared/time.ts";
import { expect, test } from "./support/fixtures.ts";
import { canMount, type SmallDisk, withSmallDisk } from "./support/small-disk.ts";
import type { StandIn } from "./support/stand-in.ts";

/** The app looks once a minute: after so long it does so once. */
async function look(app: StandIn, ms = MINUTE_MS): Promise<void> {
  await app.order("passTime", ms);
  // The thread that forwards says now and then that it is alive: after a jump it has to say so again.
  const { state } = (await app.call("sync.status", {})).sinks[0] ?? {};
  if (state !== "off") await expectRetrying(app);
  await app.order("comeRound", MINUTE_MS);
}

async function expectRetrying(app: StandIn): Promise<void> {
  await expect.poll(async () => (await app.call("sync.status", {})).sinks[0]?.state).toBe("retrying");
}

async function titles(app: StandIn): Promise<string[]> {
  return (await app.order("state", null)).notifications.map(({ title }) => title);
}

/** What would have been told is told by now: the app has answered to what was asked after it looked. */
async function expectNothingMore(app: StandIn, known: number): Promise<void> {
  for (const name of ["health.get", "stats.quick"] as const) await app.call(name, {});
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await titles(app)).toHaveLength(known);
}

function records(count: number, status: "failed" | "sent") {
  return Array.from({ length: count }, () => ({ message_uuid: newId(), status, channel: "email" as const }));
}

test("a sink that is down is told once, and leads to the page Sync", async ({ start, dataDir }) => {
  await mkdir(dataDir);
  // Nothing listens there.
  await writeFile(join(dataDir, ".env"), "RABBITMQ_URL=amqp://ops:secret@127.0.0.1:1\n", { mode: 0o600 });
  const app = await start({ args: ["--hidden"] });
  await app.listening();
  await app.log({ content_preview: "for the broker" });
  await expectRetrying(app);
  await expect(async () => {
    // A sink may take the jump of the clock for sleep, and begin to count anew.
    await look(app);
    await expect.poll(() => titles(app), { timeout: 2_000 }).toEqual(["RabbitMQ can't be reached"]);
  }).toPass();
  const [told] = (await app.order("state", null)).notifications;
  expect(told?.body).toContain("Nothing is lost");
  expect(JSON.stringify(told)).not.toContain("secret");
  for (let times = 0; times < 3; times += 1) await app.order("comeRound", MINUTE_MS);
  await expectNothingMore(app, 1);

  await app.order("clickNotification", 0);
  await expect(await app.page()).toHaveURL("https://waybill.app.test/sync");
});

test("many failures are told when they begin, and again after an hour at the earliest", async ({ start }) => {
  const app = await start({ args: ["--hidden"] });
  await app.listening();
  const rate = /^\d+ % of the messages of the last hour failed$/;
  await app.log(...records(15, "failed"));
  await look(app);
  // Of so few messages a rate says little.
  await expectNothingMore(app, 0);
  await app.log(...records(15, "failed"));
  await look(app);
  await expect.poll(() => titles(app)).toEqual([expect.stringMatching(rate)]);

  // They end, and begin anew within the hour.
  await app.log(...records(300, "sent"));
  await look(app);
  await expectNothingMore(app, 1);
  await app.log(...records(200, "failed"));
  await look(app);
  await expectNothingMore(app, 1);
  await look(app, HOUR_MS);
  await app.log(...records(30, "failed"));
  await look(app);
  await expect.poll(() => titles(app)).toEqual([expect.stringMatching(rate), expect.stringMatching(rate)]);
});

if (canMount) {
  test("a disk that is almost full is told once", async ({ start }) => {
    await withSmallDisk(64 * 1024 * 1024, async ({ folder }: SmallDisk) => {
      const app = await start({ dataDir: folder, cwd: folder, args: ["--hidden"] });
      await app.listening();
      await look(app);
      await expectNothingMore(app, 0);
      await writeFile(join(folder, "something-else"), Buffer.alloc(52 * 1024 * 1024));
      await look(app);
      await expect.poll(() => titles(app)).toEqual(["The disk is almost full"]);
      await look(app);
      await expectNothingMore(app, 1);
      await app.stop();
    });
  });
}
