import { join } from "node:path";
import { expectAccessible } from "./support/axe.ts";
import { expect, test } from "./support/fixtures.ts";
import { card } from "./support/forwarding.ts";

test.describe("sync, with nothing connected", () => {
  test("says how to connect each sink, with the very lines and the file", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/sync");
    const rabbitmq = card(page, "RabbitMQ");
    await expect(rabbitmq.getByText("Off", { exact: true })).toBeVisible();
    await expect(rabbitmq.getByText("RABBITMQ_URL=amqp://user:password@broker.example")).toBeVisible();
    await expect(rabbitmq.getByText(join(demoHost.dataDir, ".env"), { exact: true })).toBeVisible();
    const supabase = card(page, "Supabase");
    await expect(supabase.getByText("assets/supabase/waybill.sql")).toBeVisible();
    await expect(supabase.getByText(/SUPABASE_KEY=sb_secret/)).toBeVisible();
    await supabase.getByRole("button", { name: "Copy the SQL" }).click();
    await expect(supabase.getByRole("button", { name: "Copied", exact: true })).toBeVisible();

    await rabbitmq.getByRole("button", { name: "Test connection to RabbitMQ" }).click();
    await expect(rabbitmq.getByText("It does not work.")).toBeVisible();
    await expect(rabbitmq.getByText(/RABBITMQ_URL is not set/)).toBeVisible();
    // Nothing to tell in the frame, and no lists that could only be empty.
    await expect(page.getByRole("banner").getByRole("link", { name: /Forwarding|RabbitMQ/ })).toHaveCount(0);
    await expect(page.getByRole("region", { name: "Parked" })).toHaveCount(0);
    await expect(page.getByRole("region", { name: "Dead messages" })).toHaveCount(0);
    await expect(page.getByRole("region", { name: "Taken in from Redis" })).toHaveCount(0);
    await rabbitmq.getByRole("link", { name: "Settings" }).click();
    await expect(page.getByRole("region", { name: "Forwarding" })).toBeVisible();
  });

  test("is found in the palette by what it is about", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("rabbit");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Sync", level: 1 })).toBeVisible();
  });

  test("its settings are checked, saved and tried, and have no room for secrets", async ({ open, host }) => {
    const page = await open(host, "/settings");
    const forwarding = page.getByRole("region", { name: "Forwarding" });
    const rabbitmq = forwarding.getByRole("group", { name: "RabbitMQ" });
    await expect(forwarding.getByText(join(host.dataDir, ".env"), { exact: true })).toBeVisible();
    await expect(forwarding.locator("input[type=password]")).toHaveCount(0);

    const name = rabbitmq.getByRole("textbox", { name: "Host", exact: true });
    await name.fill("amqp://ops@broker");
    await expect(rabbitmq.getByText("Write a name or an address alone")).toBeVisible();
    await expect(forwarding.getByRole("button", { name: "Save" })).toBeDisabled();
    await name.fill("127.0.0.1");
    // Nothing listens there.
    await rabbitmq.getByRole("textbox", { name: "Port" }).fill("1");
    const test = rabbitmq.getByRole("button", { name: "Test connection to RabbitMQ" });
    await expect(test).toBeDisabled();
    await expect(rabbitmq.getByText("Save first")).toBeVisible();
    await expectAccessible(page);

    await forwarding.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Forwarding saved", { exact: true })).toBeVisible();
    await test.click();
    await expect(rabbitmq.getByText(/127\.0\.0\.1 refuses connections on port 1/)).toBeVisible();
    await expect(page.getByRole("link", { name: /RabbitMQ is out of reach/ })).toBeVisible();

    await rabbitmq.getByRole("switch", { name: "Forward to RabbitMQ" }).click();
    await forwarding.getByRole("button", { name: "Save" }).click();
    await expect(rabbitmq.getByText("RabbitMQ is not connected now.")).toBeVisible();
    expect((await host.call("settings.get", {})).sync.rabbitmq).toMatchObject({ enabled: false, port: 1 });
    await open(host, `/sync`);
    await expect(card(page, "RabbitMQ").getByText(/is switched off in the Settings/)).toBeVisible();
  });
});
