import type { Connection } from "rabbitmq-client";
import { bury } from "../support/bury.ts";
import { connectionTo } from "../support/publish.ts";
import { hasRabbitMq, type RabbitMq, startRabbitMq } from "../support/rabbitmq.ts";
import { expectAccessible } from "./support/axe.ts";
import { expect, test } from "./support/fixtures.ts";
import { SYNC_MS, writeSecrets } from "./support/forwarding.ts";

const QUEUE = "log_queue";
const REASON = 'PostgreSQL refuses it: value "9000000000" is out of range for type integer (22003).';
const body = (number: number): string =>
  `{"session_id": ${number}, "event_type": "user_action", "payload": {"button": "send", "revision": 9000000000}}`;

test.describe("dead messages", () => {
  test.describe.configure({ timeout: SYNC_MS });
  test.skip(!hasRabbitMq, "RabbitMQ is not installed");
  let rabbit: RabbitMq;
  let connection: Connection;
  test.beforeAll(async () => {
    rabbit = await startRabbitMq();
    connection = connectionTo(rabbit);
  });
  test.afterAll(async () => {
    await connection?.close();
    await rabbit?.stop();
  });

  async function waiting(queue: string): Promise<number> {
    return (await connection.queueDeclare({ queue, passive: true })).messageCount;
  }

  test("are shown with the reason, looked at, brought back and dropped", async ({ start, open, folder }) => {
    await writeSecrets(folder, { RABBITMQ_URL: rabbit.url });
    const bodies = Array.from({ length: 60 }, (_, index) => body(index));
    await bury(connection, QUEUE, bodies, REASON);
    await bury(connection, "orders", ['{"order":7'], "The body is not JSON in UTF-8.");
    const host = await start(folder);
    const page = await open(host, "/sync");
    const card = page.getByRole("region", { name: "Dead messages" });
    const rows = card.getByRole("row");
    await expect(rows).toHaveCount(51);
    await expect(rows.nth(1)).toContainText('{"session_id": 0, "event_type": "user_action"');
    await expect(rows.nth(1)).toContainText(`straight to ${QUEUE}, 101 B`);
    await expect(rows.nth(1)).toContainText(REASON);
    await expect(card.getByText("The oldest 50 of 60.")).toBeVisible();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page);
    }
    await page.setViewportSize({ width: 390, height: 780 });
    await expect(rows.nth(1).getByText(REASON).first()).toBeVisible();
    await expectAccessible(page);
    await page.setViewportSize({ width: 1440, height: 900 });
    await card.getByRole("button", { name: "Show more" }).click();
    await expect(rows).toHaveCount(61);
    await expect(card.getByText(/The oldest/)).toHaveCount(0);

    await rows
      .nth(2)
      .getByRole("button", { name: /^Look at/ })
      .click();
    const look = page.getByRole("dialog", { name: `A dead message of ${QUEUE}` });
    await expect(look.getByText(REASON)).toBeVisible();
    await expect(look.getByRole("region", { name: "body" })).toHaveText(body(1));
    await expectAccessible(page);
    await look.getByRole("button", { name: "Retry" }).click();
    await expect(page.getByText(`1 message back in ${QUEUE}`, { exact: true })).toBeVisible();
    await expect(look).toBeHidden();
    await expect(rows).toHaveCount(60);
    expect(await waiting(QUEUE)).toBe(1);

    await rows.nth(1).getByRole("checkbox").check();
    await rows.nth(2).getByRole("checkbox").check();
    await card.getByRole("button", { name: "Drop 2 selected…" }).click();
    const question = page.getByRole("alertdialog", { name: "Drop 2 dead messages?" });
    await expect(question).toContainText("Waybill keeps no copy");
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(rows).toHaveCount(60);
    await card.getByRole("button", { name: "Drop 2 selected…" }).click();
    await question.getByRole("button", { name: "Drop", exact: true }).click();
    await expect(page.getByText("2 messages dropped", { exact: true })).toBeVisible();
    await expect(rows).toHaveCount(58);
    await expect(rows.nth(1)).toContainText('"session_id": 3,');

    // What the host does not know of is asked for by its name.
    await card.getByRole("textbox", { name: "Another queue" }).fill("nowhere.dead");
    await card.getByRole("button", { name: "Look there, too" }).click();
    await expect(card.getByText("No message of nowhere is dead.")).toBeVisible();
    await card.getByRole("textbox", { name: "Another queue" }).fill("orders");
    await card.getByRole("button", { name: "Look there, too" }).click();
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(1)).toContainText('{"order":7');
    await card.getByRole("radio", { name: `${QUEUE} 57` }).click();
    await expect(rows).toHaveCount(51);

    await card.getByRole("button", { name: "Retry all 57" }).click();
    await expect(page.getByText(`57 messages back in ${QUEUE}`, { exact: true })).toBeVisible();
    expect([await waiting(QUEUE), await waiting(`${QUEUE}.dead`)]).toEqual([58, 0]);
    await expect(rows.nth(1)).toContainText('{"order":7');
    await card.getByRole("button", { name: "Drop all 1…" }).click();
    const all = page.getByRole("alertdialog", { name: "Drop all dead of orders?" });
    await expect(all.getByRole("button", { name: "Drop", exact: true })).toBeDisabled();
    await all.getByRole("textbox").fill("drop");
    await all.getByRole("button", { name: "Drop", exact: true }).click();
    await expect(card.getByText("No message is dead")).toBeVisible();
    expect(await waiting("orders.dead")).toBe(0);
  });

  test("say that the broker is away, and are there when it is back", async ({ start, open, folder }) => {
    await writeSecrets(folder, { RABBITMQ_URL: rabbit.url });
    await bury(connection, QUEUE, [body(1)], REASON);
    const host = await start(folder);
    const page = await open(host, "/sync");
    const card = page.getByRole("region", { name: "Dead messages" });
    await expect(card.getByRole("row")).toHaveCount(2);
    await rabbit.kill9();
    await card.getByRole("button", { name: "Retry all 1" }).click();
    await expect(card.getByRole("alert")).toContainText("refuses connections");
    await page.reload();
    await expect(card.getByText(/127\.0\.0\.1 refuses connections/)).toBeVisible();
    await rabbit.restart();
    await card.getByRole("button", { name: "Try again" }).click();
    await expect(card.getByRole("row")).toHaveCount(2);
  });
});
