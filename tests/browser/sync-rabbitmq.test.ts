import { Connection, type Consumer } from "rabbitmq-client";
import { newId } from "../../src-shared/new-id.ts";
import { hasRabbitMq, type RabbitMq, startRabbitMq } from "../support/rabbitmq.ts";
import { expectAccessible } from "./support/axe.ts";
import { expect, test } from "./support/fixtures.ts";
import { card, expectSum, messages, SYNC_MS, writeSecrets } from "./support/forwarding.ts";

const QUEUES = ["message_storage", "message_processing"] as const;
const LATE = newId();
const SETTLED_MS = 5_000;

test.describe("sync with RabbitMQ", () => {
  test.describe.configure({ timeout: SYNC_MS });
  test.skip(!hasRabbitMq, "RabbitMQ is not installed");
  let rabbit: RabbitMq;
  test.beforeAll(async () => {
    rabbit = await startRabbitMq();
  });
  test.afterAll(() => rabbit?.stop());

  test("shows an outage and the recovery as they happen, and never the password", async ({
    start,
    open,
    pageOf,
    folder,
  }) => {
    await writeSecrets(folder, { RABBITMQ_URL: rabbit.url });
    const host = await start(folder);
    const answers = await host.listen(await pageOf(host));
    try {
      await host.log(...messages(20));
      const page = await open(host, "/sync");
      const sink = card(page, "RabbitMQ");
      const state = page.getByRole("banner").getByRole("link", { name: /Forwarding|RabbitMQ/ });
      await expect(sink.getByText("Up to date")).toBeVisible();
      await expectSum(page, "RabbitMQ", { accepted: 20, delivered: 20, waiting: 0, parked: 0 });
      await expect(state).toHaveText("Forwarding: up to date");
      await expect(page.getByText("No outage so far")).toBeVisible();

      // A quorum queue of RabbitMQ 3.10 whose broker is killed within its first seconds may stay broken for good, being
      // half on the disk. This test is about the sink, and leaves the broker the time.
      await page.waitForTimeout(SETTLED_MS);
      await rabbit.kill9();
      const [late] = messages(1);
      await host.log({ ...late, message_uuid: LATE }, ...messages(29));
      await expect(sink.getByText("Out of reach")).toBeVisible();
      await expect(sink.getByRole("status").first()).toContainText("refuses connections");
      await expect(sink.getByText(/^It tries again (in \d+(\.\d)? s|right now)/)).toBeVisible();
      await expectSum(page, "RabbitMQ", { accepted: 50, delivered: 20, waiting: 30, parked: 0 });
      await expect(sink.getByText(/^accepted/).last()).toBeVisible();
      await expect(state).toHaveText("RabbitMQ is out of reach, 30 waiting");
      const outages = page.getByRole("list", { name: "Outages, newest first" });
      await expect(outages.getByRole("listitem")).toHaveCount(1);
      await expect(outages.getByText("Lasts")).toBeVisible();
      await expect(page.getByText("RabbitMQ can't be asked now.")).toBeVisible();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page);
      }
      await page.setViewportSize({ width: 390, height: 780 });
      await expectAccessible(page);
      await expect(state).toHaveAccessibleName("RabbitMQ is out of reach, 30 waiting");
      await page.setViewportSize({ width: 1440, height: 900 });

      // From every page, and in the message itself.
      await open(host, `/messages?message=${LATE}`);
      const drawer = page.getByRole("dialog");
      await expect(drawer.getByRole("heading", { name: "Forwarding" })).toBeVisible();
      await expect(drawer.getByText("Waiting", { exact: true })).toBeVisible();

      await page.keyboard.press("Escape");
      await state.click();
      await rabbit.restart();
      const now = sink.getByRole("button", { name: "Try now" });
      await expect(async () => {
        // It may have tried by itself meanwhile.
        if (await now.isVisible()) await now.click({ timeout: 1_000 });
        await expect(sink.getByText("Up to date")).toBeVisible({ timeout: 5_000 });
      }).toPass({ timeout: 0.75 * SYNC_MS });
      await expectSum(page, "RabbitMQ", { accepted: 50, delivered: 50, waiting: 0, parked: 0 });
      await expect(outages.getByText("Over")).toBeVisible();
      await expect(sink.getByText("Last error")).toBeVisible();
      await expect(state).toHaveText("Forwarding: up to date");

      await open(host, `/messages?message=${LATE}`);
      await expect(drawer.getByText("Delivered", { exact: true })).toBeVisible();

      const { password } = rabbit.user;
      for (const secret of [password, encodeURIComponent(password)]) {
        expect((await answers()).filter((text) => text.includes(secret))).toEqual([]);
      }
    } finally {
      await host.stop();
    }
  });

  test("pauses, resumes, sends a period again, and tells how the queues are", async ({
    start,
    open,
    folder,
  }) => {
    await writeSecrets(folder, { RABBITMQ_URL: rabbit.url });
    const host = await start(folder);
    const connection = new Connection({
      hostname: "127.0.0.1",
      port: rabbit.port,
      username: rabbit.user.name,
      password: rabbit.user.password,
    });
    const consumers: Consumer[] = [];
    const ids = Array.from({ length: 7 }, () => newId());
    const sent = ids.map((message_uuid) => ({ message_uuid, channel: "email" }));
    try {
      const page = await open(host, "/sync");
      const sink = card(page, "RabbitMQ");
      const queues = page.getByRole("region", { name: "RabbitMQ's queues" });
      await host.log(...sent.slice(0, 3));
      await expectSum(page, "RabbitMQ", { accepted: 3, delivered: 3, waiting: 0, parked: 0 });
      await expect(queues.getByText("Alarm: nobody reads it")).toHaveCount(2);

      await sink.getByRole("button", { name: "Pause…" }).click();
      const question = page.getByRole("alertdialog", { name: "Pause RabbitMQ?" });
      await expect(question).toContainText("Records are still accepted and kept");
      await question.getByRole("button", { name: "Pause", exact: true }).click();
      await expect(question).toBeHidden();
      await expect(sink.getByText("Paused", { exact: true })).toBeVisible();
      await host.log(...sent.slice(3));
      await expectSum(page, "RabbitMQ", { accepted: 7, delivered: 3, waiting: 4, parked: 0 });
      await sink.getByRole("button", { name: "Resume" }).click();
      await expectSum(page, "RabbitMQ", { accepted: 7, delivered: 7, waiting: 0, parked: 0 });

      await sink.getByRole("button", { name: "Send a period again…" }).click();
      const dialog = page.getByRole("dialog", { name: "Send a period to RabbitMQ again" });
      await expect(dialog).toContainText("consumers that look at message_id know it");
      await dialog.getByLabel("Until").fill("2020-01-01T00:00:00");
      await expect(dialog.getByText("It is before the beginning.")).toBeVisible();
      await expectAccessible(page);
      await dialog.getByLabel("Until").fill("");
      await dialog.getByRole("button", { name: "Send again" }).click();
      await expect(page.getByText("7 changes on the way once more", { exact: true })).toBeVisible();

      const got: string[] = [];
      for (const queue of QUEUES) {
        const take = ({ messageId = "" }) => void got.push(`${queue} ${messageId}`);
        consumers.push(connection.createConsumer({ queue, queueOptions: { passive: true } }, take));
      }
      const twice = QUEUES.flatMap((queue) => ids.flatMap((id) => [`${queue} ${id}:1`, `${queue} ${id}:1`]));
      // The broker may hold what another test sent.
      const ours = () => got.filter((one) => twice.includes(one)).toSorted();
      await expect.poll(ours).toEqual(twice.toSorted());
      await expect(queues.getByText("Good", { exact: true })).toHaveCount(2);
      await expect(queues.getByText("0 waiting, 1 consumer")).toHaveCount(2);
      await sink.getByRole("button", { name: "Test connection to RabbitMQ" }).click();
      await expect(sink.getByText("It works.")).toBeVisible();
    } finally {
      for (const consumer of consumers) await consumer.close();
      await connection.close();
      await host.stop();
    }
  });
});
