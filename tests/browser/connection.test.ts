import { expect, test } from "./support/fixtures.ts";
import { startHost } from "./support/host.ts";
import { openPage } from "./support/open-page.ts";

test.describe("sign-in", () => {
  test("the printed link opens the UI once", async ({ page, browser, host }) => {
    await page.goto(host.link);
    await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
    await expect(page).toHaveURL(`${host.url}/`);

    const stranger = await browser.newPage();
    await stranger.goto(host.link);
    await expect(stranger.getByText("This link was used already or is too old.")).toBeVisible();
    await stranger.getByLabel("Or paste the API token").fill(host.token);
    await stranger.getByRole("button", { name: "Open Waybill" }).click();
    await expect(stranger.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
    await stranger.close();
  });

  test("without the link, the token opens the page that was asked for", async ({ page, host }) => {
    await page.goto(`${host.url}/health`);
    await expect(page.getByRole("heading", { name: "Sign in to Waybill" })).toBeVisible();
    await page.getByLabel("API token").fill("not the token");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByText(/not this host's token/)).toBeVisible();
    await page.getByLabel("API token").fill(host.token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Health", level: 1 })).toBeVisible();
  });
});

test("a host that goes down is said so, and when it is back the page goes on", async ({ page, host }) => {
  await openPage(page, host, "/health");
  await host.stop();
  await expect(page.getByText("The host does not answer.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Host unreachable" })).toBeVisible();

  const back = await startHost(host.dataDir, Number(new URL(host.url).port));
  try {
    await expect(page.getByText("The host does not answer.")).toBeHidden({ timeout: 30_000 });
    await expect(page.getByRole("link", { name: "Healthy" })).toBeVisible();
    await back.call("systemLogs.add", { component: "tests", message: "Said after the return" });
    await page.getByRole("link", { name: "System log" }).click();
    await expect(page.getByRole("button", { name: /Said after the return/ })).toBeVisible();
  } finally {
    await back.stop();
  }
});
