import { cp } from "node:fs/promises";
import { test as base, expect } from "./support/fixtures.ts";
import { type HeadlessHost, startHeadless } from "./support/headless-host.ts";
import { sampleFolder } from "./support/make-sample.ts";

const test = base.extend<{ httpHost: HeadlessHost }>({
  httpHost: async ({ folder }, use) => {
    await cp(sampleFolder(), folder, { recursive: true });
    const host = await startHeadless(folder);
    await use(host);
    await host.stop();
  },
});

// A desktop app and its window are one program: there is nothing to sign in to, and no host that is away.
test.describe("sign-in", { tag: "@http" }, () => {
  test("the printed link opens the UI once", async ({ page, browser, httpHost: host }) => {
    await page.goto(host.link);
    await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
    await expect(page).toHaveURL(`${host.pageUrl}/`);

    const stranger = await browser.newPage();
    await stranger.goto(host.link);
    await expect(stranger.getByText("This link was used already or is too old.")).toBeVisible();
    await stranger.getByLabel("Or paste the API token").fill(host.token);
    await stranger.getByRole("button", { name: "Open Waybill" }).click();
    await expect(stranger.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
    await stranger.close();
  });

  test("without the link, the token opens the page that was asked for", async ({ page, httpHost: host }) => {
    await page.goto(`${host.pageUrl}/health`);
    await expect(page.getByRole("heading", { name: "Sign in to Waybill" })).toBeVisible();
    await page.getByLabel("API token").fill("not the token");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByText(/not this host's token/)).toBeVisible();
    await page.getByLabel("API token").fill(host.token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Health", level: 1 })).toBeVisible();
  });
});

test("a host that goes down is said so, and when it is back the page goes on", { tag: "@http" }, async ({
  open,
  httpHost: host,
}) => {
  const page = await open(host, "/health");
  await host.stop();
  await expect(page.getByText("The host does not answer.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Host unreachable" })).toBeVisible();

  const back = await startHeadless(host.dataDir, Number(new URL(host.apiUrl).port));
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
