import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startRabbitMq } from "../support/rabbitmq.ts";
import { expectAccessible } from "./support/axe.ts";
import { expect, test } from "./support/fixtures.ts";
import { startHost } from "./support/host.ts";
import { openPage } from "./support/open-page.ts";

test("with nothing connected: says how to, and the frame stays quiet", async ({ page, demoHost }) => {
  await openPage(page, demoHost, "/sync");
  const rabbit = page.getByRole("region", { name: "RabbitMQ" });
  await expect(rabbit.getByText("Not connected")).toBeVisible();
  await expect(rabbit.getByText(/RABBITMQ_URL=amqp:/)).toBeVisible();
  await expect(page.getByRole("banner").getByRole("link", { name: /RabbitMQ|Forwarding/ })).toHaveCount(0);
  await rabbit.getByRole("button", { name: "Test connection" }).click();
  await expect(rabbit.getByText("RABBITMQ_URL is not set")).toBeVisible();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
    await expectAccessible(page);
  }
});

test("shows a real outage and its end, what waits, and what the broker will never take", async ({
  page,
  folder,
}) => {
  test.setTimeout(180_000);
  const broker = await startRabbitMq();
  try {
    await writeFile(join(folder, ".env"), `RABBITMQ_URL=${broker.url}\n`);
    const host = await startHost(folder);
    try {
      await host.log({ channel: "email" }, { channel: "x".repeat(300) });
      await openPage(page, host, "/sync");
      const rabbit = page.getByRole("region", { name: "RabbitMQ" });
      const state = page.getByRole("banner").getByRole("link", { name: /RabbitMQ|Forwarding/ });
      await expect(rabbit.getByText("Up to date")).toBeVisible({ timeout: 20_000 });
      await expect(state).toContainText("1 parked");

      await broker.kill9();
      await host.log({ channel: "sms" }, { channel: "sms" }, { channel: "sms" });
      await expect(rabbit.getByText("Out of reach")).toBeVisible({ timeout: 20_000 });
      await expect(rabbit.getByText(/refuses connections/).first()).toBeVisible();
      await expect(state).toContainText("RabbitMQ: out of reach");
      await expect(state).toContainText("3 waiting");
      await expectAccessible(page);

      await broker.restart();
      await rabbit.getByRole("button", { name: "Try now" }).click();
      await expect(rabbit.getByText("Up to date")).toBeVisible({ timeout: 60_000 });
      await expect(state).not.toContainText("waiting");
      const outages = page.getByRole("region", { name: "Outages" });
      await expect(outages.getByRole("row")).toHaveCount(2);
      await expect(outages.getByText("still lasts")).toHaveCount(0, { timeout: 20_000 });

      const parked = page.getByRole("region", { name: "Parked" });
      await expect(parked.getByText(/The channel's name is too long/)).toBeVisible();
      await parked.getByRole("button", { name: /^Edit/ }).click();
      const editor = page.getByRole("dialog").getByRole("textbox");
      const body = JSON.parse(await editor.inputValue()) as Record<string, unknown>;
      await editor.fill("{");
      await expect(page.getByRole("dialog").getByRole("alert")).toContainText("not valid JSON");
      await editor.fill(JSON.stringify({ ...body, channel: "long" }));
      await page.getByRole("button", { name: "Save and send" }).click();
      await expect(parked.getByText("Nothing is parked")).toBeVisible({ timeout: 20_000 });

      await rabbit.getByRole("button", { name: "Pause" }).click();
      await expect(rabbit.getByText("Paused", { exact: true })).toBeVisible();
      await rabbit.getByRole("button", { name: "Resume" }).click();
      await expect(rabbit.getByText("Up to date")).toBeVisible({ timeout: 20_000 });
    } finally {
      await host.stop();
    }
  } finally {
    await broker.stop();
  }
});
