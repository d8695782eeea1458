import { expect, test } from "./support/fixtures.ts";

test.use({ ledger: "demo" });

const PAGES = [
  ["/", "Overview"],
  ["/messages", "Messages"],
  ["/failures", "Failures"],
  ["/sessions", "Sessions"],
  ["/analytics", "Analytics"],
  ["/compare", "Compare"],
  ["/sync", "Sync"],
  ["/system-log", "System log"],
  ["/health", "Health"],
  ["/settings", "Settings"],
] as const;

test("every page is whole in the window, and none of them complains", async ({ start }) => {
  test.slow();
  const app = await start();
  const page = await app.page();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") troubles.push(message.text());
  });
  for (const [path, title] of PAGES) {
    await page.goto(`https://waybill.app.test${path}`);
    await expect(page).toHaveTitle(`${title} · Waybill`);
    await expect(page.getByRole("main").locator("[aria-busy=true]")).toHaveCount(0);
    await expect(page.getByRole("main").getByRole("alert")).toHaveCount(0);
  }
  expect(troubles).toEqual([]);
});

test("a search, a message in the drawer and the way back work over IPC", async ({ start }) => {
  const app = await start();
  const page = await app.page();
  const { messages } = await app.call("messages.search", { q: "status:failed", limit: 1 });
  await page.goto("https://waybill.app.test/messages?q=status:failed");
  const { count } = await app.call("messages.count", { q: "status:failed" });
  await expect(page.getByText(new RegExp(`\\b${count.toLocaleString("en")}\\b`)).first()).toBeVisible();
  await page.goto(`https://waybill.app.test/messages?message=${messages[0]?.message_uuid}`);
  await expect(page.getByRole("dialog")).toContainText(messages[0]?.error_message ?? "");
});

test("a query that is not valid is told in its own words", async ({ start }) => {
  const app = await start();
  const page = await app.page();
  await page.goto(`https://waybill.app.test/messages?q=${encodeURIComponent("status:nonsense")}`);
  await expect(page.getByText(/nonsense/).first()).toBeVisible();
});
