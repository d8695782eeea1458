import { once } from "node:events";
import { createServer } from "node:net";
import { expectAccessible } from "../browser/support/axe.ts";
import { expect, test } from "./support/fixtures.ts";

const SETTINGS = "https://waybill.app.test/settings";

test("the desktop's own settings hold, are kept, and follow the menu", async ({ start }) => {
  const app = await start();
  const page = await app.page();
  await page.goto(SETTINGS);
  const section = page.getByRole("region", { name: "Desktop app" });
  const save = section.getByRole("button", { name: "Save" });
  await expect(section.getByLabel("Start at login")).toBeVisible();
  await expect(section.getByText("This runs from a checkout")).toBeVisible();
  await expectAccessible(page);

  await section.getByLabel("When the window is closed").click();
  await page.getByRole("option", { name: "Keep logging, in the tray" }).click();
  await section.getByLabel("the disk is almost full").click();
  await section.getByLabel("Take records over HTTP").click();
  await section.getByLabel("Too many are more than").fill("7");
  await save.click();
  await expect(save).toBeDisabled();
  await expect.poll(() => app.order("labels", "application")).toContain("The HTTP API is off");
  await expect(page.getByText("The HTTP API does not answer: switch it on")).toBeVisible();

  await app.order("click", { menu: "application", id: "http-api", checked: true });
  await expect(section.getByText(`send them to ${app.apiUrl}`)).toBeVisible();
  await page.reload();
  await expect(section.getByLabel("Too many are more than")).toHaveValue("7");
  await expect(section.getByLabel("the disk is almost full")).not.toBeChecked();
  await expect(section.getByLabel("When the window is closed")).toContainText("Keep logging");
});

test("a port that is none is refused, and one that is taken is told", async ({ start }) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const app = await start();
  const page = await app.page();
  await page.goto(SETTINGS);
  const section = page.getByRole("region", { name: "Desktop app" });
  const field = section.getByLabel("Port of the HTTP API");
  await field.fill("99999");
  await expect(section.getByText("Write a port from 1 to 65535.")).toBeVisible();
  await expect(section.getByRole("button", { name: "Save" })).toBeDisabled();
  await field.fill(String(port));
  await section.getByRole("button", { name: "Save" }).click();
  await expect(section.getByText(`Port ${port} is taken by another program`)).toBeVisible();
  await page.setViewportSize({ width: 390, height: 900 });
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
  server.close();
});
